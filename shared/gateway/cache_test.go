package gateway_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/endpoint"
	"github.com/facet-bff/facet/shared/gateway"
	"github.com/facet-bff/facet/shared/identity/access"
)

// inMemory is a service without connections.
type inMemory struct{ http.Handler }

func (s inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result(), nil
}

// cached is a gateway in front of services, each with a cache.
func cached(t *testing.T, config string, services map[string]http.HandlerFunc, endpoints ...endpoint.Endpoint[*backends]) http.Handler {
	t.Helper()
	def := define(config, endpoints...)
	c, err := gateway.Load(def, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	g, err := gateway.New(def, c, gateway.Options{
		RoundTripper: func(service string, _ backend.Connections) http.RoundTripper { return inMemory{services[service]} },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	return g.Handler()
}

func do(h http.Handler, method, target string, pairs ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(pairs); i += 2 {
		r.Header.Add(pairs[i], pairs[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// A composed answer is kept by others for as long as the service that says least, and what
// is kept of a service is asked about when its time is over.
func TestWhatServicesSayReachesTheClient(t *testing.T) {
	var mu sync.Mutex // the services are asked at the same time
	asked := map[string][]string{}
	note := func(service string, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked[service] = append(asked[service], r.Header.Get("If-None-Match"))
	}
	services := map[string]http.HandlerFunc{
		"users": func(w http.ResponseWriter, r *http.Request) {
			note("users", r)
			w.Header().Set("Cache-Control", "max-age=60")
			_, _ = w.Write([]byte(`{"name":"Ada","secret":1}`))
		},
		"stock": func(w http.ResponseWriter, r *http.Request) {
			note("stock", r)
			w.Header().Set("Cache-Control", "no-cache")
			w.Header().Set("Etag", `"7"`)
			if r.Header.Get("If-None-Match") == `"7"` {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			_, _ = w.Write([]byte("7"))
		},
	}
	h := cached(t, "services: {users: {url: 'http://u', cache: {}}, stock: {url: 'http://s', cache: {}}}\n", services, getUser(access.Public))
	for range 3 {
		w := do(h, "GET", "/v1/users/1")
		if w.Code != http.StatusOK || w.Body.String() != `{"name":"Ada","stock":7}` || w.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("%d %s %v", w.Code, w.Body, w.Header())
		}
	}
	if got := fmt.Sprintf("%q", asked); got != `map["stock":["" "\"7\"" "\"7\""] "users":[""]]` {
		t.Errorf("asked %s", got)
	}

	both := services["users"]
	services["stock"] = func(w http.ResponseWriter, r *http.Request) { // without a cache of its own
		w.Header().Set("Cache-Control", "max-age=30")
		_, _ = w.Write([]byte("7"))
	}
	h = cached(t, "services: {users: {url: 'http://u', cache: {}}, stock: {url: 'http://s'}}\n",
		map[string]http.HandlerFunc{"users": both, "stock": services["stock"]}, getUser(access.Public))
	if w := do(h, "GET", "/v1/users/1"); w.Header().Get("Cache-Control") != "max-age=29" && w.Header().Get("Cache-Control") != "max-age=30" {
		t.Errorf("%v", w.Header())
	}
	// A part that fell back is not known to be like this for any time.
	delete(services, "stock")
	h = cached(t, "services: {users: {url: 'http://u', cache: {}}, stock: {url: 'http://s'}}\n",
		map[string]http.HandlerFunc{"users": both, "stock": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }}, getUser(access.Public))
	if w := do(h, "GET", "/v1/users/1"); w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Facet-Degraded") == "" {
		t.Errorf("%v", w.Header())
	}
}

const cachedRoutes = `
services:
  legacy:
    url: 'http://l'
    cache: {ttl: 1m}
routes:
  - name: everything
    service: legacy
    match: {prefix: /, methods: [GET, PUT]}
    access: public
    query: [a, b]
    request: {allow: [Authorization, X-Original-Url], forwarded: true}
`

// echoing is a service that answers with what it was asked.
func echoing(control string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if control != "" {
			w.Header().Set("Cache-Control", control)
		}
		h := r.Header
		_, _ = fmt.Fprintf(w, "%s %s %q %q %q", r.Method, r.URL.RequestURI(), h["Authorization"], h["X-Forwarded-Host"], h["X-Original-Url"])
	}
}

// Requests that a service can tell apart never share an answer, however alike they look.
func TestRoutesKeepApartWhatLooksAlike(t *testing.T) {
	for _, control := range []string{"", "max-age=60", "public, max-age=60"} {
		h := cached(t, cachedRoutes, map[string]http.HandlerFunc{"legacy": echoing(control)})
		seen := map[string]string{}
		for _, r := range []struct {
			target string
			pairs  []string
		}{
			{"/x?a=1", nil}, {"/x?a=2", nil}, {"/x?a=1&a=2", nil}, {"/x?a=2&a=1", nil}, {"/x?a=1&b=2", nil}, {"/x?a=1%26b=2", nil},
			{"/me", nil}, {"/me/x.css", nil}, {"/me.css", nil}, {"/me?a=x.css", nil},
			{"/spoilt", []string{"X-Original-Url", "/admin"}}, {"/spoilt", nil},
		} {
			w := do(h, "GET", r.target, r.pairs...)
			name := fmt.Sprint(r)
			if other, taken := seen[w.Body.String()]; taken || w.Code != http.StatusOK {
				t.Errorf("%q: %s and %s share %d %s", control, name, other, w.Code, w.Body)
			}
			seen[w.Body.String()] = name
		}
		// What the route does not pass on makes no difference.
		if w := do(h, "GET", "/x?a=1&cb=9", "X-Forwarded-Host", "evil.example"); !strings.Contains(w.Header().Get("Cache-Status"), "hit") {
			t.Errorf("%q: %v", control, w.Header())
		}
		// The host that a client claims is passed on, and so kept apart.
		r := httptest.NewRequest("GET", "/x?a=1", nil)
		r.Host = "evil.example"
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if clean := do(h, "GET", "/x?a=1"); !strings.Contains(w.Body.String(), "evil") || strings.Contains(clean.Body.String(), "evil") {
			t.Errorf("%q: %s, then %s", control, w.Body, clean.Body)
		}
	}
	h := cached(t, cachedRoutes, map[string]http.HandlerFunc{"legacy": echoing("max-age=60")})
	fat := httptest.NewRequest("GET", "/fat", strings.NewReader("a=evil"))
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, fat); w.Code != http.StatusBadRequest {
		t.Errorf("a GET with a body: %d", w.Code)
	}
}

func TestRoutesTellWhatTheCacheDid(t *testing.T) {
	h := cached(t, cachedRoutes, map[string]http.HandlerFunc{"legacy": echoing("max-age=60")})
	for _, c := range []struct{ method, want, age string }{
		{"GET", "bff-test; fwd=uri-miss", ""}, {"GET", "bff-test; hit; ttl=", "0"}, {"HEAD", "bff-test; hit; ttl=", "0"},
		{"PUT", "bff-test; fwd=method", ""}, {"GET", "bff-test; fwd=stale", ""},
	} {
		w := do(h, c.method, "/x")
		if got := w.Header().Get("Cache-Status"); !strings.HasPrefix(got, c.want) || w.Header().Get("Age") != c.age {
			t.Errorf("%s: %s, Age %s", c.method, got, w.Header().Get("Age"))
		}
	}
	for _, who := range []string{"Basic YQ==", "Basic Yg=="} {
		if w := do(h, "GET", "/mine", "Authorization", who); !strings.Contains(w.Body.String(), who) || strings.Contains(w.Header().Get("Cache-Status"), "hit") {
			t.Errorf("%s: %s %v", who, w.Body, w.Header())
		}
	}
}
