package shape_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/facet-bff/facet/shared/shape"
)

// Sources are judged alike whether what is wrong is kept, dropped or rewritten.
var judges = map[string]*shape.Shape{
	"all":     shape.Must(),
	"nothing": shape.Must(shape.Keep()),
	"some":    shape.Must(shape.Keep("a.b", "c"), shape.Default("d", "1")),
	"camel":   shape.Must(shape.Camel(), shape.OmitNull(), shape.Drop("c")),
	"rename":  shape.Must(shape.Rename("a", "b"), shape.Keep("*.a")),
}

var valid = []string{
	`0`, `-0`, `-0.0e-0`, `1e999`, `1E+2`, `1.5`, `10`, `"a"`, `true`, `false`, `null`, `[]`, `{}`, ` [ ] `, "\t{\n}\r",
	`""`, `"\""`, `"\\"`, `"\\\""`, `"\u0000\b\f\n\r\t\/"`, `"\uD83D\uDE00"`, `"\ud83d\ude00x"`, "\"\x7f\"", "\"\u2028😀\uffff\"",
	`"1234567"`, `"12345678"`, `"123456789"`, `"1234567\n"`, `"12345678\\"`, `"é234567\"é"`,
	`{"a":{"b":[1,{"c":"d"}],"c":null},"c":[true,false]}`, `{"":0}`, `{"a":1,"A":2,"aa":3}`, `{"a":{"a":1},"b":{"a":1}}`,
	`[[],[[]],{"a":[]}]`, `[1,"",{"a":{}}]`, `{"a_b":1,"aB":2}`, `{"a\\":1,"a":2}`, `{"\"":1,"\\\"":2}`,
	`[{"a":1,"b":2},{"a":1,"c":2,"b":3},{"a":1},{},{"b":1,"a":2},{"a":1,"b":2,"c":3}]`, `[{},{"a":1},{"a":2}]`,
	`[{"a":[{"b":1},{"b":2}],"c":0},{"a":[{"b":3}],"c":1,"b":{"a":1}},{"a":{}, "c" :2}]`, `[{"ab":1},{"a":1,"ab":2}]`,
	`[{"a":1,"b":2,"c":3,"d":4},{"a":1,"d":4},{"b":2,"a":1,"c":3},{"d":4},{"a":1,"d":4,"c":3},{"a":1,"c":2,"e":3}]`,
	`[{"a":1},{"a":1,"b":{"c":1}},{"a":2,"b":{"c":1,"d":2}},{"b":{"d":1},"a":0},{"b":{"d":1,"c":2,"b":3}},{"a":3,"b":[{"c":1},{"d":2}]}]`,
	`[{"a_name_that_is_long":1,"a_name_that_is_longer":2},{"a_name_that_is_long" :3,"a_name_that_is_longer": 4},{"a_name_that_is_longer":5}]`,
	`[{"\u0061":1,"b":2},{"\u0061":1,"b":2},{"a":1,"b":2},{"\u0061":1,"\u0062":2}]`, `[{"a" : 1},{"a" : 1},{"a":1},{"a"` + "\n" + `:1}]`,
	`[[{"a":1,"b":2},{"a":3}],[{"a":1,"b":2},{"b":3,"c":4}],{"a":1,"b":{"a":1}},[]]`, `[{"a":[{"b":1}]},{"a":[{"b":1},{"b":1}]},{"a":{"b":[{"b":1}]}}]`,
}

