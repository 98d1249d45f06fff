package codec_test

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/facet-bff/facet/shared/codec"
	"github.com/facet-bff/facet/shared/shape"
)

func TestDecode(t *testing.T) {
	three := 3
	pointer := &three
	for _, c := range []struct {
		src  string
		got  func(src []byte) (any, error)
		want any
	}{
		{`{"a":1,"b":[1,2],"c":{"a":2},"z":{"y":[null]}}`, decoded[inner], inner{A: 1, B: []int{1, 2}, C: &inner{A: 2}}},
		{`{"b":[],"c":null,"a":null}`, decoded[inner], inner{B: []int{}}},
		{`{"\u0061":1,"A":2}`, decoded[inner], inner{A: 1}},
		{`{"name":"n","Hidden":2,"id":"i"}`, decoded[embedded], embedded{Base: Base{ID: "i"}, hidden: hidden{Hidden: 2}, Name: "n"}},
		{`null`, decoded[[]int], []int(nil)},
		{`{}`, decoded[map[word]int], map[word]int{}},
		{`{"a":null,"\"":2}`, decoded[map[word]int], map[word]int{"a": 0, `"`: 2}},
		{`3`, decoded[***int], new(new(pointer))},
		{`{"one":{"a":[1]},"many":[null,"x"]}`, decoded[passing], passing{One: shape.JSON(`{"a":[1]}`), Many: []shape.JSON{nil, shape.JSON(`"x"`)}}},
		{`"\ud83d\ude00\n"`, decoded[word], word("😀\n")},
	} {
		if got, err := c.got([]byte(c.src)); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %+v, %v; want %+v", c.src, got, err, c.want)
		}
	}
}

func decoded[T any](src []byte) (any, error) { return codec.NewDecoder[T]().Decode(src) }

// TestDecodeZeros tells zeros apart, which are equal.
func TestDecodeZeros(t *testing.T) {
	for text, negative := range map[string]bool{"0": false, "-0": true, "-0.0": true, "-0e5": true, "0.00": false, "-1e-999": true} {
		large, err := codec.NewDecoder[float64]().Decode([]byte(text))
		small, err2 := codec.NewDecoder[float32]().Decode([]byte(text))
		if err != nil || err2 != nil || math.Signbit(large) != negative || math.Signbit(float64(small)) != negative {
			t.Errorf("%s: %v %v, %v %v", text, large, err, small, err2)
		}
	}
}

// TestText has what is special in all places of texts that are longer than what is looked at
// in one step, behind something and before something.
func TestText(t *testing.T) {
	texts, records, names := of[[]string](), of[struct{}](), of[map[string]string]()
	for n := range 36 {
		for _, special := range []string{
			"\xff", "é", "\xc3", "\xed\xa0\x80", "\U0001F600", "\xf4\x90\x80\x80", "\"", `\`, "\x00", "\x1f", " ", "\x7f", "\xe2\x80\xa8",
			`\"`, `\\`, `\/`, `\b`, `\u00e9`, `\uD83D\uDE00`, `\ud83d`, `\ude00`, `\ud83dx`, `\u00g0`, `\u12`, `\v`, `\u001F`,
		} {
			text := strings.Repeat("a", n/2) + special + strings.Repeat("b", n%12)
			for _, text := range []string{text, text + special, "é" + text, `\n` + text, text + "é"} {
				sameEncoded(t, texts, reflect.ValueOf([]string{text}))
				sameEncoded(t, names, reflect.ValueOf(map[string]string{text: ""}))
				sameDecoded(t, texts, []byte(`["`+text+`"]`))
				sameDecoded(t, records, []byte(`{"`+text+`":"`+text+`"}`))
				sameDecoded(t, records, []byte(`{"a":"`+text+`"}`))
				sameDecoded(t, names, []byte(`{"`+text+`":""}`))
			}
		}
	}
}

// TestGrammar has mistakes in what is read, and in what is passed over.
func TestGrammar(t *testing.T) {
	for value := range strings.SplitSeq(`+1|-|.5|-.5|1.|1.e5|1e|1e+|1E-2|1e5.0|00|-01|0x1|1_0|0e0|-0.0e-0|Infinity|NaN|True|nulL|tru|`+
		`[,]|[1,]|[1 2]|[1|[1}|[:]|{,}|{"a"1}|{"a",1}|{"a":}|{"a":1,}|{"a":1 "b":2}|{"a":1|{"a":1]|{1:1}|{a:1}|{"a"}|{'a':1}|`+
		`"a|'a'|"a""b"|1,2|[]]|{}}|/**/1| 1|1 |[ ]|`+"\t1|[1,\n2]|\ufeff1|\x001|1\x00|\u00a01", "|") {
		src := []byte(value)
		for _, s := range []subject{of[float64](), of[float32](), of[int](), of[uint8](), of[any](), of[string](), of[shape.JSON]()} {
			sameDecoded(t, s, src)
		}
		sameDecoded(t, of[[]float64](), []byte("[0,"+value+"]"))
		sameDecoded(t, of[inner](), []byte(`{"z":`+value+`,"a":1}`))
		sameDecoded(t, of[map[string]int](), []byte(`{"a":`+value+`}`))
		sameDecoded(t, of[foreigners](), []byte(`{"any":`+value+`}`))
		sameDecoded(t, of[passing](), []byte(`{"one":`+value+`}`))
	}
}

