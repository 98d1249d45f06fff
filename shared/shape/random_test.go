package shape_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/facet-bff/facet/shared/shape"
)

var someNames = []string{"a", "b", "c", "a_b", "aB", "_a", "b__c", "a_b_c", "aB_c", `c"`, "é",
	"createdAt", "createdBy", "aNameThatIsLonger", "aNameThatIsLongest"}

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
	kind := r.IntN(7)
	if deep == 0 {
		kind %= 2
	}
	var b strings.Builder
	b.WriteString(randomSpace(r))
	switch kind {
	case 0:
		b.WriteString([]string{"0", "-1.50e3", "true", "false"}[r.IntN(4)])
	case 1:
		b.WriteString([]string{"null", `""`, `"a \" \\"`, `"é\u00e9 and so on"`}[r.IntN(4)])
	case 2:
		b.WriteString("[" + randomSpace(r))
		for i := range r.IntN(4) {
			b.WriteString([]string{"", ","}[min(i, 1)])
			b.Write(randomValue(r, deep-1))
		}
		b.WriteString("]")
	case 3:
		b.WriteString(randomList(r, deep))
	default:
		b.WriteString(randomObject(r, deep, r.Perm(len(someNames))[:r.IntN(6)], nil))
	}
	return []byte(b.String() + randomSpace(r))
}

// randomList has elements that are more or less alike, and so are what they contain.
func randomList(r *rand.Rand, deep int) string {
	var b strings.Builder
	b.WriteString("[")
	names := r.Perm(len(someNames))[:1+r.IntN(len(someNames))]
	usual := map[int][]byte{}
	for _, k := range names {
		usual[k] = randomValue(r, max(deep-1, 0))
	}
	for i := range r.IntN(6) {
		b.WriteString([]string{"", ","}[min(i, 1)] + randomSpace(r))
		b.WriteString(randomLike(r, deep, names, usual))
	}
	return b.String() + "]"
}

// randomLike is an object that has most of the names, most of the time in their order.
func randomLike(r *rand.Rand, deep int, names []int, usual map[int][]byte) string {
	some := slices.Clone(names)
	for range r.IntN(3) {
		switch k := r.IntN(len(names)); r.IntN(3) {
		case 0:
			some = slices.DeleteFunc(some, func(name int) bool { return name == names[k] })
		case 1:
			some = some[:min(k, len(some))]
		default:
			r.Shuffle(len(some), func(i, k int) { some[i], some[k] = some[k], some[i] })
		}
	}
	return randomObject(r, deep, some, usual)
}

// randomObject has the members of the given names, half of them with their usual values.
func randomObject(r *rand.Rand, deep int, names []int, usual map[int][]byte) string {
	var b strings.Builder
	b.WriteString("{" + randomSpace(r))
	for i, k := range names {
		b.WriteString([]string{"", ","}[min(i, 1)] + randomSpace(r))
		name, _ := jsontext.AppendQuote(nil, someNames[k])
		if r.IntN(8) == 0 {
			name = []byte(strings.Replace(string(name), "a", `\u0061`, 1))
		}
		b.WriteString(string(name) + randomSpace(r) + ":")
		if value, ok := usual[k]; ok && r.IntN(2) == 0 {
			b.Write(value)
		} else {
			b.Write(randomValue(r, max(deep-1, 0)))
		}
	}
	return b.String() + "}"
}

func randomSpace(r *rand.Rand) string { return []string{"", "", "", " ", "\n\t"}[r.IntN(5)] }

// withMistake makes one name another, which its object may have already, before or behind; or
// one byte another.
func withMistake(r *rand.Rand, src string) string {
	if name := someName(r); r.IntN(2) == 0 {
		return replaceOne(r, src, name, someName(r))
	}
	const bytes = "\"':,{}[]\\ x0a\x01\xff"
	i, k := r.IntN(len(src)), r.IntN(len(bytes))
	return src[:i] + bytes[k:k+1] + src[i+1:]
}

func TestListsWithMistakes(t *testing.T) {
	refused := 0
	for seed := range uint64(1000) {
		r := rand.New(rand.NewPCG(seed, 0))
		src := randomList(r, 3)
		src = withMistake(r, src)
		want := jsontext.Value(src).IsValid()
		if !want {
			refused++
		}
		for judge, s := range judges {
			if _, err := s.Append(nil, []byte(src)); (err == nil) != want {
				t.Fatalf("%s: valid is %v, got %v:\n%s", judge, want, err, src)
			}
		}
	}
	if refused < 300 {
		t.Fatalf("only %d sources are not valid", refused)
	}
}

func someName(r *rand.Rand) string { return `"` + someNames[r.IntN(len(someNames))] + `"` }

func replaceOne(r *rand.Rand, src, old, name string) string {
	n := strings.Count(src, old)
	if n == 0 {
		return src
	}
	k := len(strings.Join(strings.SplitAfter(src, old)[:1+r.IntN(n)], ""))
	return src[:k-len(old)] + name + src[k:]
}
