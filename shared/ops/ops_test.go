package ops

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/compose"
	"github.com/facet-bff/facet/shared/endpoint"
	"github.com/facet-bff/facet/shared/identity/access"
	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/policy/balance"
	"github.com/facet-bff/facet/shared/services"
)

func testGateway() Gateway {
	plan := compose.Plan{Name: "mobile.home", InType: "homeRequest", OutType: "Home", Steps: []*compose.StepPlan{
		{Name: "user", Kind: compose.KindCall, Backend: "users", Needs: []string{"input"}, Required: true},
	}, Needs: []string{"user"}}
	return Gateway{
		Registry: observe.NewMetrics("test").Registry(),
		Endpoints: []endpoint.Mounted{{
			Method: http.MethodGet, Path: "/v1/home/{id}", Access: access.Scope("home"), Budget: 1500 * time.Millisecond,
			Plan: plan, Handler: func(echo.Context) error { return nil },
		}},
	}
}

func ask(h http.Handler, method, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w
}

func TestPaths(t *testing.T) {
	h := NewHandler(testGateway())
	for _, tt := range []struct {
		method, path string
		status       int
		kind, body   string
	}{
		{"GET", "/livez", 200, "text/plain", "ok"},
		{"HEAD", "/livez", 200, "text/plain", ""},
		{"GET", "/readyz", 200, "text/plain", ""},
		{"GET", "/metrics", 200, "text/plain; version=0.0.4", "facet_requests_in_flight"},
		{"GET", "/services", 200, "application/json", "[]"},
		{"GET", "/compositions", 200, "application/json", "mobile.home"},
		{"GET", "/compositions/mobile.home", 200, "text/vnd.mermaid", "user"},
		{"GET", "/compositions/other", 404, "text/plain", "GET /compositions lists them"},
		{"GET", "/debug/pprof/", 200, "text/html", "goroutine"},
		{"GET", "/debug/pprof/goroutine?debug=1", 200, "text/plain", "goroutine profile"},
		{"GET", "/debug/pprof/symbol", 200, "text/plain", "num_symbols"},
		{"GET", "/", 404, "text/plain", ""},
		{"GET", "/readyz/x", 404, "text/plain", ""},
		{"POST", "/livez", 405, "text/plain", ""},
		{"DELETE", "/compositions/mobile.home", 405, "text/plain", ""},
	} {
		w := ask(h, tt.method, tt.path)
		if w.Code != tt.status || !strings.HasPrefix(w.Header().Get("Content-Type"), tt.kind) || !strings.Contains(w.Body.String(), tt.body) {
			t.Errorf("%s %s: got %d %s %.200s", tt.method, tt.path, w.Code, w.Header().Get("Content-Type"), w.Body)
		}
		if tt.status == http.StatusMethodNotAllowed && w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s %s: Allow is %q", tt.method, tt.path, w.Header().Get("Allow"))
		}
	}
}

func TestReady(t *testing.T) {
	g := testGateway()
	var first, second error
	g.Checks = []Check{
		{Name: "serving", Ready: func() error { return first }}, {Name: "identity", Ready: func() error { return second }},
	}
	h := NewHandler(g)
	for _, tt := range []struct {
		first, second error
		status        int
		body          string
	}{
		{nil, nil, 200, "serving: ok\nidentity: ok\n"},
		{nil, errors.New("no keys"), 503, "serving: ok\nidentity: no keys\n"},
		{errors.New("stopping"), nil, 503, "serving: stopping\nidentity: ok\n"},
		{errors.New("stopping"), errors.New("no keys"), 503, "serving: stopping\nidentity: no keys\n"},
		{nil, nil, 200, "serving: ok\nidentity: ok\n"},
	} {
		first, second = tt.first, tt.second
		if w := ask(h, http.MethodGet, "/readyz"); w.Code != tt.status || w.Body.String() != tt.body {
			t.Errorf("got %d %q, want %d %q", w.Code, w.Body, tt.status, tt.body)
		}
	}
	first = errors.New("stopping")
	if w := ask(h, http.MethodGet, "/livez"); w.Code != http.StatusOK {
		t.Errorf("not ready is not dead: got %d", w.Code)
	}
}

func TestCompositions(t *testing.T) {
	var list []struct {
		Method, Path, Access, Budget, Mermaid string
		Plan                                  struct {
			Name  string
			Steps []struct {
				Name, Backend string
				Required      bool
			}
		}
	}
	w := ask(NewHandler(testGateway()), http.MethodGet, "/compositions")
	if err := json.Unmarshal(w.Body.Bytes(), &list, json.MatchCaseInsensitiveNames(true)); err != nil || len(list) != 1 {
		t.Fatalf("%v in %s", err, w.Body)
	}
	e := list[0]
	if e.Method != "GET" || e.Path != "/v1/home/{id}" || e.Access != "scope home" || e.Budget != "1.5s" ||
		e.Plan.Name != "mobile.home" || len(e.Plan.Steps) != 1 || e.Plan.Steps[0].Backend != "users" || !e.Plan.Steps[0].Required {
		t.Errorf("got %+v", e)
	}
	if want := ask(NewHandler(testGateway()), http.MethodGet, "/compositions/mobile.home").Body.String(); e.Mermaid != want || want == "" {
		t.Errorf("two drawings of one composition:\n%s\n%s", e.Mermaid, want)
	}
	empty := testGateway()
	empty.Endpoints = nil
	if w := ask(NewHandler(empty), http.MethodGet, "/compositions"); strings.TrimSpace(w.Body.String()) != "[]" {
		t.Errorf("no endpoints: got %s", w.Body)
	}
}

// A reload makes a new handler for the same metrics.
func TestTwoHandlersOfOneRegistry(t *testing.T) {
	g := testGateway()
	NewHandler(g)
	if w := ask(NewHandler(g), http.MethodGet, "/metrics"); w.Code != http.StatusOK {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func TestServices(t *testing.T) {
	g := testGateway()
	until := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	g.Services = func() []services.State {
		return []services.State{
			{Name: "catalog", Panic: true, Instances: []balance.State{
				{URL: "http://a", Weight: 1, Healthy: true, InFlight: 2, LatencyMS: 1.5},
				{URL: "http://b", Weight: 3, Priority: 1, Failures: 5, EjectedUntil: until},
			}},
			{Name: "stock", NotFound: "no such host", Instances: []balance.State{}},
		}
	}
	const want = `[
  {
    "name": "catalog",
    "panic": true,
    "instances": [
      {
        "url": "http://a",
        "weight": 1,
        "priority": 0,
        "healthy": true,
        "in_flight": 2,
        "latency_ms": 1.5
      },
      {
        "url": "http://b",
        "weight": 3,
        "priority": 1,
        "healthy": false,
        "failures": 5,
        "ejected_until": "2026-11-26T12:00:00Z"
      }
    ]
  },
  {
    "name": "stock",
    "not_found": "no such host",
    "instances": []
  }
]`
	if got := strings.TrimSpace(ask(NewHandler(g), http.MethodGet, "/services").Body.String()); got != want {
		t.Errorf("got\n%s", got)
	}
}
