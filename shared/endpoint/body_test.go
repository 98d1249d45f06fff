package endpoint

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/identity/access"
)

type base struct {
	Source string `json:"source"`
}

type line struct {
	base
	SKU      sku            `json:"sku" validate:"required,max=8"`
	Quantity int8           `json:"quantity" validate:"max=9"`
	Notes    map[string]any `json:"no/te~s"`
	Parent   *line          `json:"parent"`
}

// A grade is one of few, and has a text form.
type grade uint8

func (g *grade) UnmarshalText(b []byte) error {
	if len(b) != 1 {
		return errors.New("a grade is one letter")
	}
	*g = grade(b[0])
	return nil
}

type order struct {
	base
	User    sku               `identity:"subject"`
	Dry     bool              `query:"dry"`
	Lines   []line            `json:"lines" validate:"max=3,dive"`
	Named   map[string]line   `json:"named" validate:"dive"`
	Pair    [2]int            `json:"pair"`
	Note    *string           `json:"note" validate:"omitempty,max=5"`
	At      time.Time         `json:"at"`
	Every   time.Duration     `json:"every" default:"1m"`
	Labels  []string          `json:"labels" default:"none"`
	Bytes   []byte            `json:"bytes"`
	Prices  map[int]float64   `json:"prices"`
	Extra   any               `json:"a.b[c]:d" validate:"required_with=Note"`
	Headers map[string]string `json:"headers" validate:"dive,keys,max=3,endkeys,max=2"`
	On      bool              `json:"on"`
	Grades  []grade           `json:"grades"`
}

func bindOrder(body string) (order, *fault.Error) {
	return bind[order](http.MethodPost, "/", as(post(body), caller))
}

func TestBody(t *testing.T) {
	note := "hi"
	defaults := order{User: "u1", Every: time.Minute, Labels: []string{"none"}}
	for _, tt := range []struct {
		body   string
		change func(*order)
	}{
		{`{}`, func(*order) {}},
		{" \n{}\t", func(*order) {}},
		{`{"labels":[]}`, func(o *order) { o.Labels = []string{} }},
		{`{"labels":["a"],"every":"2s"}`, func(o *order) { o.Labels, o.Every = []string{"a"}, 2*time.Second }},
		{`{"note":null,"a.b[c]:d":null,"pair":[1,2]}`, func(o *order) { o.Pair = [2]int{1, 2} }},
		{`{"note":"hi","a.b[c]:d":{"x":[1]},"on":true}`, func(o *order) {
			o.Note, o.Extra, o.On = &note, map[string]any{"x": []any{1.0}}, true
		}},
		{`{"source":"web","lines":[{"source":"x","sku":"a","quantity":-3,"parent":{"sku":"b"}}]}`, func(o *order) {
			o.Source, o.Lines = "web", []line{{base: base{"x"}, SKU: "a", Quantity: -3, Parent: &line{SKU: "b"}}}
		}},
		{`{"bytes":"AQI=","prices":{"1":2.5},"at":"2026-01-02T03:04:05Z","named":{"":{"sku":"c"}}}`, func(o *order) {
			o.Bytes, o.Prices = []byte{1, 2}, map[int]float64{1: 2.5}
			o.At, o.Named = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), map[string]line{"": {SKU: "c"}}
		}},
		{`{"grades":["a","b"]}`, func(o *order) { o.Grades = []grade{'a', 'b'} }},
	} {
		want := defaults
		tt.change(&want)
		if got, f := bindOrder(tt.body); f != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v %v", tt.body, got, f, places(f))
		}
	}
}

// A body is shown to nothing but the JSON fields, whatever it calls the others.
// TestMemberNamedDash has a tag that is more than the one which hides a field.
func TestMemberNamedDash(t *testing.T) {
	f, err := formOf(reflect.StructOf([]reflect.StructField{
		{Name: "Named", Type: reflect.TypeFor[int](), Tag: `json:"-,omitempty"`},
		{Name: "Hidden", Type: reflect.TypeFor[int](), Tag: `json:"-"`},
	}))
	if wrong := check([]byte(`{"-":1}`), f, 1); err != nil || len(wrong) > 0 {
		t.Error(err, wrong)
	}
	if wrong := check([]byte(`{"Hidden":1}`), f, 1); len(wrong) != 1 {
		t.Error(wrong)
	}
}

