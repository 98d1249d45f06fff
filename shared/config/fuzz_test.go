package config_test

import (
	"errors"
	"reflect"
	"testing"

	"github.com/facet-bff/facet/shared/config"
)

// public is settings without the secret, which Effective hides.
type public struct {
	Level    string             `yaml:"level" default:"info"`
	Ratio    float32            `yaml:"ratio"`
	Origins  []string           `yaml:"origins"`
	Headers  map[string]string  `yaml:"headers" validate:"dive,required"`
	Services map[string]service `yaml:"services"`
	Routes   []*route           `yaml:"routes" validate:"max=3,unique"`
	Matrix   [][]int16          `yaml:"matrix"`
	Cache    *cache             `yaml:"cache"`
	Limits   `yaml:",inline"`
}

// FuzzLoad checks for any text that errors have positions, and that what is accepted is
// the same after having been rendered.
func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		"", "~", "---\n...\n", "[", "a: b: c", "? [a]\n: b", "\ufefflevel: x\r\n",
		"a: &b c\n*b: d", "!", "\"", "|", "level: a\nlevel: b", "cache:\ndepth: 0x1f\n",
		"level: \"\\u0085\\t'\\\\\"\nheaders: {\"a: b\": ' # ', ~: \"~\", 1: \"1\"}\n",
		"services: {a: {url: http://a, timeout: 3s, retries: 7}}\nratio: 1e3\nmatrix: [[1, -2], []]\n",
		"routes:\n- path: /a\n- {path: /b, method: POST}\ncache: {tier: a, max: 4KiB}\nbody-size: 1_000\n",
		"level: |\n  a\n\n  b\norigins:\n- x\n- 'y'\n", "level: >-\n a\n b",
	} {
		f.Add(seed, "info")
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, text, variable string) {
		sources := config.Sources{
			Default: []byte(text), DefaultName: "fuzz", Prefix: "F",
			Environ: []string{"F_LEVEL=" + variable, "F_SERVICES__A__TIMEOUT=2s"},
		}
		loaded, err := config.Load[public](sources)
		if err != nil {
			checkPositions(t, err)
			return
		}
		rendered, err := config.Effective[public](sources)
		if err != nil {
			t.Fatalf("Load succeeds and Effective does not: %v", err)
		}
		again, err := config.Load[public](config.Sources{Default: rendered})
		if err != nil {
			t.Fatalf("the effective configuration is refused: %v\n%s", err, rendered)
		}
		if !reflect.DeepEqual(loaded, again) {
			t.Errorf("rendered and loaded again\n%+v\nbecomes\n%+v\n%s", loaded, again, rendered)
		}
	})
}

func checkPositions(t *testing.T, err error) {
	t.Helper()
	all, ok := errors.AsType[config.Errors](err)
	if !ok || len(all) == 0 {
		t.Fatalf("got %#v, want Errors", err)
	}
	for _, e := range all {
		inText := e.Source == "fuzz" && e.Line > 0 && e.Column > 0
		inEnvironment := e.Source == "environment" && e.Path != ""
		if !inText && !inEnvironment || e.Message == "" {
			t.Errorf("has no position or no message: %#v", e)
		}
	}
}