var invalid = []string{
	``, ` `, `{`, `[`, `"`, `"\`, `-`, `+1`, `01`, `-01`, `00`, `1.`, `.5`, `-.5`, `1.e1`, `1e`, `1e+`, `1e-`, `1.5.5`, `0x10`, `1_0`, `1a`, `--1`, `١`,
	`NaN`, `Infinity`, `-Infinity`, `nul`, `nulll`, `True`, `tru`, `truefalse`, `falsy`, `undefined`, `'a'`, `a`,
	`[1,]`, `[,1]`, `[,]`, `[1 2]`, `[1;2]`, `[`, `]`, `[1`, `[1}`, `{]`, `[[]`, `[]]`, `{}}`, `{} {}`, `1 2`, `[]1`, `{},`,
	`{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `{"a" 1}`, `{"a"::1}`, `{"a":1 "b":2}`, `{a:1}`, `{1:1}`, `{"a":1,,"b":2}`, `{null:1}`, `{"a":1;}`,
	"\"\x00\"", "\"\x1f\"", "\"\n\"", "\"12345678\t\"", "{\"a\x01\":1}", "\xef\xbb\xbf{}", "{}\x00", "[1,\x0b2]", "\u00a0[]", "[\f]",
	`"\x"`, `"\u"`, `"\u12"`, `"\u123g"`, `"\U0041"`, `"\'"`, `"\a"`, "\"\\\n\"",
	`"\ud800"`, `"\udc00"`, `"\ud800\ud800"`, `"\ud800x"`, `"\ud800\n"`, `"\ud800\u0041"`, `"\ud800\u"`, `"\ud800\ue000"`, `{"\udfff":1}`,
	"\"\x80\"", "\"\xff\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xe2\x82\"", "\"1234567\xc3\"", "{\"\xff\":1}",
	`{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `{"\u0061":1,"b":2,"a":3}`, `{"":1,"":2}`, `{"x":[{"b":1,"c":2,"b":3}]}`, `{"😀":1,"\ud83d\ude00":2}`, `{"/":1,"\/":2}`,
	`[{"a":1,"b":2},{"a":1,"b":2,"a":3}]`, `[{"a":1,"b":2},{"a":1,"c":2,"a":3}]`, `[{"a":1,"b":2},{"a":1,"a":2}]`,
	`[{"a":1,"b":2},{"a":1,"c":2,"\u0061":3}]`, `[{"a":{"b":1},"c":0},{"a":{"b":1},"c":0,"c":0}]`, `[{"a":[{"b":1}]},{"b":1,"b":2}]`,
	`[{"a":1,"b":2,"c":3},{"a":1,"c":3,"b":2,"c":4}]`, `[{"a":1,"b":2,"c":3},{"a":1,"c":3,"b":2,"a":4}]`, `[{"a":1,"b":2,"c":3},{"a":1,"c":3,"c":3}]`,
	`[{"a":1,"b":2,"c":3},{"b":1,"d":0,"\u0062":3}]`, `[{"a":1},{"a":2,"b":3},{"a":4,"b":5,"a":6}]`, `[{"\u0061":1,"b":2},{"\u0061":1,"a":2}]`,
	`[{"a":{"b":1}},{"a":{"b":1,"c":2}},{"a":{"b":1,"c":2,"b":3}}]`, `[{"a":[{"b":1}]},{"a":[{"b":1}]},{"a":[{"b":1,"b":2}]}]`,
	`[{"a":1,"b":2},{"a":1,"b":2},{"a":1,"b" 2}]`, `[{"a":1,"b":2},{"a":1,"b":}]`, `[{"a":1,"b":2},{"a": ,"b":2}]`, `[{"a":1,"b":2},{"a":1,"b":2,}]`,
	`[{"a_name_that_is_long":1,"b":2},{"a_name_that_is_long":1,"b":2,"a_name_that_is_long":3}]`, `[{"a_name_that_is_long":1},{"a_name_that_is_long`,
	`[{"a":1,"b":2},{xa":1,"b":2}]`, `[{"a":1,"b":2},{'a" :1,"b":2}]`, `[{"a":1,"b":2},{"ax:1,"b":2}]`, `[{"a_name_that_is_long":1},{xa_name_that_is_long":1}]`, `[{"a":1},{ a":1}]`,
	"[{\"a\"\t:1,\"b\":2,\"c\":3},{\"a\";1,\"b\":2,\"c\":3}]", `[{"a_name":1,"b":2,"c":3},{"a_name" 1,"b":2,"c":3}]`,
	`[{"a_name":1,"c":2},{"a_name"x1}]`, `[{"a_name":1},{"a_name`, `[{"a_name":1},{"a_name"`,
	`// c` + "\n1", `/**/1`, `[1,/**/2]`, `{"a":1}#`,
}

func TestStrictness(t *testing.T) {
	for name, s := range judges {
		for _, src := range valid {
			out, err := s.Append(nil, []byte(src))
			if err != nil || !jsontext.Value(out).IsValid() {
				t.Errorf("%s: %q: got %q, %v", name, src, out, err)
			}
		}
		for _, src := range invalid {
			if jsontext.Value(src).IsValid() {
				t.Errorf("%q is valid", src)
			}
			for _, around := range []string{"%s", "[%s]", `{"a":%s}`, `{"c":%s,"d":0}`, `{"a":{"b":%s}}`, `[{"z":[0,%s]}]`} {
				src := fmt.Sprintf(around, src)
				if jsontext.Value(src).IsValid() {
					continue // [ ] for example
				}
				before := []byte("x")
				if out, err := s.Append(before, []byte(src)); err == nil || string(out) != "x" {
					t.Errorf("%s: %q: got %q, %v", name, src, out, err)
				}
			}
		}
	}
}

func TestEveryByteInStrings(t *testing.T) {
	for c := range 256 {
		for before := range 10 {
			text := strings.Repeat("x", before) + string([]byte{byte(c)}) + "xxxxxxxx"
			src := fmt.Sprintf(`[{"%[1]s":"%[1]s"},{"%[1]s":"%[1]s"}]`, text)
			want := jsontext.Value(src).IsValid()
			for name, s := range judges {
				if _, err := s.Append(nil, []byte(src)); (err == nil) != want {
					t.Errorf("%s: %q: valid is %v, got %v", name, src, want, err)
				}
			}
		}
	}
}

func TestEveryPrefixIsRefused(t *testing.T) {
	const doc = `{"a":{"b":[1.5e-7,{"c":"d\u0041\ud83d\ude00é"}],"c":null},"c":[true,false,"0123456789"],"é":{}}`
	for name, s := range judges {
		if _, err := s.Append(nil, []byte(doc)); err != nil {
			t.Fatal(err)
		}
		for n := range doc {
			if out, err := s.Append(nil, []byte(doc[:n])); err == nil {
				t.Errorf("%s: %s gives %s", name, doc[:n], out)
			}
		}
	}
}

func TestDepth(t *testing.T) {
	for name, s := range judges {
		for _, pair := range [][2]string{{"[", "]"}, {`{"a":`, "}"}, {`{"b":`, "}"}} {
			nested := func(n int) []byte {
				return []byte(strings.Repeat(pair[0], n-1) + "[]" + strings.Repeat(pair[1], n-1))
			}
			for _, c := range []struct {
				s     *shape.Shape
				limit int
			}{{s, shape.DefaultDepth}, {s.Depth(1), 1}, {s.Depth(10_000), 10_000}} {
				if _, err := c.s.Append(nil, nested(c.limit)); err != nil {
					t.Errorf("%s: depth %d: %v", name, c.limit, err)
				}
				if _, err := c.s.Append(nil, nested(c.limit+1)); err == nil {
					t.Errorf("%s: depth %d is not refused", name, c.limit+1)
				}
			}
			if _, err := s.Append(nil, []byte(strings.Repeat(pair[0], 1_000_000))); err == nil {
				t.Errorf("%s: a million times %s is not refused", name, pair[0])
			}
		}
	}
}

func TestErrors(t *testing.T) {
	all := shape.Must()
	for _, c := range []struct{ src, want string }{
		{``, `shape: invalid JSON at byte 0: it ends early`},
		{`{"a":[1,{"b/c":tru}]}`, `shape: invalid JSON at byte 18 in "/a/1/b~1c": expected true`},
		{`{"a":{"x":1,"y":2,"x":3}}`, `shape: invalid JSON at byte 18 in "/a": an object has two members of this name`},
		{`{"\u0061":"\ud800"}`, `shape: invalid JSON at byte 11 in "/a": half of a surrogate pair`},
		{"[0,\"abc\xffdef\"]", `shape: invalid JSON at byte 7 in "/1": a string is not UTF-8`},
		{`"a":1`, `shape: invalid JSON at byte 3: something follows the value`},
		{`["a":1]`, `shape: invalid JSON at byte 4 in "/0": expected a comma or ]`},
		{`{"a":1,b:2}`, `shape: invalid JSON at byte 7: expected a name in quotes`},
		{`[[],[]`, `shape: invalid JSON at byte 6 in "/1": it ends early`},
		{`{"a":01}`, `shape: invalid JSON at byte 6 in "/a": expected a comma or }`},
	} {
		_, err := all.Append(nil, []byte(c.src))
		if _, ok := errors.AsType[*shape.Error](err); !ok || err.Error() != c.want {
			t.Errorf("%q:\ngot  %v\nwant %s", c.src, err, c.want)
		}
	}
}

// Names that a cheap hash cannot tell apart must not make large objects slow: these have the
// same ends and lengths. The limit is generous; quadratic would take minutes.
func TestLargeObjects(t *testing.T) {
	const n = 200_000
	var b strings.Builder
	b.WriteString(`{"first":0`)
	for i := range n {
		if i == n/2 {
			b.WriteString(`,"nested":{"last":0`)
			for k := range 100 {
				fmt.Fprintf(&b, `,"%d":0`, k)
			}
			b.WriteString(`}`)
		}
		fmt.Fprintf(&b, `,"same_start%08dsame_end":{"b":1}`, i)
	}
	doc := b.String()
	start := time.Now()
	for _, name := range []string{"nothing", "camel"} {
		if _, err := judges[name].Append(nil, []byte(doc+"}")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, again := range []string{`first"`, `nested"`, `same_start00000000same_end"`, `same_\u0073tart00199999same_end"`} {
		if _, err := judges["nothing"].Append(nil, []byte(doc+`,"`+again+`:0}`)); err == nil {
			t.Errorf("a second %s is not refused", again)
		}
	}
	if d := time.Since(start); d > time.Minute {
		t.Errorf("it took %v", d)
	}
}

func TestErrorsStayShort(t *testing.T) {
	long := strings.Repeat("x", 2000)
	_, err := shape.Must().Append(nil, []byte(`{"`+long+`":[}`))
	if e, ok := errors.AsType[*shape.Error](err); !ok || e.Pointer != "" || e.Offset != 2005 {
		t.Errorf("got %+v", e)
	}
}
