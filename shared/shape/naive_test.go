package shape_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// What follows is a second reading of what the rules mean, on trees and without regard to
// speed: an object is a list of pairs, an array a list, anything else is raw.
type (
	object []pair
	pair   struct {
		name  string
		value any
	}
	rule struct {
		op   string
		path []string
		arg  string
	}
	options struct{ camel, omitNull bool }
)

func project(v any, rules []rule, o options) any {
	switch v := v.(type) {
	case []any:
		if below := tails(rules, "*"); len(below) > 0 {
			rules = below
		}
		out := make([]any, len(v))
		for i := range v {
			out[i] = project(v[i], rules, o)
		}
		return out
	case object:
		return projectObject(v, rules, o)
	}
	return v
}

func projectObject(v object, rules []rule, o options) (out object) {
	selective := !has(rules, func(r rule) bool { return r.op == "keep" && len(r.path) == 0 }) &&
		has(rules, func(r rule) bool { return r.op == "keep" })
	wanted := func(below []rule) bool {
		return !selective || has(below, func(r rule) bool { return r.op != "drop" })
	}
	given := map[string]bool{} // names that rules give
	for _, r := range rules {
		if len(r.path) == 0 || r.path[0] == "*" {
			continue
		}
		if below := tails(rules, r.path[0]); wanted(below) && !dropped(below) {
			given[as(r.path[0], below, o)] = true
		}
	}
	there := map[string]bool{}
	for _, m := range v {
		if o.omitNull && m.value == "null" {
			continue
		}
		below := tails(rules, m.name)
		name := as(m.name, below, o)
		if len(below) == 0 {
			below = tails(rules, "*")
			if selective && len(below) == 0 || given[name] || slices.ContainsFunc(out, func(p pair) bool { return p.name == name }) {
				continue
			}
		} else {
			there[m.name] = true
		}
		if wanted(below) && !dropped(below) {
			out = append(out, pair{name, project(m.value, below, o)})
		}
	}
	for _, r := range rules {
		if r.op == "default" && len(r.path) == 1 && !there[r.path[0]] {
			there[r.path[0]] = true
			out = append(out, pair{as(r.path[0], tails(rules, r.path[0]), o), r.arg})
		}
	}
	return out
}

func has(rules []rule, f func(rule) bool) bool { return slices.ContainsFunc(rules, f) }

func dropped(below []rule) bool {
	return has(below, func(r rule) bool { return r.op == "drop" && len(r.path) == 0 })
}

func tails(rules []rule, name string) (below []rule) {
	for _, r := range rules {
		if len(r.path) > 0 && r.path[0] == name {
			below = append(below, rule{r.op, r.path[1:], r.arg})
		}
	}
	return below
}

func as(name string, below []rule, o options) string {
	for _, r := range below {
		if r.op == "rename" && len(r.path) == 0 {
			return r.arg
		}
	}
	if !o.camel {
		return name
	}
	out := ""
	for i, c := range name { // the names of the tests have single letters between underscores
		switch {
		case c == '_' && 0 < i && i < len(name)-1 && name[i-1] != '_' && 'a' <= name[i+1] && name[i+1] <= 'z':
		case i > 1 && name[i-1] == '_' && name[i-2] != '_' && 'a' <= c && c <= 'z':
			out += strings.ToUpper(string(c))
		default:
			out += string(c)
		}
	}
	return out
}

func newOptions(rules []rule) options {
	return options{
		camel:    has(rules, func(r rule) bool { return r.op == "camel" }),
		omitNull: has(rules, func(r rule) bool { return r.op == "omitNull" }),
	}
}

// decode returns the tree of a valid value.
func decode(t *testing.T, src []byte) any {
	t.Helper()
	v, err := decodeNext(jsontext.NewDecoder(strings.NewReader(string(src))))
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	return v
}

func decodeNext(d *jsontext.Decoder) (any, error) {
	kind := d.PeekKind()
	if kind != '[' && kind != '{' {
		v, err := d.ReadValue()
		return string(v), err
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, err
	}
	list, o := []any{}, object{}
	for d.PeekKind() != ']' && d.PeekKind() != '}' {
		name := ""
		if kind == '{' {
			token, err := d.ReadToken()
			if err != nil {
				return nil, err
			}
			name = token.String()
		}
		v, err := decodeNext(d)
		if err != nil {
			return nil, err
		}
		list, o = append(list, v), append(o, pair{name, v})
	}
	_, err := d.ReadToken()
	if kind == '[' {
		return list, err
	}
	return o, err
}

// encode writes a tree so that equal ones are written alike.
func encode(v any) string {
	switch v := v.(type) {
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = encode(v[i])
		}
		return "[" + strings.Join(parts, ",") + "]"
	case object:
		parts := make([]string, len(v))
		for i, m := range v {
			name, _ := jsontext.AppendQuote(nil, m.name)
			parts[i] = string(name) + ":" + encode(m.value)
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	return v.(string)
}
