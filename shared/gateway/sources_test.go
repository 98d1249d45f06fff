package gateway_test

import (
	"context"
	"strings"
	"testing"

	"github.com/facet-bff/facet/shared/discover"
	"github.com/facet-bff/facet/shared/gateway"
	"github.com/facet-bff/facet/shared/identity/access"
)

// A fixed source finds one instance.
type fixed string

func (f fixed) Watch(_ context.Context, tell func([]discover.Instance, error)) {
	tell(discover.At(string(f)), nil)
}

func TestADefinitionBringsSourcesAlong(t *testing.T) {
	def := define("services: {users: {discover: {other: {name: fixed, settings: {url: 'http://users:8080'}}}}}\n", getNothing(access.Public))
	config, err := gateway.Load(def, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gateway.New(def, config, gateway.Options{}); err == nil || !strings.Contains(err.Error(), "services.users.discover.other.name: ") {
		t.Errorf("without it: %v", err)
	}
	def.Sources = map[string]discover.Maker{"fixed": func(settings map[string]string) (discover.Source, error) {
		return fixed(settings["url"]), nil
	}}
	g, err := gateway.New(def, config, gateway.Options{})
	if err != nil {
		t.Fatal(err)
	}
	g.Close()
}
