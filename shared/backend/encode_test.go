package backend_test

import (
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
)

type Paging struct {
	Offset int `query:"offset"`
	Limit  int `query:"limit"`
}

type filter struct {
	Paging
	Text    string    `query:"q"`
	InStock *bool     `query:"in_stock"`
	Floor   *float64  `query:"floor"`
	Since   time.Time `query:"since"`
	Colours []string  `query:"colour"`
	Sizes   []int     `query:"size"`
	Host    net.IP    `query:"host"`
	Note    string    `json:"-"`
	secret  string
}

func TestQuery(t *testing.T) {
	r := recorder{body: "1"}
	op := backend.GET[filter, int](r.service(), "search", "/search{?q,in_stock,floor,since,colour,size*,host,offset,limit}")
	for want, arg := range map[string]filter{
		"":                                 {Note: "not sent", secret: "not sent"},
		"?q=a%26b%3Dc%20d":                 {Text: "a&b=c d"},
		"?in_stock=false&floor=0":          {InStock: new(false), Floor: new(0.0)},
		"?in_stock=true&floor=-0.5":        {InStock: new(true), Floor: new(-0.5)},
		"?since=2026-01-02T03%3A04%3A05Z":  {Since: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)},
		"?colour=red,a%2Cb&size=0&size=42": {Colours: []string{"red", "a,b"}, Sizes: []int{0, 42}},
		"?offset=20&limit=10":              {Paging: Paging{20, 10}},
		"?host=10.0.0.1":                   {Host: net.IPv4(10, 0, 0, 1)},
		"?q=x&colour=red&size=1&offset=-1": {Text: "x", Colours: []string{"red"}, Sizes: []int{1}, Paging: Paging{Offset: -1}},
	} {
		if _, err := op.Call(t.Context(), arg); err != nil || r.asked.Path != "/search"+want {
			t.Errorf("got %s, want %s (%v)", r.asked.Path, want, err)
		}
	}
}

// An argument that is one value follows the same rules as a field.
func TestOneValue(t *testing.T) {
	r := recorder{body: "1"}
	s := r.service()
	for want, call := range map[string]func() error{
		"/feed":              func() error { return call(t, backend.GET[string, int](s, "op", "/feed{?segment}"), "") },
		"/feed?segment=gold": func() error { return call(t, backend.GET[string, int](s, "op", "/feed{?segment}"), "gold") },
		"/feed?segment=":     func() error { return call(t, backend.GET[*string, int](s, "op", "/feed{?segment}"), new("")) },
		"/stock?item=a,b":    func() error { return call(t, backend.GET[[]string, int](s, "op", "/stock{?item}"), []string{"a", "b"}) },
		"/stock":             func() error { return call(t, backend.GET[[]string, int](s, "op", "/stock{?item}"), nil) },
		"/pages/0":           func() error { return call(t, backend.GET[uint8, int](s, "op", "/pages/{n}"), 0) },
		"/days/0001-01-01T00%3A00%3A00Z": func() error {
			return call(t, backend.DELETE[time.Time, int](s, "op", "/days/{day}"), time.Time{})
		},
	} {
		if err := call(); err != nil || r.asked.Path != want {
			t.Errorf("got %s, want %s (%v)", r.asked.Path, want, err)
		}
	}
}

func call[A any](t *testing.T, op *backend.Op[A, int], arg A) error {
	t.Helper()
	_, err := op.Call(t.Context(), arg)
	return err
}

