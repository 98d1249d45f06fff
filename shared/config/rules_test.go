package config_test

import (
	"errors"
	"testing"

	"github.com/facet-bff/facet/shared/config"
)

// odd has the shapes that are easy to forget: nameless and generic structs, maps of
// pointers, rules between fields, a Validate that is promoted.
type odd struct {
	Base   `yaml:",inline"`
	Range  pair[int] `yaml:"range"`
	Nested struct {
		Max  int    `yaml:"max" default:"3" validate:"lte=2"`
		Mode string `yaml:"mode" validate:"required_if=Max 3"`
	} `yaml:"nested"`
	ByName map[string]*pair[uint8] `yaml:"by-name"`
	Tags   []string                `yaml:"tags" validate:"unique,dive,startsnotwith=x"`
	Sizes  map[string][]uint16     `yaml:"sizes" validate:"dive,max=1"`
}

type Base struct {
	Name string `yaml:"name" validate:"required"`
}

func (b Base) Validate() error {
	if b.Name == "bad" {
		return errors.New("bad is no name")
	}
	return nil
}

type pair[T any] struct {
	Low  T `yaml:"low-end"`
	High T `yaml:"high-end" validate:"gtfield=Low"`
}

func TestRulesOfOddShapes(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{
			name: "nothing given",
			want: `odd:1:1: name: is required
odd:1:1: nested.max: must be at most 2
odd:1:1: nested.mode: is required if max is 3
odd:1:1: range.high-end: must be more than low-end`,
		},
		{
			name: "everything wrong",
			text: `
name: bad
range: {low-end: 2, high-end: 2}
nested: {max: 1}
by-name: {"a.b": {high-end: 0}, "c[0]": {low-end: x}}
tags: [a, xb]
sizes: {a: [1, 2], b: [70000]}
`,
			want: `odd:3:31: range.high-end: must be more than low-end
odd:5:29: by-name.a.b.high-end: must be more than low-end
odd:5:51: by-name.c[0].low-end: expected an integer, found a string
odd:6:11: tags[1]: must satisfy the rule "startsnotwith=x"
odd:7:24: sizes.b[0]: must be between 0 and 65535`,
		},
		{
			name: "promoted Validate, and a list in a map",
			text: "name: bad\nrange: {high-end: 1}\nnested: {max: 1}\ntags: [a, a]\nsizes: {a: [1, 2]}\n",
			want: `odd:1:1: bad is no name
odd:4:1: tags: must not have anything twice
odd:5:9: sizes.a: must have at most 1 item`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := config.Load[odd](config.Sources{Default: []byte(test.text), DefaultName: "odd"})
			if err == nil || err.Error() != test.want {
				t.Errorf("got\n%v\nwant\n%s", err, test.want)
			}
		})
	}
}
