package codec_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/facet-bff/facet/shared/codec"
	"github.com/facet-bff/facet/shared/shape"
)

// TestMadeTypes puts types beside the library that nobody would think of.
func TestMadeTypes(t *testing.T) {
	for seed := range uint64(800) {
		checkMadeType(t, seed)
	}
}

// TestLeaves puts each of them in all places, and not only where chance does.
func TestLeaves(t *testing.T) {
	for _, leaf := range leaves {
		places := []reflect.Type{
			leaf, reflect.PointerTo(leaf), reflect.SliceOf(leaf), reflect.ArrayOf(2, leaf), reflect.MapOf(keys[1], leaf),
		}
		if leaf.Comparable() && leaf != reflect.TypeFor[time.Time]() { // whose zones are pointers
			places = append(places, reflect.MapOf(leaf, reflect.TypeFor[int]()))
		}
		for _, tag := range []reflect.StructTag{``, `json:"<f>"`, `json:",omitempty"`, `json:",omitzero"`, `json:",embed"`, `json:",string"`} {
			places = append(places, reflect.StructOf([]reflect.StructField{
				{Name: "F", Type: leaf, Tag: tag}, {Name: "G", Type: reflect.PointerTo(leaf), Tag: tag},
			}))
		}
		for _, place := range places {
			s := made(place)
			for seed := range uint64(4) {
				checkAgainstLibrary(t, s, seed)
			}
		}
	}
}

// TestTags puts each of them on fields of some types.
func TestTags(t *testing.T) {
	for _, tag := range wildTags {
		for _, of := range []reflect.Type{leaves[0], leaves[1], keys[1], embeddable[0], reflect.TypeFor[map[string]int]()} {
			s := made(reflect.StructOf([]reflect.StructField{
				{Name: "F", Type: of, Tag: tag}, {Name: "G", Type: reflect.SliceOf(of), Tag: `json:"g"`},
			}))
			for seed := range uint64(4) {
				checkAgainstLibrary(t, s, seed)
			}
		}
	}
}

// TestManyFields has a member twice that is the last of as many as are counted, or one beyond.
func TestManyFields(t *testing.T) {
	for n := range 70 {
		fields := make([]reflect.StructField, n+1)
		for i := range fields {
			fields[i] = reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: reflect.TypeFor[map[string]int]()}
		}
		s := made(reflect.StructOf(fields))
		sameDecoded(t, s, fmt.Appendf(nil, `{"F%d":{"a":1},"F0":{"c":3},"F%[1]d":{"b":2}}`, n))
		sameDecoded(t, s, fmt.Appendf(nil, `{"F0":{"c":3},"F%d":{"a":1},"F%d":null}`, n, n/2))
	}
}

// FuzzMadeTypes reads any bytes into types of more seeds. What reflect has made it keeps, so
// they are not without end.
func FuzzMadeTypes(f *testing.F) {
	for i, token := range someTokens {
		f.Add(uint64(i), []byte(token))
	}
	f.Fuzz(func(t *testing.T, seed uint64, src []byte) {
		seed %= 1 << 14
		checkMadeType(t, seed)
		sameDecoded(t, made(makeType(rand.New(rand.NewPCG(seed, 2)), 4)), src)
	})
}

func checkMadeType(t *testing.T, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 2))
	s := made(makeType(r, 4))
	for range 4 {
		checkAgainstLibrary(t, s, r.Uint64())
	}
}

var errGivenUp = errors.New("the codec has given up what the library can do")

// made is like of, for a type that the program has no name for. What the codec gives up on is
// the library's to do, but it may not give up on what is as it should be.
func made(t reflect.Type) subject {
	decode, encode := codec.Own(t, wire)
	return subject{
		name: t.String(), of: t,
		decode: func(src []byte) (got, want any, gotErr, wantErr error) {
			out := reflect.New(t)
			wantErr = json.Unmarshal(src, out.Interface(), lenient)
			want = out.Elem().Interface()
			v, ok := decode(src)
			switch {
			case ok:
				return v.Interface(), want, nil, wantErr
			case wantErr == nil && clean(src):
				return nil, want, errGivenUp, nil
			}
			return want, want, wantErr, wantErr
		},
		encode: func(v reflect.Value) (got, want []byte, gotErr, wantErr error) {
			in := reflect.New(t)
			in.Elem().Set(v)
			var buf bytes.Buffer
			buf.WriteByte('x')
			wantErr = json.MarshalWrite(&buf, in.Interface(), json.Deterministic(true), wire)
			own, ok := encode(v)
			switch {
			case ok:
				return append([]byte{'x'}, own...), buf.Bytes(), nil, wantErr
			case wantErr == nil:
				return nil, buf.Bytes(), errGivenUp, nil
			}
			return []byte{'x'}, nil, wantErr, wantErr
		},
	}
}

