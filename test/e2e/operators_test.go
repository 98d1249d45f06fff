package e2e_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
)

func TestManagement(t *testing.T) {
	for _, name := range []string{"bff-mobile", "bff-web", "bff-admin"} {
		t.Run(name, func(t *testing.T) {
			g := start(t, name)
			for path, want := range map[string]string{
				"/livez": "ok", "/readyz": "serving: ok", "/metrics": "go_goroutines", "/debug/pprof/": "goroutine",
				"/debug/pprof/goroutine?debug=1": "goroutine profile", "/compositions": `"plan"`, "/services": `"instances"`,
			} {
				if a := get(t, g.management+path); a.status != 200 || !strings.Contains(a.body, want) {
					t.Errorf("%s: status %d, no %q", path, a.status, want)
				}
				if a := get(t, g.url+path); a.status != 404 {
					t.Errorf("%s on the public port: status %d", path, a.status)
				}
			}
		})
	}
}

func TestCompositions(t *testing.T) {
	served := map[string]int{"bff-mobile": 8, "bff-web": 8, "bff-admin": 3}
	for name, want := range served {
		g := start(t, name)
		var list []struct {
			Method, Path, Access, Budget, Mermaid string
			Plan                                  struct {
				Name  string
				Steps []struct{ Name, Kind string }
			}
		}
		a := get(t, g.management+"/compositions")
		if err := json.Unmarshal([]byte(a.body), &list, json.MatchCaseInsensitiveNames(true)); err != nil {
			t.Fatal(err)
		}
		if len(list) != want {
			t.Errorf("%s has %d compositions, want %d", name, len(list), want)
		}
		for _, c := range list {
			diagram := get(t, g.management+"/compositions/"+c.Plan.Name)
			if diagram.status != 200 || diagram.body != c.Mermaid || !strings.HasPrefix(diagram.body, "flowchart ") {
				t.Errorf("%s: status %d: %s", c.Plan.Name, diagram.status, diagram.body)
			}
			if c.Method == "" || !strings.HasPrefix(c.Path, "/") || c.Access == "" || c.Budget == "" || len(c.Plan.Steps) == 0 {
				t.Errorf("incomplete: %+v", c)
			}
			for _, step := range c.Plan.Steps {
				if !strings.Contains(diagram.body, `["`+step.Name+"<br/>") && !strings.Contains(diagram.body, `["`+step.Name+`"]`) {
					t.Errorf("%s: the diagram has no step %s", c.Plan.Name, step.Name)
				}
			}
		}
	}
}

func TestMetrics(t *testing.T) {
	mobile := start(t, "bff-mobile")
	ok(t, mobile.url+"/v1/products/p1")
	ok(t, mobile.url+"/v1/products/p1")
	breakService(t, "pricing", `{"status":500}`)
	get(t, mobile.url+"/v1/products/p2")
	metrics := get(t, mobile.management+"/metrics").body
	for _, want := range []string{
		`facet_request_duration_seconds_bucket\{endpoint="/v1/products/.*sku.*",gateway="bff-mobile",method="GET",status="200",le="0.1"\} 3`,
		`facet_step_duration_seconds_count\{composition="mobile.product",gateway="bff-mobile",outcome="ok",step="item"\} 3`,
		`facet_step_duration_seconds_count\{composition="mobile.product",gateway="bff-mobile",outcome="error",step="price"\} 1`,
		`facet_service_call_duration_seconds_count\{gateway="bff-mobile",op="product",outcome="ok",service="catalog"\} 2`,
		`facet_service_retries_total\{gateway="bff-mobile",service="pricing"\} 1`,
		`facet_degraded_total\{composition="mobile.product",gateway="bff-mobile",reason="error",step="price"\} 1`,
		`facet_cache_lookups_total\{gateway="bff-mobile",op="product",result="hit",service="catalog"\} 1`,
		`facet_breaker_state\{class="read",gateway="bff-mobile",service="pricing"\} 0`,
		`facet_requests_in_flight\{gateway="bff-mobile"\} 0`,
	} {
		if !regexp.MustCompile(`(?m)^` + want + `$`).MatchString(metrics) {
			t.Errorf("no %s", want)
		}
	}
}

func TestAccessLog(t *testing.T) {
	mobile := start(t, "bff-mobile")
	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	for _, test := range []struct {
		id, method, path string
		user             string
		want             line
	}{
		{"one-1", "GET", "/v1/products/p1", "", line{Endpoint: "/v1/products/{sku}", Status: 200, Level: "INFO"}},
		{"two-2", "GET", "/v1/cart", "user=u1", line{Endpoint: "/v1/cart", Status: 200, Level: "INFO", Subject: "u1"}},
		{"three-3", "GET", "/v1/cart", "", line{Endpoint: "/v1/cart", Status: 401, Level: "INFO"}},
		{"four-4", "GET", "/v1/products/none", "", line{Endpoint: "/v1/products/{sku}", Status: 404, Level: "INFO"}},
		{"five-5", "GET", "/nowhere", "", line{Endpoint: "none", Status: 404, Level: "INFO"}},
		{"six-6", "DELETE", "/v1/cart", "", line{Endpoint: "/v1/cart", Status: 405, Level: "INFO"}},
		{"seven-7", "GET", "/assets/products/p1-1.svg", "", line{Endpoint: "assets", Status: 200, Level: "INFO"}},
	} {
		options := []option{header("X-Request-Id", test.id), header("Traceparent", "00-"+trace+"-00f067aa0ba902b7-01")}
		if test.user != "" {
			options = append(options, as(t, test.user))
		}
		a := send(t, test.method, mobile.url+test.path, options...)
		if got := a.header.Get("X-Request-Id"); got != test.id {
			t.Errorf("%s: X-Request-Id is %q", test.id, got)
		}
		test.want.Message, test.want.RequestID, test.want.TraceID = "request", test.id, trace
		test.want.Method, test.want.Path = test.method, test.path
		if got := mobile.request(t, test.id); got != test.want {
			t.Errorf("logged\n%+v, want\n%+v", got, test.want)
		}
	}
}

// request waits for the line of the access log about one request.
func (g *gateway) request(t *testing.T, id string) (found line) {
	t.Helper()
	eventually(t, "the access log has "+id, func() bool {
		for _, l := range g.lines(t, "request") {
			if l.RequestID == id {
				found = l
			}
		}
		return found.RequestID != ""
	})
	return found
}

func TestRequestIDsThatAreNotSaneAreReplaced(t *testing.T) {
	mobile := start(t, "bff-mobile")
	for _, id := range []string{"", `a"b`, "a b", strings.Repeat("x", 200), "{}"} {
		if got := get(t, mobile.url+"/nowhere", header("X-Request-Id", id)).header.Get("X-Request-Id"); got == id || len(got) < 16 {
			t.Errorf("%q became %q", id, got)
		}
	}
}