// TestDecodeTimes reads what package time and the library do not agree on, and what they do.
func TestDecodeTimes(t *testing.T) {
	for _, text := range []string{
		"2024-02-29T01:02:03Z", "2024-02-29T01:02:03.123456789Z", "2024-02-29T01:02:03.1234567890123Z", "0000-01-01T00:00:00Z",
		"2024-02-29T1:02:03Z", "2024-02-29T1:02:03.5Z", "2024-02-29T01:02:03,5Z", "2024-02-29T01:02:03.Z", "2024-02-29T01:02:03z",
		"2024-02-29t01:02:03Z", "2024-02-29 01:02:03Z", "2024-02-30T01:02:03Z", "2024-02-29T24:00:00Z", "2024-12-31T23:59:60Z",
		"2024-02-29T01:02:03+00:00", "2024-02-29T01:02:03-00:00", "2024-02-29T01:02:03.5+24:00", "2024-02-29T01:02:03.5+01:60",
		"2024-02-29T01:02:03,5+01:00", "2024-02-29T1:02:03+01:00", "2024-02-29T01:02:03ZZ", "2024-02-29T01:02:03Z07:00Z",
		"20240-02-29T01:02:03Z", "2024-02-29T01:02:03.5", "2024-02-29T01:02Z", "2024-02-29", "Z", "",
		`\u0032024-02-29T01:02:03Z`, `2024-02-29T01:02:03\u005a`, "2024-02-29T01:02:03.\xffZ",
	} {
		src := []byte(`{"time":"` + text + `","times":["` + text + `"]}`)
		sameDecoded(t, of[foreigners](), src)
		sameDecoded(t, made(reflect.TypeFor[foreigners]()), src)
	}
}

// TestDecodeRefuses looks at the end of the library's message, which says what is wrong.
func TestDecodeRefuses(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{`{"int8":128}`, "within \"/int8\": value out of range"},
		{`{"int":1.5}`, "within \"/int\": invalid syntax"},
		{`{"int":"1"}`, "into Go int within \"/int\""},
		{`{"uint":-1}`, "within \"/uint\": invalid syntax"},
		{`{"float32":1e39}`, "within \"/float32\": value out of range"},
		{`{"text":1}`, "into Go string within \"/text\""},
		{`{"text":"a`, "unexpected EOF"},
		{`[]`, "into Go codec_test.scalars"},
		{``, "unexpected EOF"},
	} {
		_, err := codec.NewDecoder[scalars]().Decode([]byte(c.src))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.src, err, c.want)
		}
	}
}

// TestDecodeKeepsTheSource is why nobody may write into it again.
func TestDecodeKeepsTheSource(t *testing.T) {
	src := []byte(`{"one":[1],"not":{"a":"b"}}`)
	v, err := codec.NewDecoder[passing]().Decode(src)
	if err != nil || &v.One[0] != &src[7] || &(*v.Not)[0] != &src[17] {
		t.Fatalf("%+v, %v is not in the source", v, err)
	}
	if v.One = append(v.One, '!'); src[10] != ',' || len(v.One) != 4 {
		t.Fatal("what is appended to a part goes into the source")
	}
	s, err := codec.NewDecoder[[]string]().Decode([]byte(`["a","\n"]`))
	if err != nil || unsafe.StringData(s[0]) == unsafe.StringData(s[1]) {
		t.Fatal(s, err)
	}
}

func TestAppendDeep(t *testing.T) {
	deep := &inner{}
	for range 2000 {
		deep = &inner{C: deep}
	}
	sameEncoded(t, of[*inner](), reflect.ValueOf(deep))
	src, err := codec.NewEncoder[*inner](nil).Append(nil, &deep)
	if err != nil {
		t.Fatal(err)
	}
	sameDecoded(t, of[*inner](), src)
	sameDecoded(t, of[struct{}](), src)
	sameDecoded(t, of[*inner](), []byte(strings.Repeat(`{"c":`, 20_000)))
	deep.C = deep
	if _, err := codec.NewEncoder[*inner](nil).Append(nil, &deep); err == nil {
		t.Fatal("a cycle has been written")
	}
}

