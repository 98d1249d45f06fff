package facettest

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/compose"
	"github.com/facet-bff/facet/shared/endpoint"
	"github.com/facet-bff/facet/shared/fault"
)

type screen struct {
	Name  string  `json:"name"`
	Tags  []tag   `json:"tags"`
	Price *int    `json:"price"`
	Note  string  `json:"note,omitzero"`
	Rate  float64 `json:"rate"`
}

type tag struct {
	At  time.Time         `json:"at"`
	All map[string]string `json:"all"`
}

func TestConforms(t *testing.T) {
	const well = `{"name":"a","tags":[{"at":"2026-11-01T00:00:00Z","all":{"a":"b"}}],"price":null,"rate":1}`
	for _, tt := range []struct{ body, want string }{
		{well, ""},
		{`{"name":"a","tags":[],"price":3,"rate":1,"note":"x"}`, ""},
		{`{"name":"a","tags":null,"price":3,"rate":1}`, "/tags is null"},
		{`{"name":null,"tags":[],"price":3,"rate":1}`, "/name is null"},
		{`{"tags":[],"price":3,"rate":1}`, "/name is missing"},
		{`{"name":"a","tags":[],"price":3,"rate":1,"cost":7}`, "/cost is unknown"},
		{`{"name":"a","tags":[{"at":5,"all":{}}],"price":3,"rate":1}`, "/tags/0/at is number"},
		{`{"name":"a","tags":[{"at":"","all":[]}],"price":3,"rate":1}`, "/tags/0/all is ["},
		{`{"name":"a","tags":[{"at":"","all":{"x":1}}],"price":3,"rate":1}`, "/tags/0/all/x is number"},
		{`[]`, " is ["},
		{`<html>`, " is "},
	} {
		got := strings.Join(conforms([]byte(tt.body), reflect.TypeFor[screen]()), "; ")
		if got != tt.want && (tt.want == "" || !strings.HasPrefix(got, tt.want)) {
			t.Errorf("%s: %q, want %q", tt.body, got, tt.want)
		}
	}
}

// Every subset is tried of few parts, and of many every two parts meet in all states.
func TestCombinations(t *testing.T) {
	if got, want := len(combinations(3)), 8+7; got != want {
		t.Errorf("%d combinations of 3 parts, want %d", got, want)
	}
	for _, n := range []int{9, 10, 16, 17, 31} {
		met := make(map[string]bool)
		for _, states := range combinations(n) {
			for i := range n {
				for j := range i {
					met[fmt.Sprint(i, j, states[i], states[j])] = true
				}
			}
		}
		if got, want := len(met), n*(n-1)/2*9; got != want {
			t.Errorf("%d pairs of states of %d parts, want %d", got, n, want)
		}
	}
}

// The matrix must find what it is there to find.
func TestMatrixFindsWhatIsWrong(t *testing.T) {
	plan := compose.Plan{Out: reflect.TypeFor[screen]()}
	m := &matrix{
		Kit:      &Kit{network: newNetwork()},
		endpoint: endpoint.Mounted{Plan: plan, Budget: time.Second},
		parts:    []*compose.StepPlan{{Name: "a", Required: true}, {Name: "b"}, {Name: "c"}},
	}
	const body = `{"name":"a","tags":[],"price":null,"rate":1}`
	ok := func() *Response {
		return &Response{Status: 200, Body: []byte(body), Header: http.Header{"Cache-Control": {"no-store"}}}
	}
	problem := func(status int) *Response {
		return &Response{Status: status, Header: http.Header{"Content-Type": {fault.ProblemType}}}
	}
	degraded := func(header string) *Response {
		r := ok()
		r.Header.Set(endpoint.DegradedHeader, header)
		return r
	}
	change := func(r *Response, f func(*Response)) *Response { f(r); return r }

	for _, tt := range []struct {
		name string
		hits string
		slow bool
		res  *Response
		want string // the beginning of the complaint; empty: none
	}{
		{"well", "", false, ok(), ""},
		{"late", "", false, change(ok(), func(r *Response) { r.Took = 2 * time.Second }), "it took 2s"},
		{"leak", "", false, change(ok(), func(r *Response) { r.Body = []byte(Leak) }), "a backend's text leaks"},
		{"shape", "", false, change(ok(), func(r *Response) { r.Body = []byte(`{}`) }), "the JSON has lost its shape"},
		{"silent loss", "b", false, ok(), "degraded is [], not [b]"},
		{"false alarm", "", false, degraded("b;reason=error"), "degraded is [b], not []"},
		{"wrong part", "b", false, degraded("c;reason=error"), "degraded is [c], not [b]"},
		{"told", "bc", false, degraded("c;reason=error, b;reason=timeout"), ""},
		{"stored", "b", false, change(degraded("b"), func(r *Response) { r.Header.Set("Cache-Control", "no-cache") }), "an incomplete answer may be stored"},
		{"required failed", "ab", false, problem(502), ""},
		{"required slow", "a", true, problem(504), ""},
		{"required failed, success", "a", false, ok(), "the status is 200, not one of [502]"},
		{"required failed, wrong status", "a", false, problem(500), "the status is 500"},
		{"required failed, no problem", "a", false, change(problem(502), func(r *Response) { r.Header.Del("Content-Type") }), "the error is "},
		{"optional failed the request", "b", false, problem(502), "the status is 502"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			clear(m.network.hits)
			states := []state{failing, failing, failing}
			if tt.slow {
				states = []state{slow, slow, slow}
			}
			for _, part := range m.parts {
				m.network.hits[part.Name] = strings.Contains(tt.hits, part.Name)
			}
			wrong := strings.Join(m.check(tt.res, states), "; ")
			if (tt.want == "") != (wrong == "") || !strings.HasPrefix(wrong, tt.want) {
				t.Errorf("complaint %q, want %q", wrong, tt.want)
			}
		})
	}
}
