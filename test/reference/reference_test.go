// Package reference keeps the reference of the configuration true: shared/docs/configuration.md
// is made of the types that are configured, their tags and their comments.
package reference

import (
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/facet-bff/facet/shared/gateway"
)

var update = flag.Bool("update", false, "rewrite the reference")

const (
	file  = "../../shared/docs/configuration.md"
	intro = `# The configuration of a gateway

Every key, with its default and its meaning. A gateway embeds a facet.yaml; a file that is given
with ` + "`-config`" + ` replaces single values, and the environment those again:
` + "`services.catalog.timeout.default`" + ` is ` + "`FACET_SERVICES__CATALOG__TIMEOUT__DEFAULT`" + `. Durations are
written 250ms, 30s or 24h, sizes 512KB or 4MiB. What is wrong is reported at once and all
together, with file, line and path, and the process exits with status 2.

This page is made from the code: ` + "`go test ./reference -update`" + ` in test.
`
)

func TestTheReferenceIsTrue(t *testing.T) {
	p := page{comments: comments{root: "../.."}, seen: map[reflect.Type]string{}}
	p.out.WriteString(intro)
	p.section("", reflect.TypeFor[gateway.Config]())
	got := p.out.String()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not what the code says: go test ./reference -update writes it", file)
	}
	for _, missing := range p.undocumented {
		t.Errorf("%s has no comment: say what it is", missing)
	}
	for _, rule := range p.unread {
		t.Errorf("the rule %q is not known here: say how it reads", rule)
	}
	if !strings.Contains(got, "| `services.<name>.timeout.default` |") {
		t.Error("the reference lacks what everybody configures")
	}
}
