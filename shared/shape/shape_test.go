package shape_test

import (
	"strings"
	"testing"

	"github.com/facet-bff/facet/shared/shape"
)

func TestAppend(t *testing.T) {
	for _, c := range []struct {
		name  string
		rules []shape.Rule
		src   string
		want  string
	}{
		{"no rules: all, compacted", nil, " { \"a\" : [ 1 , \" x \\\" y \" , { } , [ ] ] ,\n\t\"b\":null}\r\n", `{"a":[1," x \" y ",{},[]],"b":null}`},
		{"a scalar", nil, ` -0.10e+07 `, `-0.10e+07`},
		{"numbers keep every digit", nil, `[12345678901234567890.123456789012345678900,1e999,-0]`, `[12345678901234567890.123456789012345678900,1e999,-0]`},
		{"strings stay raw", nil, `["\u0041\/é\ud83d\ude00"]`, `["\u0041\/é\ud83d\ude00"]`},

		{"keep, in the order of the source", rules(shape.Keep("b", "a")), `{"a":1,"x":{"a":3},"b":[2, 3]}`, `{"a":1,"b":[2,3]}`},
		{"keep what is not there", rules(shape.Keep("z")), `{"a":1}`, `{}`},
		{"keep nested", rules(shape.Keep("a.b", "a.c.d")), `{"a":{"b":1,"c":{"d":2,"e":3},"f":4},"g":5}`, `{"a":{"b":1,"c":{"d":2}}}`},
		{"keep into arrays of any depth", rules(shape.Keep("l.s")), `{"l":[[{"s":1,"t":2}],[],{"t":3},[[{"s":4}]]]}`, `{"l":[[{"s":1}],[],{},[[{"s":4}]]]}`},
		{"keep at the top of an array", rules(shape.Keep("a")), `[{"a":1,"b":2},{"b":3}]`, `[{"a":1},{}]`},
		{"keep from elements that are alike", rules(shape.Keep("createdAt", "b")), `[{"createdAt":1,"a":0,"b":2},{"createdBy":3,"a":0,"b":4},{"createdAt":5,"a":0,"b":6}]`, `[{"createdAt":1,"b":2},{"b":4},{"createdAt":5,"b":6}]`},
		{"keep from elements that lack members", rules(shape.Keep("a", "d")), `[{"a":1,"b":2,"c":3,"d":4},{"b":2,"d":5},{"d":6},{"d":7,"a":8},{"a":9,"e":0},{"e":0,"d":1,"a":2}]`, `[{"a":1,"d":4},{"d":5},{"d":6},{"d":7,"a":8},{"a":9},{"d":1,"a":2}]`},
		{"keep from elements that gain members", rules(shape.Keep("b", "c.d")), `[{"a":1},{"a":1,"b":2},{"a":1,"b":3,"c":{"d":4}},{"b":5,"c":{"d":6,"e":7}},{"c":{"d":8,"e":9}}]`, `[{},{"b":2},{"b":3,"c":{"d":4}},{"b":5,"c":{"d":6}},{"c":{"d":8}}]`},
		{"keep from lists in elements that are alike", rules(shape.Keep("l.s")), `[{"l":[{"s":1,"t":2}]},{"l":[{"s":3,"t":4},{"t":5,"s":6}]},{"l":{"s":7,"t":8}},{"l":[[{"s":9,"t":0}]]},{"l":[{"s": 1 , "t":2}]}]`, `[{"l":[{"s":1}]},{"l":[{"s":3},{"s":6}]},{"l":{"s":7}},{"l":[[{"s":9}]]},{"l":[{"s":1}]}]`},
		{"a whole with whitespace from elements that are alike", rules(shape.Keep("a", "aVeryLongName")), `[{"a":[1,2],"b":0,"aVeryLongName":1},{"a":[1, 2],"b":0,"aVeryLongName":{"c" :3}},{"a" :4,"b": 0 ,"aVeryLongName" : 5}]`, `[{"a":[1,2],"aVeryLongName":1},{"a":[1,2],"aVeryLongName":{"c":3}},{"a":4,"aVeryLongName":5}]`},
		{"keep where no object is", rules(shape.Keep("a.b")), `{"a":null,"c":1}`, `{"a":null}`},
		{"keep a whole and a part of it", rules(shape.Keep("a", "a.b")), `{"a":{"b":1,"c":2}}`, `{"a":{"b":1,"c":2}}`},
		{"keep nothing", rules(shape.Keep()), `{"a":{"b":1}}`, `{}`},
		{"names with escapes", rules(shape.Keep("aé\n")), `{"\u0061\u00e9\n":1,"b":2}`, "{\"aé\\u000a\":1}"},
		{"JSON pointers", rules(shape.Keep("/a.b/*", "/~0~1")), `{"a.b":{"*":1,"c":2},"~/":3,"a":{"b":4}}`, `{"a.b":{"*":1},"~/":3}`},

		{"star over members", rules(shape.Keep("m.*.x")), `{"m":{"1":{"x":1,"y":2},"2":{"x":3}},"n":0}`, `{"m":{"1":{"x":1},"2":{"x":3}}}`},
		{"star over elements", rules(shape.Keep("m.*.x")), `{"m":[{"x":1,"y":2},{"x":3}]}`, `{"m":[{"x":1},{"x":3}]}`},
		{"star over elements of elements", rules(shape.Keep("m.*.x", "m.y")), `{"m":[{"x":1,"y":2},{"x":3,"y":4},[{"x":5,"y":6},{"x":7,"y":8}]]}`, `{"m":[{"x":1},{"x":3},[{"x":5},{"x":7}]]}`},
		{"star over elements of lists", rules(shape.Keep("*.*.x", "*.y", "z")), `[[{"x":1,"y":2,"z":3},{"x":1,"y":2,"z":3}],{"x":1,"y":2,"z":3},{"x":1,"y":2,"z":3},[{"x":1,"y":2,"z":3}]]`, `[[{"x":1},{"x":1}],{"x":1,"y":2,"z":3},{"x":1,"y":2,"z":3},[{"x":1}]]`},
		{"a name goes before a star", rules(shape.Keep("*.x", "a.y")), `{"a":{"x":1,"y":2},"b":{"x":3,"y":4}}`, `{"a":{"y":2},"b":{"x":3}}`},

		{"drop", rules(shape.Drop("a", "b.c", "l.x", "m.*.y")), `{"a":1,"b":{"c":2,"d":3},"l":[{"x":4,"z":5}],"m":{"k":{"y":6}},"e":7}`, `{"b":{"d":3},"l":[{"z":5}],"m":{"k":{}},"e":7}`},
		{"drop from what is kept", rules(shape.Keep("a"), shape.Drop("a.secret")), `{"a":{"b":1,"secret":2},"c":3}`, `{"a":{"b":1}}`},
		{"drop from what is not kept", rules(shape.Keep("a"), shape.Drop("b.c")), `{"a":1,"b":{"d":2}}`, `{"a":1}`},

		{"rename in place", rules(shape.Rename("a", "x"), shape.Rename("b.c", `"y"`)), `{"a":1,"b":{"c":2,"d":3}}`, `{"x":1,"b":{"\"y\"":2,"d":3}}`},
		{"rename keeps", rules(shape.Keep("a"), shape.Rename("b", "c")), `{"a":1,"b":2,"d":3}`, `{"a":1,"c":2}`},
		{"rename in arrays", rules(shape.Rename("l.a", "b")), `{"l":[{"a":1},{"a":2,"c":3}]}`, `{"l":[{"b":1},{"b":2,"c":3}]}`},
		{"swap", rules(shape.Rename("a", "b"), shape.Rename("b", "a")), `{"a":1,"b":2}`, `{"b":1,"a":2}`},
		{"a name that is taken gives way", rules(shape.Rename("a", "b")), `{"b":1,"a":2}`, `{"b":2}`},
		{"rename to a name that is dropped", rules(shape.Rename("a", "b"), shape.Drop("b")), `{"b":1,"a":2}`, `{"b":2}`},

		{"default", rules(shape.Keep("a"), shape.Default("b", ` { "c" : 1 } `), shape.Default("d", "null")), `{"d":3}`, `{"d":3,"b":{"c":1}}`},
		{"default of an empty object", rules(shape.Default("a", "1"), shape.Default("b", "2")), `{}`, `{"a":1,"b":2}`},
		{"default of elements", rules(shape.Keep("l.a"), shape.Default("l.b", "[]")), `{"l":[{"a":1},{"b":2},3]}`, `{"l":[{"a":1,"b":[]},{"b":2},3]}`},
		{"default makes no object", rules(shape.Default("a.b", "1")), `[{},{"a":null},{"a":{}}]`, `[{},{"a":null},{"a":{"b":1}}]`},
		{"default, renamed", rules(shape.Default("a", "1"), shape.Rename("a", "b")), `[{},{"a":2}]`, `[{"b":1},{"b":2}]`},

		{"camel case", rules(shape.Camel()), `{"user_name":{"first_name":[{"line_1":"a_b"}]},"_id":1,"a__b":2,"MAX_SIZE":3,"x_":4,"a_B":5}`, `{"userName":{"firstName":[{"line1":"a_b"}]},"_id":1,"a__b":2,"MAX_SIZE":3,"x_":4,"a_B":5}`},
		{"camel case of what is kept", rules(shape.Camel(), shape.Keep("user_id", "a_b.c_d"), shape.Rename("x_y", "p_q")), `{"user_id":1,"a_b":{"c_d":2,"e_f":3},"x_y":4}`, `{"userId":1,"aB":{"cD":2},"p_q":4}`},
		{"camel case of escapes", rules(shape.Camel()), `{"a\u005fb\"":1}`, `{"aB\"":1}`},
		{"camel case: the later gives way", rules(shape.Camel()), `{"a_b":1,"aB":2,"c_d":{"x":3}}`, `{"aB":1,"cD":{"x":3}}`},
		{"camel case: rules go first", rules(shape.Camel(), shape.Default("a_b", "0")), `{"aB":1}`, `{"aB":0}`},

		{"no nulls", rules(shape.OmitNull()), `{"a":null,"b":[null,{"c":null}],"d":0}`, `{"b":[null,{}],"d":0}`},
		{"no nulls, with a default", rules(shape.OmitNull(), shape.Keep("a"), shape.Default("a", `"-"`)), `{"a":null,"b":null}`, `{"a":"-"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := shape.Must(c.rules...).Append([]byte("before "), []byte(c.src))
			if err != nil || string(got) != "before "+c.want {
				t.Fatalf("got %s, %v; want %s", got, err, c.want)
			}
		})
	}
}

func rules(r ...shape.Rule) []shape.Rule { return r }

func TestNewRefuses(t *testing.T) {
	many := func(rule func(path string) shape.Rule, n int) (r []shape.Rule) {
		for i := range n {
			r = append(r, rule("a."+strings.Repeat("x", i+1)))
		}
		return r
	}
	for _, c := range []struct {
		rules []shape.Rule
		want  string
	}{
		{rules(shape.Keep("a..b")), `shape: path "a..b" has an empty name; write it as a JSON pointer if it is meant`},
		{rules(shape.Keep("")), `shape: path "" has an empty name; write it as a JSON pointer if it is meant`},
		{rules(shape.Drop("\xff")), `shape: path "\xff" is not UTF-8`},
		{rules(shape.Rename("a", "\xff")), `shape: rename a: the new name is not UTF-8`},
		{rules(shape.Default("a.b", "{")), `shape: default of a.b: shape: invalid JSON at byte 1: it ends early`},
		{rules(shape.Keep("a.b"), shape.Drop("a")), `shape: /a is dropped, and it or a member of it is kept, renamed or given a default`},
		{rules(shape.Drop("a.*")), `shape: /a/* names every member: it can be kept, not dropped, renamed or given a default`},
		{rules(shape.Keep("a.b", "a.c"), shape.Rename("a.b", "c")), `shape: /a/b and /a/c would both be named "c"`},
		{rules(shape.Camel(), shape.Keep("a_b", "aB")), `shape: /a_b and /aB would both be named "aB"`},
		{many(func(path string) shape.Rule { return shape.Default(path, "1") }, 65), `shape: /a has 65 defaults; 64 are possible in one object`},
		{many(func(path string) shape.Rule { return shape.Keep(path) }, 4097), `shape: /a names 4097 members; 4096 are possible`},
	} {
		if _, err := shape.New(c.rules...); err == nil || err.Error() != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
}

func TestMistakesPanic(t *testing.T) {
	for name, f := range map[string]func(){
		"must":  func() { shape.Must(shape.Keep("")) },
		"depth": func() { shape.Must().Depth(0) },
		"close": func() { o := shape.NewObject(nil); o.Close() },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

func TestManyMembers(t *testing.T) {
	for _, n := range []int{10, 20, 32, 300} {
		var keep []string
		var members, want [3]strings.Builder // of elements that are alike, and of one that lacks some
		for i := range n {
			name := strings.Repeat("n", i%7) + strings.Repeat("m", i/7+1)
			for k := range members {
				members[k].WriteString(`,"` + name + `":1`)
				want[k].WriteString(`,"` + name + `":1`)
				if k != 1 || i%3 > 0 {
					members[k].WriteString(`,"` + name + `x":2`)
				}
			}
			keep = append(keep, name)
		}
		members[1].WriteString(`,"` + keep[(n-1)/3*3] + `x":2`)
		list := func(members []strings.Builder) string {
			var elements []string
			for k := range members {
				elements = append(elements, "{"+members[k].String()[1:]+"}")
			}
			return "[" + strings.Join(elements, ",") + "]"
		}
		for _, c := range []struct {
			rule shape.Rule
			want string
		}{{shape.Keep(keep...), list(want[:])}, {shape.Camel(), list(members[:])}} {
			got, err := shape.Must(c.rule).Append(nil, []byte(list(members[:])))
			if err != nil || string(got) != c.want {
				t.Fatalf("got %s, %v", got, err)
			}
			again := strings.TrimSuffix(list(members[:]), "}]") + `,"mx":3}]`
			if _, err := shape.Must(c.rule).Append(nil, []byte(again)); err == nil {
				t.Fatal("a name twice is not refused")
			}
		}
	}
}

func TestObject(t *testing.T) {
	o := shape.NewObject([]byte("x"))
	o.Project("user", shape.Must(shape.Keep("id")), []byte(`{"id":1,"name":2}`))
	o.Group(`a "group"`)
	o.Group("empty")
	o.Close()
	o.Value("orders", []byte(`[]`))
	o.Value("none", nil)
	o.Close()
	o.Value("last", []byte("{}"))
	o.Group("open")
	got, err := o.End()
	const want = `x{"user":{"id":1},"a \"group\"":{"empty":{},"orders":[],"none":null},"last":{},"open":{}}`
	if err != nil || string(got) != want {
		t.Fatalf("got %s, %v; want %s", got, err, want)
	}
}

func TestObjectReportsTheFirstError(t *testing.T) {
	all := shape.Must()
	o := shape.NewObject([]byte("x"))
	o.Project("a", all, []byte(`{}`))
	o.Project("b", all, []byte(`{`))
	o.Project("c", all, []byte(`[`))
	got, err := o.End()
	const want = `member "b": shape: invalid JSON at byte 1: it ends early`
	if err == nil || err.Error() != want || string(got) != "x" {
		t.Fatalf("got %s, %v", got, err)
	}
}