// TestDepth is about what is nested in what is not looked into: the limit is the library's, and
// what is above it counts.
func TestDepth(t *testing.T) {
	type holder struct {
		Any any `json:"any"`
	}
	type passer struct {
		JSON shape.JSON `json:"json"`
	}
	for _, n := range []int{498, 500, 9997, 9998, 9999, 10_000, 10_001} {
		nested := []byte(strings.Repeat("[", n) + strings.Repeat("]", n))
		sameDecoded(t, of[[]any](), nested)
		sameDecoded(t, of[lists](), nested)
		sameDecoded(t, of[*inner](), []byte(strings.Repeat(`{"c":`, n+1)+"null"+strings.Repeat("}", n+1)))
		sameDecoded(t, of[struct{}](), []byte(`{"a":`+string(nested)+`}`))
		sameDecoded(t, of[[]holder](), []byte(`[{"any":`+string(nested)+`}]`))
		var value any
		for range n {
			value = []any{value}
		}
		sameEncoded(t, of[[]holder](), reflect.ValueOf([]holder{{Any: value}}))
		if n > 9998 {
			continue
		}
		src, err := shape.Of[[]passer]().Depth(10_000).Append(nil, []byte(`[{"json":`+string(nested)+`}]`))
		if err != nil {
			t.Fatal(err)
		}
		if v, err := codec.NewDecoder[[]passer]().Decode(src); err != nil || string(v[0].JSON) != string(nested) {
			t.Fatalf("%d arrays that a shape has let through: %v", n, err)
		}
	}
}

// TestMethodsSeeTheirValueOnly is the one thing that is not as in the library.
func TestMethodsSeeTheirValueOnly(t *testing.T) {
	got, err := codec.NewDecoder[[]placed]().Decode([]byte(`["a",{"b":1}]`))
	if want := []placed{{"", 0}, {"", 0}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("read %v, %v", got, err)
	}
	out, err := codec.NewEncoder[[]placed](nil).Append(nil, &got)
	if want := `["at  0","at  0"]`; err != nil || string(out) != want {
		t.Errorf("wrote %s, %v", out, err)
	}
}

// placed is where it finds itself.
type placed struct {
	at    jsontext.Pointer
	depth int
}

func (p *placed) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	p.at, p.depth = d.StackPointer(), d.StackDepth()
	return d.SkipValue()
}

func (p placed) MarshalJSONTo(e *jsontext.Encoder) error {
	return e.WriteToken(jsontext.String(fmt.Sprint("at ", e.StackPointer(), " ", e.StackDepth())))
}

// TestAppendNothing writes what is empty, nil or not.
func TestAppendNothing(t *testing.T) {
	sameEncoded(t, of[passing](), reflect.ValueOf(passing{One: shape.JSON{}, Many: []shape.JSON{nil, {}}, Not: &shape.JSON{}}))
	sameEncoded(t, of[nesting](), reflect.ValueOf(nesting{Lists: [][]string{nil, {}}, Maps: map[string]map[word]inner{"": nil, "a": {}}}))
}

// TestAppendTimes writes those that RFC 3339 has no way to write, and those next to them.
func TestAppendTimes(t *testing.T) {
	for _, zone := range []int{0, 1, -1, 59, 3600, 86_399, 86_400, -86_400, 90_000, -90_000, 360_000} {
		for _, year := range []int{-1, 0, 1, 999, 1970, 9999, 10_000, 292_277_026_596} {
			at := time.Date(year, 12, 31, 23, 59, 59, 123_456_000, time.FixedZone("", zone))
			sameEncoded(t, of[time.Time](), reflect.ValueOf(at))
			sameEncoded(t, of[[]time.Time](), reflect.ValueOf([]time.Time{at.UTC(), at}))
		}
	}
}

// TestAppendOptions hands the options down.
func TestAppendOptions(t *testing.T) {
	v := lasting{For: 90e9, Any: []any{map[string]any{"b": 1, "a": 2}}}
	got, err := codec.NewEncoder[lasting](wire).Append(nil, &v)
	if want := `{"for":"1m30s","each":{},"any":[{"a":2,"b":1}]}`; err != nil || string(got) != want {
		t.Fatalf("got %s, %v; want %s", got, err, want)
	}
}

// TestConcurrency lets the order of members be learned by many at once.
func TestConcurrency(t *testing.T) {
	decoder, encoder := codec.NewDecoder[homeView](), codec.NewEncoder[homeView](nil)
	src := homeSource(t)
	var want homeView
	if err := json.Unmarshal(src, &want); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 20 {
				got, err := decoder.Decode(src)
				if err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("got %+v, %v", got, err)
				}
				if _, err := encoder.Append(nil, &got); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}
