package shape_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/facet-bff/facet/shared/shape"
)

// FuzzValid compares with jsontext: every shape accepts just what is valid and not too deep.
func FuzzValid(f *testing.F) {
	for _, src := range append(valid, invalid...) {
		f.Add([]byte(src))
	}
	f.Add([]byte(strings.Repeat(`{"a":[`, 32) + strings.Repeat(`]}`, 32)))
	f.Add([]byte(strings.Repeat(`[`, 65) + strings.Repeat(`]`, 65)))
	f.Fuzz(func(t *testing.T, src []byte) {
		want := jsontext.Value(src).IsValid() && depth(src) <= shape.DefaultDepth
		for name, s := range judges {
			out, err := s.Append(nil, src)
			if (err == nil) != want {
				t.Fatalf("%s: valid is %v, got %v", name, want, err)
			}
			if err == nil && !jsontext.Value(out).IsValid() {
				t.Fatalf("%s: gives %q", name, out)
			}
		}
		if want {
			compact := jsontext.Value(src).Clone()
			if err := compact.Compact(); err != nil {
				t.Fatal(err)
			}
			if out, _ := judges["all"].Append(nil, src); string(out) != string(compact) {
				t.Fatalf("got %q, want %q", out, compact)
			}
		}
	})
}

func depth(src []byte) (deepest int) {
	d := jsontext.NewDecoder(strings.NewReader(string(src)))
	for {
		if _, err := d.ReadToken(); err != nil {
			return deepest
		}
		deepest = max(deepest, d.StackDepth())
	}
}

// FuzzProjection compares with the rules carried out on a decoded tree.
func FuzzProjection(f *testing.F) {
	for i, src := range valid {
		f.Add([]byte(src), uint64(i))
	}
	for i := range uint64(200) {
		f.Add([]byte(nil), i)
	}
	f.Fuzz(func(t *testing.T, src []byte, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 0))
		rules := randomRules(r)
		s, err := shape.New(compiled(rules)...)
		if err != nil {
			return
		}
		if _, err := s.Append(nil, src); err != nil {
			src = randomValue(r, 5)
		}
		want := encode(project(decode(t, src), rules, newOptions(rules)))
		out, err := s.Append(nil, src)
		if err != nil || encode(decode(t, out)) != want {
			t.Fatalf("%+v\nof   %s\ngot  %s, %v\nwant %s", rules, src, out, err, want)
		}
	})
}

type (
	inner struct {
		B []int             `json:"b"`
		C map[string]inner2 `json:"c"`
		D *inner            `json:"a_b"`
	}
	inner2 struct {
		A any `json:"a,omitempty"`
		B jsontext.Value
	}
	Embedded struct {
		C string `json:"c"`
		X [2]inner2
	}
	outer struct {
		Embedded
		A []inner        `json:"a"`
		B **inner        `json:"b"`
		D map[string]any `json:",embed"`
	}
	list   []list
	loose  struct{ A, B *inner2 }
	folded struct {
		A int `json:"a,case:ignore"`
	}
)

// FuzzType compares decoding a projection with decoding its source.
func FuzzType(f *testing.F) {
	for i, src := range valid {
		f.Add([]byte(src), uint64(i))
	}
	f.Add([]byte(`{"c":"x","X":[{"a":{"z":1},"B":[2 , 3],"C":4},{}],"a":[{"b":[1],"c":{"k":{"a":0,"b":1}},"z":0}],"b":{"a_b":{"b":[]}},"o":{"p":1}}`), uint64(0))
	f.Fuzz(func(t *testing.T, src []byte, seed uint64) {
		if !jsontext.Value(src).IsValid() {
			src = randomValue(rand.New(rand.NewPCG(seed, 0)), 5)
		}
		sameDecoded[outer](t, src)
		sameDecoded[inner](t, src)
		sameDecoded[[]inner2](t, src)
		sameDecoded[map[string]*loose](t, src)
		sameDecoded[[]map[string][]map[string]inner](t, src)
		sameDecoded[list](t, src)
		sameDecoded[folded](t, src)
		sameDecoded[any](t, src)
	})
}

func sameDecoded[T any](t *testing.T, src []byte) {
	t.Helper()
	out, err := shape.Of[T]().Depth(10_000).Append(nil, src)
	if err != nil {
		t.Fatal(err)
	}
	var got, want T
	gotErr, wantErr := json.Unmarshal(out, &got), json.Unmarshal(src, &want)
	if (gotErr == nil) != (wantErr == nil) {
		t.Fatalf("%T: %s gives %s: %v, want %v", got, src, out, gotErr, wantErr)
	}
	if gotErr == nil && canonical(t, got) != canonical(t, want) {
		t.Fatalf("%T: %s gives %s: %+v, want %+v", got, src, out, got, want)
	}
}

// canonical writes raw values, too, without the whitespace that a projection takes out.
func canonical(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		t.Fatal(err)
	}
	if err := (*jsontext.Value)(&b).Compact(); err != nil {
		t.Fatal(err)
	}
	return string(b)
}
