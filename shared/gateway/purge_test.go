package gateway_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/compose"
	"github.com/facet-bff/facet/shared/endpoint"
	"github.com/facet-bff/facet/shared/gateway"
	"github.com/facet-bff/facet/shared/identity/access"
)

// A view that is kept is purged by the tags of what it is made of, kept by itself or not, and
// by an endpoint that calls an operation which invalidates them.
func TestAViewIsPurgedWithItsParts(t *testing.T) {
	type shop struct {
		product *backend.Op[string, string]
		change  *backend.Op[string, string]
	}
	var asked atomic.Int32
	service := roundTrip(func(r *http.Request) *http.Response {
		if r.Method == http.MethodGet {
			asked.Add(1)
		}
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}")), ContentLength: 2, Request: r}
	})
	def := gateway.Definition[*shop]{
		Name: "bff-test", Config: []byte(ports + "services: {catalog: {url: 'http://catalog'}}"),
		Backends: func(s *backend.Services) *shop {
			return &shop{
				product: backend.Convert(backend.GET[string, struct{}](s.Get("catalog"), "product", "/products/{id}", backend.Tags("product:{id}")),
					func(struct{}) (string, error) { return "p", nil }),
				change: backend.Convert(backend.PUT[string, struct{}](s.Get("catalog"), "change", "/products/{id}", backend.Invalidates("product:{id}")),
					func(struct{}) (string, error) { return "c", nil }),
			}
		},
		Endpoints: endpoint.Table[*shop]{
			endpoint.GET("/v1/products/{id}", access.Public, func(s *shop) *compose.Graph[userRequest, string] { return one("test.product", s.product) }, endpoint.Cached(time.Hour)),
			endpoint.PUT("/v1/products/{id}", access.Public, func(s *shop) *compose.Graph[userRequest, string] { return one("test.change", s.change) }),
		},
	}
	c, err := gateway.Load(def, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	g, err := gateway.New(def, c, gateway.Options{RoundTripper: func(string, backend.Connections) http.RoundTripper { return service }})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	do := func(method, path string, want int32) {
		t.Helper()
		w := httptest.NewRecorder()
		g.Handler().ServeHTTP(w, httptest.NewRequest(method, path, nil))
		if w.Code != 200 || asked.Load() != want {
			t.Errorf("%s %s: status %d, %d calls, want %d: %s", method, path, w.Code, asked.Load(), want, w.Body)
		}
	}
	do("GET", "/v1/products/1", 1)
	do("GET", "/v1/products/2", 2)
	do("GET", "/v1/products/1", 2)
	do("PUT", "/v1/products/1", 2)
	do("GET", "/v1/products/1", 3)
	do("GET", "/v1/products/2", 3)
	for body, again := range map[string]int32{`{"service":"catalog"}`: 1, `{"all":true}`: 1, `{"tags":["product:1"]}`: 1, `{"tags":["none"]}`: 0} {
		w := httptest.NewRecorder()
		gateway.Operators(g).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/cache/purge", strings.NewReader(body)))
		if w.Code != 200 {
			t.Errorf("%s: %d %s", body, w.Code, w.Body)
		}
		do("GET", "/v1/products/1", asked.Load()+again)
	}
	w := httptest.NewRecorder()
	gateway.Operators(g).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/cache/purge", strings.NewReader(`{"service":"cart"}`)))
	if w.Code != 400 || !strings.Contains(w.Body.String(), `no service "cart"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func one(name string, op *backend.Op[string, string]) *compose.Graph[userRequest, string] {
	return compose.Define(name, func(in compose.Node[userRequest]) compose.Node[string] {
		return compose.Call("one", compose.Map(in, func(r userRequest) string { return r.ID }), op)
	})
}

type roundTrip func(*http.Request) *http.Response

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r), nil }
