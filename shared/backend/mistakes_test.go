package backend_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/facet-bff/facet/shared/backend"
)

type (
	page struct {
		Offset int `query:"offset"`
	}
	Page struct{ Offset int }
	Name string
)

// Contracts are code: what is wrong with one is said at start-up, and where.
func TestMistakes(t *testing.T) {
	s := (&recorder{}).service()
	for want, declare := range map[string]func(){
		`operation "op" has no service`: func() { backend.GET[string, int](nil, "op", "/{id}") },
		"an operation needs a name":     func() { backend.GET[string, int](s, "", "/{id}") },

		`path "items" does not begin with a slash`: func() { backend.GET[string, int](s, "op", "items") },
		`path "" does not begin with a slash`:      func() { backend.GET[string, int](s, "op", "") },
		`path "/{id": a { is not closed`:           func() { backend.GET[string, int](s, "op", "/{id") },
		`path "/{?q": {? must be closed`:           func() { backend.GET[string, int](s, "op", "/{?q") },
		`path "/{?q}/x": {? must be closed`:        func() { backend.GET[string, int](s, "op", "/{?q}/x") },
		`path "/{}": "" is not a variable's name`:  func() { backend.GET[string, int](s, "op", "/{}") },
		`"" is not a variable's name`:              func() { backend.GET[string, int](s, "op", "/{?}") },
		`"+path" is not a variable's name`:         func() { backend.GET[string, int](s, "op", "/{+path}") },
		`"id*" is not a variable's name`:           func() { backend.GET[string, int](s, "op", "/{id*}") },
		`"b}{?c" is not a variable's name`:         func() { backend.GET[string, int](s, "op", "/{?b}{?c}") },
		`path "/{id}/{id}" has {id} twice`:         func() { backend.GET[string, int](s, "op", "/{id}/{id}") },
		`write a query as {?name}`:                 func() { backend.GET[string, int](s, "op", "/x?id={id}") },
		`path "/}{id}": write a query`:             func() { backend.GET[string, int](s, "op", "/}{id}") },
		`invalid URL escape "%zz"`:                 func() { backend.GET[string, int](s, "op", "/%zz/{id}") },
		"is not plain ASCII: percent-encode it":    func() { backend.GET[string, int](s, "op", "/caf\u00e9/{id}") },
		"invalid control character":                func() { backend.GET[string, int](s, "op", "/a\n/{id}") },

		"needs 0 values, and string is one":           func() { backend.GET[string, int](s, "op", "/") },
		"needs 2 values, and string is one":           func() { backend.POST[string, int](s, "op", "/{a}/{b}") },
		"needs 0 values, and map[string]int is one":   func() { backend.DELETE[map[string]int, int](s, "op", "/") },
		"a map[string]int cannot be written as text":  func() { backend.GET[map[string]int, int](s, "op", "/{id}") },
		"a []struct {} cannot be written as text":     func() { backend.GET[[]struct{}, int](s, "op", "/{?id}") },
		"a interface {} cannot be written as text":    func() { backend.GET[any, int](s, "op", "/{id}") },
		"[]string is a list, and {id} in the path":    func() { backend.GET[[]string, int](s, "op", "/{id}") },
		"take backend_test.page itself":               func() { backend.POST[*page, int](s, "op", "/") },
		"{id} is no field of backend_test.page":       func() { backend.GET[page, int](s, "op", "/{id}{?offset}") },
		"field Offset of backend_test.page: the path": func() { backend.GET[page, int](s, "op", "/") },

		"field A of struct { A string }: not sent": func() { backend.GET[struct{ A string }, int](s, "op", "/") },
		"field B of": func() {
			backend.GET[struct {
				B string `json:"b"`
			}, int](s, "op", "/")
		},
		"another field fills {a} already": func() {
			backend.GET[struct {
				A string `param:"a"`
				B string `query:"a"`
			}, int](s, "op", "/{a}")
		},
		"another field is header X-A already": func() {
			backend.GET[struct {
				A string `header:"X-A"`
				B string `header:"x-a"`
			}, int](s, "op", "/")
		},
		"field A of struct { A []string": func() {
			backend.GET[struct {
				A []string `param:"a"`
			}, int](s, "op", "/{a}")
		},
		"a complex128 cannot be written": func() {
			backend.GET[struct {
				A complex128 `query:"a"`
			}, int](s, "op", "/{?a}")
		},
		"a func() cannot be written": func() {
			backend.GET[struct {
				A func() `header:"X-A"`
			}, int](s, "op", "/")
		},
		`"X A" is not a header's name`: func() {
			backend.GET[struct {
				A string `header:"X A"`
			}, int](s, "op", "/")
		},
		"header Host is set by": func() {
			backend.GET[struct {
				A string `header:"host"`
			}, int](s, "op", "/")
		},
		"embeds a pointer": func() { backend.GET[struct{ *page }, int](s, "op", "/{?offset}") },
		"embedded and with a tag": func() {
			backend.POST[struct {
				Page `json:"page"`
			}, int](s, "op", "/")
		},
		"field Name of": func() { backend.GET[struct{ Name }, int](s, "op", "/") },
		"the json tags are wrong": func() {
			backend.POST[struct {
				A int `json:",embed"`
			}, int](s, "op", "/")
		},

		`"X A" is not a header's`:   func() { backend.GET[string, int](s, "op", "/{id}", backend.WithHeader("X A", "v")) },
		`"" is not a header's name`: func() { backend.GET[string, int](s, "op", "/{id}", backend.WithHeader("", "v")) },
		"header X-A cannot carry":   func() { backend.GET[string, int](s, "op", "/{id}", backend.WithHeader("x-a", "v\r\nX-B: v")) },
		"header X-Request-Timeout is set by the transport": func() {
			backend.GET[string, int](s, "op", "/{id}", backend.WithHeader("X-Request-Timeout", "1"))
		},
	} {
		t.Run(want, func(t *testing.T) {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasPrefix(got, "backend: ") || !strings.Contains(got, want) {
					t.Errorf("got %s", got)
				}
			}()
			declare()
		})
	}
}