// leaves are what types are made of. Some of them are for neither reading nor writing.
var leaves = []reflect.Type{
	reflect.TypeFor[bool](), reflect.TypeFor[string](), reflect.TypeFor[word](), reflect.TypeFor[scalar](),
	reflect.TypeFor[int](), reflect.TypeFor[int8](), reflect.TypeFor[int64](), reflect.TypeFor[uint16](),
	reflect.TypeFor[uint32](), reflect.TypeFor[uint64](), reflect.TypeFor[uintptr](), reflect.TypeFor[float32](),
	reflect.TypeFor[float64](), reflect.TypeFor[time.Time](), reflect.TypeFor[struct{}](), reflect.TypeFor[inner](),
	reflect.TypeFor[embedded](), reflect.TypeFor[omitting](), reflect.TypeFor[tree](), reflect.TypeFor[lists](),
	reflect.TypeFor[generic[string]](), reflect.TypeFor[generic[[]generic[int8]]](), reflect.TypeFor[shape.JSON](),
	reflect.TypeFor[any](), reflect.TypeFor[[]byte](), reflect.TypeFor[[3]byte](), reflect.TypeFor[[]letter](),
	reflect.TypeFor[jsontext.Value](), reflect.TypeFor[time.Duration](), reflect.TypeFor[pause](), reflect.TypeFor[level](),
	reflect.TypeFor[own](), reflect.TypeFor[zero](), reflect.TypeFor[blank](), reflect.TypeFor[streamed](),
	reflect.TypeFor[appended](), reflect.TypeFor[heard](), reflect.TypeFor[said](), reflect.TypeFor[tagged](),
	reflect.TypeFor[interface{ IsZero() bool }](), reflect.TypeFor[error](), reflect.TypeFor[chan int](), reflect.TypeFor[func()](),
	reflect.TypeFor[complex64](), reflect.TypeFor[unfit](), reflect.TypeFor[promoting](), reflect.TypeFor[hiddenPointer](),
	reflect.TypeFor[spelled](), reflect.TypeFor[parsed](), reflect.TypeFor[sent](), reflect.TypeFor[fetched](),
	reflect.TypeFor[ambiguous](), reflect.TypeFor[shadowed](), reflect.TypeFor[clashing](), reflect.TypeFor[foreigners](),
}

var keys = []reflect.Type{
	reflect.TypeFor[string](), reflect.TypeFor[word](), reflect.TypeFor[string](), reflect.TypeFor[word](),
	reflect.TypeFor[int8](), reflect.TypeFor[uint64](), reflect.TypeFor[float64](), reflect.TypeFor[bool](),
	reflect.TypeFor[level](), reflect.TypeFor[heard](), reflect.TypeFor[appended](), reflect.TypeFor[any](),
	reflect.TypeFor[[1]string](), reflect.TypeFor[Base](),
}

// embeddable are types without methods, for reflect can embed no others.
var embeddable = []reflect.Type{
	reflect.TypeFor[Base](), reflect.TypeFor[Deeper](), reflect.TypeFor[Other](), reflect.TypeFor[Word](),
}

func makeType(r *rand.Rand, deep int) reflect.Type {
	if deep == 0 {
		return leaves[r.IntN(len(leaves))]
	}
	switch r.IntN(10) {
	case 0:
		return leaves[r.IntN(len(leaves))]
	case 1:
		return reflect.PointerTo(makeType(r, deep-1))
	case 2:
		return reflect.ArrayOf(r.IntN(3), makeType(r, deep-1))
	case 3, 4:
		return reflect.SliceOf(makeType(r, deep-1))
	case 5, 6:
		return reflect.MapOf(keys[r.IntN(len(keys))], makeType(r, deep-1))
	}
	return makeStruct(r, deep)
}

func makeStruct(r *rand.Rand, deep int) reflect.Type {
	fields := make([]reflect.StructField, r.IntN(7))
	if r.IntN(12) == 0 { // about as many as there are bits in a word
		fields, deep = make([]reflect.StructField, 62+r.IntN(5)), 1
	}
	wild := r.IntN(3) == 0
	for i := range fields {
		fields[i] = reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: makeType(r, deep-1), Tag: tameTag(r, i)}
		switch {
		case !wild || r.IntN(2) > 0:
		case r.IntN(4) == 0:
			fields[i].Name, fields[i].PkgPath = fmt.Sprintf("f%d", i), "codec"
		case r.IntN(2) == 0 && i < len(embeddable):
			t := embeddable[i]
			fields[i].Name, fields[i].Type, fields[i].Anonymous = t.Name(), t, true
			if r.IntN(4) == 0 {
				fields[i].Type = reflect.PointerTo(t)
			}
			if r.IntN(4) > 0 {
				fields[i].Tag = ""
			}
		default:
			fields[i].Tag = wildTags[r.IntN(len(wildTags))]
		}
	}
	return reflect.StructOf(fields)
}

