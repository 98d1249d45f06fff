package endpoint

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/compose"
	"github.com/facet-bff/facet/shared/identity/access"
)

type embeddedPointer struct{ *page }

type unexported struct {
	limit int `query:"limit"` //nolint:unused // reflection finds it
}

type repeated struct {
	one
	B string `json:"a"`
}

type one struct {
	A string `json:"a"`
}

type recursive struct {
	Name string      `json:"name" validate:"max=3"`
	Next []recursive `json:"next" validate:"dive"`
}

// declaring is the declaration of an endpoint with the input In, as yet not made.
func declaring[In any](method, path string, rule access.Rule) func() {
	return func() { newEndpoint[none, In, int](method, path, rule, nil, nil) }
}

func onGet[In any]() func()  { return declaring[In](http.MethodGet, "/", access.User) }
func onPost[In any]() func() { return declaring[In](http.MethodPost, "/", access.User) }

// Every mistake of a programmer panics when the endpoint is declared, and says what and
// where it is.
func TestMistakesInInputs(t *testing.T) {
	for want, declare := range map[string]func(){
		"GET /: the input string is not a struct":        onGet[string](),
		"GET /: struct { A string }: field A: say where": onGet[struct{ A string }](),
		"field A: say where": onPost[struct {
			A string `json:"-"`
		}](),
		"field page: say where":            onGet[embeddedPointer](),
		"field limit: it must be exported": onGet[unexported](),
		"field A: it has two sources": onPost[struct {
			A string `query:"a" json:"a"`
		}](),
		"field A: its query tag is empty": onGet[struct {
			A string `query:""`
		}](),
		"a chan int cannot be read from text": onGet[struct {
			A chan int `query:"a"`
		}](),
		"a []string cannot be read from text": onGet[struct {
			A [][]string `query:"a"`
		}](),
		"field A: default: must be a whole number": onGet[struct {
			A int `query:"a" default:"x"`
		}](),
		"no request has the header X-User-Id": onGet[struct {
			A string `header:"X-User-Id"`
		}](),
		`identity has no "name"`: onGet[struct {
			A string `identity:"name"`
		}](),
		"identity roles is a []string": onGet[struct {
			A string `identity:"roles"`
		}](),
		"access public lets requests in that have none": declaring[struct {
			A string `identity:"subject"`
		}](
			http.MethodGet, "/", access.Public),

		"a GET has no body": onGet[struct {
			A string `json:"a"`
		}](),
		"a DELETE has no body": declaring[struct {
			A string `json:"a"`
		}](http.MethodDelete, "/", access.Public),
		`field B: there are two of the JSON name "a"`: onPost[repeated](),
		"a chan int cannot be read from JSON": onPost[struct {
			A []struct{ B chan int } `json:"a"`
		}](),
		"a io.Reader cannot be read from JSON": onPost[struct {
			A io.Reader `json:"a"`
		}](),
		"its keys have no text form": onPost[struct {
			A map[[1]int]int `json:"a"`
		}](),
		"field B: its json tag has what is not supported": onPost[struct {
			A struct {
				B int `json:",string"`
			} `json:"a"`
		}](),
		"field A: its json tag has what is not supported": onPost[struct {
			A int `json:"'a'"`
		}](),
		"field SKU: only a struct can be embedded": onPost[struct {
			A struct{ SKU } `json:"a"`
		}](),
		"field A: default: must be a duration like 1m30s": onPost[struct {
			A time.Duration `json:"a" default:"5"`
		}](),
		"field A: a struct {} cannot be read from text": onPost[struct {
			A struct{} `json:"a" default:"5"`
		}](),
		"Undefined validation function 'maximum' on field": onPost[struct {
			A string `json:"a" validate:"maximum=3"`
		}](),
		"a validate tag is wrong: Bad field type bool": onGet[struct {
			A bool `query:"a" validate:"max=3"`
		}](),
		"a validate tag is wrong: strconv": onPost[struct {
			A map[string][]struct {
				B *int `json:"b" validate:"omitempty,max=three"`
			} `json:"a" validate:"dive,dive"`
		}](),
	} {
		wantPanic(t, want, declare)
	}
	onPost[recursive]()() // does not panic, and ends
}

func count[In any](none) *compose.Graph[In, int] {
	return compose.Define("count", func(in compose.Node[In]) compose.Node[int] {
		return compose.Map(in, func(In) int { return 1 })
	})
}

// SKU is an exported type that is no struct.
type SKU string

func TestMistakesInPaths(t *testing.T) {
	type single struct {
		A string `param:"a"`
	}
	type twice struct {
		A string `param:"a"`
		B string `param:"a"`
	}
	for want, declare := range map[string]func(){
		"the path does not begin with a slash": declaring[none](http.MethodGet, "v1", access.Public),
		"GET /: the path has no {a} left":      declaring[single](http.MethodGet, "/", access.Public),
		"GET /{a}: the path has no {a} left":   declaring[twice](http.MethodGet, "/{a}", access.Public),
		"no field takes {b} of the path":       declaring[single](http.MethodGet, "/{a}/{b}", access.Public),
		"no field takes {a} of the path":       declaring[single](http.MethodGet, "/{a}/{a}", access.Public),
		"the segment {a}.json of the path is":  declaring[single](http.MethodGet, "/{a}.json", access.Public),
		"the segment :a of the path is":        declaring[single](http.MethodGet, "/:a", access.Public),
		"the segment * of the path is":         declaring[none](http.MethodGet, "/*", access.Public),
		"the segment a} of the path is":        declaring[single](http.MethodGet, "/a}", access.Public),
		"the segment x?y of the path is":       declaring[none](http.MethodGet, "/x?y", access.Public),
	} {
		wantPanic(t, want, declare)
	}
}

func TestMistakesInTables(t *testing.T) {
	type a struct {
		Value string `param:"a"`
	}
	type b struct {
		Value string `param:"b"`
	}
	nothing := func(none) *compose.Graph[a, int] { return nil }
	mount := func(table Table[none]) func() { return func() { table.Mount(none{}, testEnv(io.Discard)) } }
	for want, mistake := range map[string]func(){
		"GET / is declared twice":               mount(Table[none]{constant(1), constant(2)}),
		"GET /x/{b} is declared twice":          mount(Table[none]{GET("/x/{a}", access.User, count[a]), GET("/x/{b}", access.User, count[b])}),
		"endpoint: GET /{a} has no composition": mount(Table[none]{GET("/{a}", access.User, nothing)}),
		"endpoint: a budget of 0s":              func() { Budget(0) },
		"endpoint: to remember answers for 0s":  func() { Idempotent(0) },
		"DELETE /{a}: only a user's POST":       func() { DELETE("/{a}", access.User, nothing, Idempotent(time.Hour)) },
		"POST /{a}: only a user's POST or PATC": func() { POST("/{a}", access.Public, nothing, IdempotencyRequired(time.Hour)) },
		"endpoint: 404 is not the status of":    func() { Status(http.StatusNotFound) },
	} {
		wantPanic(t, want, mistake)
	}
}

func wantPanic(t *testing.T, want string, mistake func()) {
	t.Helper()
	defer func() {
		t.Helper()
		got := fmt.Sprint(recover())
		if !strings.Contains(got, want) {
			t.Errorf("got panic %s\nwant %s", got, want)
		}
	}()
	mistake()
}