func TestHeaders(t *testing.T) {
	type arg struct {
		Tenant string   `header:"x-tenant"`
		Langs  []string `header:"Accept-Language"`
		Dry    *bool    `header:"X-Dry"`
	}
	r := recorder{body: "1"}
	op := backend.GET[arg, int](r.service(), "op", "/", backend.WithHeader("x-tenant", "default"), backend.WithHeader("Accept", "text/json"))
	for _, c := range []struct {
		arg    arg
		tenant string
		lines  int
	}{
		{arg{}, "default", 2},
		{arg{Tenant: "eu", Langs: []string{"de", "en"}, Dry: new(false)}, "eu", 5},
		{arg{}, "default", 2}, // again: no call leaves anything behind
	} {
		if err := call(t, op, c.arg); err != nil {
			t.Fatal(err)
		}
		lines := 0
		for _, values := range r.asked.Header {
			lines += len(values)
		}
		if h := r.asked.Header; h.Get("X-Tenant") != c.tenant || h.Get("Accept") != "text/json" || lines != c.lines {
			t.Errorf("%+v made %v", c.arg, h)
		}
	}
	r.asked = nil
	for _, value := range []string{"a\r\nX-Admin: 1", "a\nb", "a\rb", "\x00", "a\x7f"} {
		wantInvalid(t, call(t, op, arg{Tenant: value}), "header", "X-Tenant")
		wantInvalid(t, call(t, op, arg{Langs: []string{"de", value}}), "header", "Accept-Language")
	}
	if r.asked != nil {
		t.Error("something was sent")
	}
}

func TestBody(t *testing.T) {
	type change struct {
		Cart string         `param:"cart"`
		SKU  string         `json:"sku"`
		Note *string        `json:"note,omitzero"`
		More map[string]int `json:"more,omitzero"`
		skip string
	}
	r := recorder{body: "1"}
	s := r.service()
	op := backend.PATCH[change, int](s, "change", "/carts/{cart}", backend.WithHeader("Content-Type", "application/merge-patch+json"))
	many := map[string]int{"f": 6, "a": 1, "c": 3, "b": 2, "e": 5, "d": 4}
	for want, arg := range map[string]change{
		`{"sku":"p1"}`:           {Cart: "c1", SKU: "p1", skip: "x"},
		`{"sku":"","note":""}`:   {Cart: "c1", Note: new("")},
		`{"sku":"\"}{\u0000\n"}`: {Cart: "c1", SKU: "\"}{\x00\n"},
		`{"sku":"","more":{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6}}`: {Cart: "c1", More: many},
	} {
		if err := call(t, op, arg); err != nil || string(r.asked.Body) != want {
			t.Errorf("got %s, want %s (%v)", r.asked.Body, want, err)
		}
	}
	if got := r.asked.Header.Get("Content-Type"); got != "application/merge-patch+json" {
		t.Errorf("Content-Type %s", got)
	}
	if err := call(t, backend.POST[[]int, int](s, "op", "/"), []int{1, 2}); err != nil || string(r.asked.Body) != "[1,2]" {
		t.Errorf("a list is sent as %s (%v)", r.asked.Body, err)
	}
	if err := call(t, backend.POST[string, int](s, "op", "/{id}/close"), "7"); err != nil || r.asked.Body != nil {
		t.Errorf("an op without body sends %s (%v)", r.asked.Body, err)
	}
	if err := call(t, op, change{Cart: "c1", SKU: "\xff"}); err == nil || fault.From(err).Fields[0].Pointer != "/sku" {
		t.Errorf("what is not UTF-8: %v", err)
	}
}

type unwritable struct{}

func (unwritable) MarshalText() ([]byte, error) { return nil, errors.New("no text today") }

func TestWhatCannotBeWrittenIsOurBug(t *testing.T) {
	s := (&recorder{}).service()
	type inHeader struct {
		V unwritable  `header:"X-V"`
		W *unwritable `query:"w"`
	}
	for name, err := range map[string]error{
		"path":  call(t, backend.GET[unwritable, int](s, "op", "/{id}"), unwritable{}),
		"list":  call(t, backend.GET[[]unwritable, int](s, "op", "/{?id}"), make([]unwritable, 1)),
		"query": call(t, backend.GET[inHeader, int](s, "op", "/{?w}"), inHeader{W: new(unwritable{})}),
		"body":  call(t, backend.POST[map[string]any, int](s, "op", "/"), map[string]any{"f": func() {}}),
	} {
		f := faultOf(t, err, fault.Bug)
		if f.Service != "shop" || f.Op != "op" || f.HTTPStatus() != http.StatusInternalServerError {
			t.Errorf("%s: %v", name, err)
		}
		if name != "body" && !strings.Contains(err.Error(), "no text today") {
			t.Errorf("%s: the cause is lost: %v", name, err)
		}
	}
}
