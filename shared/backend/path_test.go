package backend_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
)

var hostile = []string{
	"../../x", "..%2f..", "@evil", "//evil", "http://evil/", "%0d%0aHost:", "a\r\nHost: evil", "a/b?c#d", "a b", "a+b&c=d;e",
	"ünïcødé", "Жук ☃", "\x00", "\xff\xfe", `..\..`, ":80", "...", ". ", "%2e%2e", "{id}", "$&'()*,;=:@",
}

// Over the wire: the value arrives as it was, in its own segment, at the same host.
func TestHostilePathValues(t *testing.T) {
	var seen *http.Request
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = r }))
	t.Cleanup(server.Close)
	s := backend.NewService("shop", sendTo(t, server.URL, nil))
	type arg struct {
		ID string `param:"id"`
		Q  string `query:"q"`
	}
	op := backend.GET[arg, struct{}](s, "item", "/items/{id}/parts{?q}")
	for _, value := range hostile {
		if _, err := op.Call(t.Context(), arg{value, value}); err != nil {
			t.Errorf("%q: %v", value, err)
			continue
		}
		if seen.URL.Path != "/items/"+value+"/parts" || seen.URL.Query().Get("q") != value || len(seen.URL.Query()) != 1 {
			t.Errorf("%q arrived as %s", value, seen.RequestURI)
		}
		if strings.Count(seen.RequestURI, "/") != 3 || seen.Host != strings.TrimPrefix(server.URL, "http://") || len(seen.Header) > 3 {
			t.Errorf("%q left its place: %s%s %v", value, seen.Host, seen.RequestURI, seen.Header)
		}
	}
}

func TestPathValuesThatNameNothing(t *testing.T) {
	r := recorder{body: "1"}
	for _, value := range []string{"", ".", "..", "/"} {
		_, err := backend.GET[string, int](r.service(), "item", "/items/{id}").Call(t.Context(), value)
		wantInvalid(t, err, "path", "id")
	}
	_, err := backend.GET[*string, int](r.service(), "item", "/items/{id}").Call(t.Context(), nil)
	wantInvalid(t, err, "path", "id")
	if r.asked != nil {
		t.Error("something was sent")
	}
}

// Zero is a value in a path, unlike in a query.
func TestZeroInThePath(t *testing.T) {
	type arg struct {
		Floor int  `param:"floor"`
		Open  bool `param:"open"`
	}
	r := recorder{body: "1"}
	_, err := backend.GET[arg, int](r.service(), "room", "/floors/{floor}/{open}").Call(t.Context(), arg{})
	if err != nil || r.asked.Path != "/floors/0/false" {
		t.Errorf("got %v, %v", r.asked, err)
	}
}

// For any values, the path has as many segments as the template, with what was given in
// them; and a server's mux agrees.
func FuzzTemplatePath(f *testing.F) {
	for _, value := range append(hostile, "", ".", "..", "/") {
		f.Add(value, "b")
		f.Add("a", value)
	}
	type arg struct {
		A string `param:"a"`
		B string `param:"b"`
	}
	var r recorder
	op := backend.GET[arg, struct{}](r.service(), "part", "/items/{a}/parts/{b}")
	f.Fuzz(func(t *testing.T, a, b string) {
		_, err := op.Call(t.Context(), arg{a, b})
		if nothing := []string{"", ".", "..", "/"}; slices.Contains(nothing, a) || slices.Contains(nothing, b) {
			wantKind(t, err, fault.Invalid)
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		segments := strings.Split(r.asked.Path, "/")
		for i, s := range segments {
			segments[i], err = url.PathUnescape(s)
		}
		if err != nil || !slices.Equal(segments, []string{"", "items", a, "parts", b}) {
			t.Fatalf("%q, %q make %s", a, b, r.asked.Path)
		}
		if got := muxed(t, r.asked.Path); got != [2]string{a, b} {
			t.Errorf("%q, %q make %s, which a mux reads as %q", a, b, r.asked.Path, got)
		}
	})
}

// muxed is what net/http's mux reads of a path.
func muxed(t *testing.T, path string) (got [2]string) {
	t.Helper()
	u, err := url.ParseRequestURI(path)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /items/{a}/parts/{b}", func(_ http.ResponseWriter, r *http.Request) {
		got = [2]string{r.PathValue("a"), r.PathValue("b")}
	})
	mux.ServeHTTP(httptest.NewRecorder(), &http.Request{Method: http.MethodGet, URL: u, Host: "shop"})
	return got
}
