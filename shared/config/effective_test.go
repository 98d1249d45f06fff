package config_test

import (
	"reflect"
	"testing"

	"github.com/facet-bff/facet/shared/config"
)

func TestEffective(t *testing.T) {
	sources := config.Sources{
		Default: []byte(`
services:
  catalog: {url: http://catalog:7002, retries: 2}
cache: {tier: "on"}
token: abcd
`),
		DefaultName: "facet.yaml (embedded)",
		Prefix:      "FACET",
		Environ:     []string{"FACET_LEVEL=DEBUG", "FACET_SERVICES__CATALOG__TIMEOUT=2s", "FACET_ORIGINS="},
	}
	got, err := config.Effective[settings](sources)
	if err != nil {
		t.Fatal(err)
	}
	const want = `listen: ":8080" # default
level: DEBUG # FACET_LEVEL
debug: false # unset
ratio: 0.5 # default
token: "***" # facet.yaml (embedded):5
origins: []
services:
  catalog:
    url: http://catalog:7002 # facet.yaml (embedded):3
    timeout: 2s # FACET_SERVICES__CATALOG__TIMEOUT
    retries: 2 # facet.yaml (embedded):3
cache:
  max: 67108864 # default
  ttl: 30s # default
  tier: "on" # facet.yaml (embedded):4
body-size: 1048576 # default
depth: 16 # default
`
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestEffectiveLoadsAsTheSame(t *testing.T) {
	sources := config.Sources{Default: []byte(`
level: WARN
ratio: 1e-7
headers: {"a b": "x # y", "null": "~", "2": " "}
routes: [{path: /a}, {path: "/b: c", method: POST}]
services: {"": {url: "http://x"}}
cache: {tier: "\"é\u0001"}
`)}
	sources.Default = append(sources.Default, "origins: ['http://a/-', \"http://b/\\t\"]\n"...)
	before, err := config.Load[public](sources)
	if err != nil {
		t.Fatal(err)
	}
	rendered, err := config.Effective[public](sources)
	if err != nil {
		t.Fatal(err)
	}
	after, err := config.Load[public](config.Sources{Default: rendered})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(before, after) {
		t.Errorf("before %+v\nafter  %+v\n%s", before, after, rendered)
	}
}
