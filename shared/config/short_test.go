package config_test

import (
	"testing"

	"github.com/facet-bff/facet/shared/config"
)

// peers has a list whose items may be written in one word.
type peers struct {
	Peers []peer `yaml:"peers" validate:"unique=Host"`
}

type peer struct {
	Host   string `yaml:"host,short" validate:"required,hostname"`
	Weight int    `yaml:"weight" default:"1" validate:"min=1"`
}

func TestAScalarInPlaceOfASection(t *testing.T) {
	for name, sources := range map[string]config.Sources{
		"YAML":            {Default: []byte("peers: [a, {host: b, weight: 3}]")},
		"the environment": {Environ: []string{"X_PEERS=a"}, Prefix: "X", Default: []byte("peers: [c]")},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := config.Load[peers](sources)
			if err != nil {
				t.Fatal(err)
			}
			if got.Peers[0] != (peer{"a", 1}) || len(got.Peers) > 1 && got.Peers[1] != (peer{"b", 3}) {
				t.Errorf("got %+v", got.Peers)
			}
			text, err := config.Effective[peers](sources)
			if err != nil {
				t.Fatal(err)
			}
			again, err := config.Load[peers](config.Sources{Default: text})
			if err != nil || len(again.Peers) != len(got.Peers) || again.Peers[0] != got.Peers[0] {
				t.Errorf("%v, and not the same again:\n%s", err, text)
			}
		})
	}
}

func TestAScalarInPlaceOfASectionIsChecked(t *testing.T) {
	for text, want := range map[string]string{
		"peers:\n  - a\n  - a b\n":      "x:3:5: peers[1].host: must be a host name",
		"peers: [[a]]":                  "x:1:9: peers[0]: expected a mapping, found a list",
		"peers: [a, a]":                 "x:1:1: peers: must not have anything twice",
		"peers: [{weight: 0, host: a}]": "x:1:18: peers[0].weight: must be at least 1",
		"peers: [7]":                    "x:1:9: peers[0].host: expected a string, found an integer: put it in quotes",
	} {
		_, err := config.Load[peers](config.Sources{Default: []byte(text), DefaultName: "x"})
		if err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}