func TestNoMassAssignment(t *testing.T) {
	for _, name := range []string{"User", "user", "subject", "Dry", "dry", "base", "Lines", "LINES", "Source"} {
		got, f := bindOrder(fmt.Sprintf(`{%q:true}`, name))
		wantPlaces(t, f, "body /"+name+" is not known")
		if !reflect.DeepEqual(got, order{}) {
			t.Errorf("%s: the composition ran with %+v", name, got)
		}
	}
}

func TestWrongBodies(t *testing.T) {
	for body, want := range map[string]string{
		``:                                       "body  the JSON ends too early",
		`{`:                                      "body  the JSON ends too early",
		`{"lines":[{"sku":"a"`:                   "body /lines/0/sku the JSON ends too early",
		`{"note":"x`:                             "body /note the JSON ends too early",
		`nul`:                                    "body  the JSON ends too early",
		`{} {}`:                                  "body  there is something after the end of the JSON value",
		`{}x`:                                    "body  there is something after the end of the JSON value",
		`{}]`:                                    "body  there is something after the end of the JSON value",
		`{"note":'x'}`:                           "body /note is not valid JSON at byte 8",
		`{"note":"x",}`:                          "body /note is not valid JSON at byte 11",
		"{\"note\":\"\xff\"}":                    "body /note is not valid JSON at byte 9",
		`{"note":"\ud800"}`:                      "body /note is not valid JSON at byte 9",
		`{"note":"a","note":"b"}`:                "body /note is given twice",
		`{"lines":[{"a":1,"a":2}]}`:              "body /lines/0/a is not known|body /lines/0/a is given twice",
		`[]`:                                     "body  must be an object",
		`null`:                                   "body  must be an object",
		`"x"`:                                    "body  must be an object",
		`{"lines":null}`:                         "body /lines must be an array",
		`{"lines":{"a":[{}]}}`:                   "body /lines must be an array",
		`{"lines":[null]}`:                       "body /lines/0 must be an object",
		`{"lines":[[{"x":1}]]}`:                  "body /lines/0 must be an object",
		`{"on":null}`:                            "body /on must be true or false",
		`{"on":"true"}`:                          "body /on must be true or false",
		`{"note":1}`:                             "body /note must be a string",
		`{"pair":[1]}`:                           "body /pair is not a value that can be taken",
		`{"pair":[1,"2"]}`:                       "body /pair/1 must be a number",
		`{"bytes":"?"}`:                          "body /bytes is not a value that can be taken",
		`{"prices":{"x":1}}`:                     "body /prices/x is not a value that can be taken",
		`{"prices":{"1":null}}`:                  "body /prices/1 must be a number",
		`{"at":"today"}`:                         "body /at must be a time (RFC 3339)",
		`{"at":5}`:                               "body /at must be a string: a time (RFC 3339)",
		`{"every":60}`:                           "body /every must be a string: a duration like 1m30s",
		`{"every":"60"}`:                         "body /every must be a duration like 1m30s",
		`{"a.b[c]:d":[[[[[[[[1]]]]]]]]}`:         "body /a.b[c]:d/0/0/0/0/0/0 is nested too deeply: at most 8 levels",
		`{"lines":[{"sku":"a","quantity":128}]}`: "body /lines/0/quantity is a number beyond what is possible",
		`{"lines":[{"sku":"a","quantity":1.5}]}`: "body /lines/0/quantity must be a whole number",
		`{"lines":[{"no/te~s":{"a/b~c":1},"no/te~":1}]}`:    "body /lines/0/no~1te~0 is not known",
		`{"lines":[{"no/te~s":"x"}]}`:                       "body /lines/0/no~1te~0s must be an object",
		`{"named":{"a/b":{"parent":{"parent":{"x~":{}}}}}}`: "body /named/a~1b/parent/parent/x~0 is not known",
		`{"lines":{"a":[}`:                                  "body /lines/a is not valid JSON at byte 15",
		`{"on":1,"x":[1,{"y":2}],"pair":"z","note":[],"lines":[{"quantity":""}],"x":0}`: "body /on must be true or false|" +
			"body /x is not known|body /pair must be an array|body /note must be a string|" +
			"body /lines/0/quantity must be a number|body /x is given twice",
	} {
		_, f := bindOrder(body)
		wantPlaces(t, f, strings.Split(want, "|")...)
	}
}