// tameTag makes tags that the codec reads itself.
func tameTag(r *rand.Rand, i int) reflect.StructTag {
	names := []string{"", "f%d", "F%d", "f-%d_é", "<%d>", "%d", "f%d f", "\u2028%d", "f%d\x00\\n"}
	options := []string{"", "", ",omitempty", ",omitzero", ",omitzero,omitempty"}
	name, option := names[r.IntN(len(names))], options[r.IntN(len(options))]
	if name == "" && option == "" {
		return ""
	}
	if name != "" {
		name = fmt.Sprintf(name, i)
	}
	return reflect.StructTag("json:" + fmt.Sprintf("%q", name+option))
}

// wildTags say more, or compete, or are mistakes.
var wildTags = []reflect.StructTag{
	`json:"a"`, `json:"A"`, `json:"-"`, `json:"-,"`, `json:"-,omitempty"`, `json:""`, `json:","`, `json:"a,"`, `json:",omitempty,omitempty"`,
	`json:",omitzero,omitzero"`, `json:",string"`, `json:",case:ignore"`, `json:",case:strict"`, `json:",embed"`, `json:",inline"`,
	`json:",unknown"`, `json:",format:emitnull"`, `json:",format:'2006'"`, `json:"'a'"`, `json:"'a,b'"`, `json:"'\\x61'"`, `json:"a\"b"`,
	`json:"a\\b"`, "json:\"a`b\"", `json:"\xff"`, `json:"` + "\xff" + `"`, `json:",omitEmpty"`, `json:",omit_zero"`, `json:",later"`,
	`json:a`, `json: "a"`, `json:"a" json:"b"`, `json:" omitempty"`, `json:"a, omitempty"`, `xml:"a"`, `json:"id"`, `json:"id,omitzero"`,
}

type (
	generic[T any] struct {
		Of   T             `json:"of,omitempty"`
		Next *generic[T]   `json:"next,omitzero"`
		All  map[string]T  `json:"all"`
		More []*generic[T] `json:"more,omitempty"`
	}
	Deeper struct {
		Base `json:""`
		Deep int
	}
	Other struct {
		Inner struct{ ID word }
		Base2
	}
	Base2         struct{ Two *float32 }
	Word          string
	promoting     struct{ appended }
	hiddenPointer struct {
		*hidden
		Name string
	}
	letter   uint8
	pause    time.Duration
	blank    struct{ A int } // IsZero is the pointer's
	streamed struct{ N int } // reads and writes itself as one of a coder's values
	appended string          // only writes itself, as text
	heard    string          // only reads itself, from text
	said     struct{ A int } // only writes itself, by its pointer
	spelled  string
	parsed   []int
	sent     float64
	fetched  map[string]int

	quoting   struct{ said }
	citing    struct{ said }
	ambiguous struct { // has no method, for it has it twice, and may not embed what has it
		quoting
		citing
	}
	shadowed struct {
		said
		MarshalJSON int
	}
	clashing struct {
		Base
		Other struct{ Base } `json:"other"`
		Kind  string         `json:"Kind"`
		hidden
		Hidden *hidden `json:",omitzero"`
	}
)

func (b *blank) IsZero() bool                          { return b.A%2 == 0 }
func (a appended) AppendText(b []byte) ([]byte, error) { return append(append(b, '<'), a...), nil }
func (s *said) MarshalJSON() ([]byte, error)           { return fmt.Appendf(nil, "[%d ]", s.A), nil }
func (h *heard) UnmarshalText(b []byte) error          { *h = heard(b) + "!"; return nil }
func (s spelled) MarshalText() ([]byte, error)         { return append([]byte(s), 0xe9), nil }
func (p *parsed) UnmarshalJSON(b []byte) error         { *p = []int{len(b)}; return nil }
func (s sent) MarshalJSONTo(e *jsontext.Encoder) error { return e.WriteToken(jsontext.Null) }
func (f *fetched) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	*f = fetched{d.PeekKind().String(): 1}
	return d.SkipValue()
}
func (s *streamed) MarshalJSONTo(e *jsontext.Encoder) error {
	return e.WriteToken(jsontext.Int(int64(s.N)))
}
func (s *streamed) UnmarshalJSONFrom(d *jsontext.Decoder) error { return json.UnmarshalDecode(d, &s.N) }
