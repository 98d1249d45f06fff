package shape_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/facet-bff/facet/shared/shape"
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

var someNames = []string{"a", "b", "c", "a_b", "aB", "_a", "b__c", "a_b_c", "aB_c", `c"`, "é"}

func randomRules(r *rand.Rand) (rules []rule) {
	path := func() (path []string) {
		for range 1 + r.IntN(3) {
			if r.IntN(6) == 0 {
				path = append(path, "*")
				continue
			}
			path = append(path, someNames[r.IntN(len(someNames))])
		}
		return path
	}
	for range r.IntN(6) {
		next := rule{op: []string{"keep", "keep", "keep", "drop", "rename", "default"}[r.IntN(6)], path: path()}
		switch next.op {
		case "rename":
			next.arg = someNames[r.IntN(len(someNames))]
		case "default":
			next.arg = "0"
		}
		if !has(rules, func(r rule) bool { return r.op == next.op && slices.Equal(r.path, next.path) }) {
			rules = append(rules, next)
		}
	}
	if r.IntN(3) == 0 {
		rules = append(rules, rule{op: "camel"})
	}
	if r.IntN(3) == 0 {
		rules = append(rules, rule{op: "omitNull"})
	}
	return rules
}

func newOptions(rules []rule) options {
	return options{
		camel:    has(rules, func(r rule) bool { return r.op == "camel" }),
		omitNull: has(rules, func(r rule) bool { return r.op == "omitNull" }),
	}
}

func compiled(rules []rule) (out []shape.Rule) {
	for _, r := range rules {
		path := strings.Join(r.path, ".")
		switch r.op {
		case "keep":
			out = append(out, shape.Keep(path))
		case "drop":
			out = append(out, shape.Drop(path))
		case "rename":
			out = append(out, shape.Rename(path, r.arg))
		case "default":
			out = append(out, shape.Default(path, r.arg))
		case "camel":
			out = append(out, shape.Camel())
		case "omitNull":
			out = append(out, shape.OmitNull())
		}
	}
	return out
}

// randomValue has whitespace, escapes and the names that rules speak of.
func randomValue(r *rand.Rand, deep int) []byte {
	space := func() string { return []string{"", "", "", " ", "\n\t"}[r.IntN(5)] }
	kind := r.IntN(6)
	if deep == 0 {
		kind %= 2
	}
	var b strings.Builder
	b.WriteString(space())
	switch kind {
	case 0:
		b.WriteString([]string{"0", "-1.50e3", "true", "false"}[r.IntN(4)])
	case 1:
		b.WriteString([]string{"null", `""`, `"a \" \\"`, `"é\u00e9 and so on"`}[r.IntN(4)])
	case 2:
		b.WriteString("[" + space())
		for i := range r.IntN(4) {
			b.WriteString([]string{"", ","}[min(i, 1)])
			b.Write(randomValue(r, deep-1))
		}
		b.WriteString("]")
	default:
		b.WriteString("{" + space())
		for i, k := range r.Perm(len(someNames))[:r.IntN(6)] {
			b.WriteString([]string{"", ","}[min(i, 1)] + space())
			name, _ := jsontext.AppendQuote(nil, someNames[k])
			if r.IntN(8) == 0 {
				name = []byte(strings.Replace(string(name), "a", `\u0061`, 1))
			}
			b.WriteString(string(name) + space() + ":")
			b.Write(randomValue(r, deep-1))
		}
		b.WriteString("}")
	}
	return []byte(b.String() + space())
}

// decode returns the tree of a valid value.
func decode(t *testing.T, src []byte) any {
	v, err := decodeNext(jsontext.NewDecoder(strings.NewReader(string(src))))
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	return v
}

func decodeNext(d *jsontext.Decoder) (any, error) {
	switch d.PeekKind() {
	case '[':
		list := []any{}
		for _, err := d.ReadToken(); d.PeekKind() != ']'; {
			v, err2 := decodeNext(d)
			if err != nil || err2 != nil {
				return nil, err2
			}
			list = append(list, v)
		}
		_, err := d.ReadToken()
		return list, err
	case '{':
		var o object
		for _, err := d.ReadToken(); d.PeekKind() != '}'; {
			name, err2 := d.ReadToken()
			if err != nil || err2 != nil {
				return nil, err2
			}
			spelled := name.String()
			v, err := decodeNext(d)
			if err != nil {
				return nil, err
			}
			o = append(o, pair{spelled, v})
		}
		_, err := d.ReadToken()
		return o, err
	}
	v, err := d.ReadValue()
	return string(v), err
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