func TestBrokenRules(t *testing.T) {
	for body, want := range map[string]string{
		`{"lines":[{"sku":"a"},{"sku":""},{"sku":"123456789","quantity":10}]}`: "body /lines/1/sku is required|" +
			"body /lines/2/sku must be at most 8 characters long|body /lines/2/quantity must be at most 9",
		`{"lines":[{"sku":"a","parent":{}}]}`:    "body /lines/0/parent/sku is required",
		`{"lines":[{},{},{},{}]}`:                "body /lines must have at most 3 items",
		`{"named":{"a.b":{},"c/d":{"sku":"x"}}}`: "body /named/a.b/sku is required",
		`{"named":{"x]y[/~&":{}}}`:               "body /named/x]y[~1~0&/sku is required",
		`{"note":"a"}`:                           "body /a.b[c]:d is required with Note",
		`{"note":"secret","a.b[c]:d":1}`:         "body /note must be at most 5 characters long",
		`{"headers":{"a":"secret"}}`:             "body /headers/a must be at most 2 characters long",
		`{"headers":{"long":"x"}}`:               "body /headers/long must be at most 3 characters long",
	} {
		_, f := bindOrder(body)
		wantPlaces(t, f, strings.Split(want, "|")...)
		if strings.Contains(fmt.Sprint(places(f), f), "secret") {
			t.Errorf("%s: the value is repeated: %v", body, places(f))
		}
	}
}

// Mistakes of every kind and everywhere are reported together, each once.
func TestAllMistakesTogether(t *testing.T) {
	type search struct {
		Limit int    `query:"limit" validate:"min=1"`
		Sort  string `query:"sort" validate:"oneof=name price"`
		Text  string `json:"text" validate:"required"`
		Max   int    `json:"max" validate:"min=1"`
	}
	for body, want := range map[string][]string{
		`{"max":"x","y":1}`: {"query limit must be a whole number", "body /max must be a number", "body /y is not known", "query sort must be one of name, price"},
		`{}`:                {"query limit must be a whole number", "query sort must be one of name, price", "body /text is required", "body /max must be at least 1"},
	} {
		r := post(body)
		r.URL.RawQuery = "limit=x&sort=y"
		_, f := bind[search](http.MethodPost, "/", r)
		wantPlaces(t, f, want...)
	}
}

// However large and wrong a body is, the answer stays small.
func TestManyAndLongMistakes(t *testing.T) {
	env := testEnv(io.Discard)
	env.Config.MaxBody = 1 << 20
	e := newEndpoint(http.MethodPost, "/", access.User, count[order], nil)
	long := strings.Repeat("x", 1000)
	for body, want := range map[string]int{
		`{"lines":[` + strings.Repeat(`{"a":1},`, 1000) + `{}]}`: maxWrong,
		`{"named":{"` + long + `":{"a":1,"b":2}}}`:               2,
		`{"named":{` + many(1000) + `}}`:                         maxWrong,
	} {
		var failed error
		serveWith(env, e, &failed).ServeHTTP(httptest.NewRecorder(), as(post(body), caller))
		f := fault.From(failed)
		if f == nil || len(f.Fields) != want || strings.Contains(fmt.Sprint(f.Fields), long) {
			t.Errorf("%.30s: %d mistakes, %.300v", body, len(places(f)), f)
		}
	}
}

// many are n members that each break a rule.
func many(n int) string {
	members := make([]string, n)
	for i := range members {
		members[i] = fmt.Sprintf(`"%d":{}`, i)
	}
	return strings.Join(members, ",")
}
