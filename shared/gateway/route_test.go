package gateway_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/endpoint"
	"github.com/facet-bff/facet/shared/facettest"
	"github.com/facet-bff/facet/shared/gateway"
	"github.com/facet-bff/facet/shared/identity/access"
)

const routes = `
routes:
  - {name: everything, service: legacy, match: {prefix: /v1/, methods: [GET, POST, DELETE]}, access: public}
  - {name: staff, service: legacy, match: {prefix: /staff/}, access: "role:staff"}
`

// Endpoints win over routes; what no endpoint answers, in path or method, a route may.
func TestRoutes(t *testing.T) {
	def := define("services: {users: {url: 'http://u'}, stock: {url: 'http://s'}, legacy: {url: 'http://l'}}\n"+identity+routes,
		getUser(access.Public), endpoint.GET("/v1/own", access.User, nothing))
	runKit(t, def, func(k *facettest.Kit) {
		k.Stub("legacy", "/", func(facettest.Args) (any, error) { return "legacy", nil })
		for _, tt := range []struct {
			method, path string
			status       int
			legacy       bool
		}{
			{"GET", "/v1/users/1", 200, false},
			{"HEAD", "/v1/users/1", 200, false},
			{"POST", "/v1/users/1", 200, true},
			{"PATCH", "/v1/users/1", 405, false},
			{"GET", "/v1/users/1/orders", 200, true},
			{"GET", "/v1/users/", 200, true},
			{"GET", "/v1/own/", 200, true},
			{"GET", "/v1/own", 401, false},
			{"DELETE", "/v1/own", 200, true},
			{"GET", "/v2/users/1", 404, false},
			{"GET", "/staff/x", 401, false},
		} {
			res := k.Do(facettest.Request{Method: tt.method, Path: tt.path})
			legacy := len(res.Calls()) == 1 && res.Calls()[0].Service == "legacy"
			if res.Status != tt.status || legacy != tt.legacy {
				t.Errorf("%s %s: got %d %s, calls %v", tt.method, tt.path, res.Status, res.Body, res.Calls())
			}
			if allow := res.Header.Get("Allow"); (allow != "") != (tt.status == http.StatusMethodNotAllowed) {
				t.Errorf("%s %s: %d with Allow %q", tt.method, tt.path, res.Status, allow)
			}
		}
		for roles, want := range map[string]int{"staff": 200, "guest": 403} {
			if res := k.Do(facettest.Request{Path: "/staff/x", User: "u1", Roles: []string{roles}}); res.Status != want {
				t.Errorf("%s: got %d", roles, res.Status)
			}
		}
	})
}

// A request whose answer is broken off by a panic is measured and logged like any other.
func TestBrokenOffAnswer(t *testing.T) {
	def := define("services: {legacy: {url: 'http://l'}}\nroutes: [{name: img, service: legacy, match: {prefix: /img/}, access: public}]")
	config, err := gateway.Load(def, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	g, err := gateway.New(def, config, gateway.Options{RoundTripper: func(string, backend.Connections) http.RoundTripper { return cut{} }})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	func() {
		defer func() {
			if p := recover(); p != http.ErrAbortHandler {
				t.Errorf("got panic %v", p)
			}
		}()
		g.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/img/1", nil))
	}()
	if n := inFlight(t, g); n != 0 {
		t.Errorf("%v requests are still counted as under way", n)
	}
}

// cut answers with events that break off.
type cut struct{}

func (cut) RoundTrip(r *http.Request) (*http.Response, error) {
	header := http.Header{"Content-Type": {"text/event-stream"}}
	return &http.Response{StatusCode: 200, Header: header, ContentLength: -1, Body: cut{}, Request: r}, nil
}

func (cut) Read(p []byte) (int, error) { return copy(p, "x"), errors.New("broken off") }
func (cut) Close() error               { return nil }

// Whether or not the answer is kept, its body may pause as long as the route says.
func TestAKeptBodyMayPauseAsItsRouteSays(t *testing.T) {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "10")
		_, _ = w.Write([]byte("x"))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}))
	defer service.Close()
	for _, kept := range []string{"", ", cache: {ttl: 1m}"} {
		def := define("services: {legacy: {url: '" + service.URL + "', timeout: {default: 20s}" + kept + "}}\n" +
			"routes: [{name: img, service: legacy, match: {prefix: /img/}, access: public, idle_timeout: 100ms}]")
		config, err := gateway.Load(def, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		g, err := gateway.New(def, config, gateway.Options{})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		w := do(g.Handler(), "GET", "/img/1")
		if took := time.Since(began); w.Code != http.StatusGatewayTimeout || took > 10*time.Second {
			t.Errorf("with %q: %d after %v: %s", kept, w.Code, took, w.Body)
		}
		g.Close()
	}
}
