package e2e_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// A recorder stands in for the catalog and keeps what it is asked.
type recorder struct {
	mu       sync.Mutex
	requests []*http.Request
}

func (c *recorder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	c.requests = append(c.requests, r)
	c.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Set-Cookie", "inside=1")
	_, _ = io.WriteString(w, `{"id":"p1","title":"A product"}`)
}

// last is the request that came last.
func (c *recorder) last(t *testing.T) *http.Request {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.requests) == 0 {
		t.Fatal("the service has not been asked")
	}
	return c.requests[len(c.requests)-1]
}

// What services see of a request: its id and trace and how long it may take, and nothing
// of what the client sent besides.
func TestWhatServicesSee(t *testing.T) {
	catalog := &recorder{}
	server := httptest.NewServer(catalog)
	t.Cleanup(server.Close)
	mobile := start(t, "bff-mobile", "FACET_SERVICES__CATALOG__URL="+server.URL)
	const trace, parent = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	sent := []option{
		header("X-Request-Id", "seen-1"), header("Traceparent", "00-"+trace+"-"+parent+"-01"), header("Tracestate", "vendor=1"),
		as(t, "user=u1"), header("Cookie", "session=secret"), header("X-User-Id", "u9"), header("X-Custom", "yes"),
		header("Forwarded", "for=1.2.3.4"), header("X-Forwarded-For", "1.2.3.4"),
	}
	for _, path := range []string{"/v1/products/p1", "/assets/products/p1-1.svg?size=9"} {
		a := get(t, mobile.url+path, sent...)
		if a.status != 200 || a.header.Get("Set-Cookie") != "" {
			t.Fatalf("%s: status %d, %v", path, a.status, a.header)
		}
		seen := catalog.last(t)
		if got := seen.Header.Get("X-Request-Id"); got != "seen-1" {
			t.Errorf("%s: X-Request-Id is %q", path, got)
		}
		if got := seen.Header.Get("Traceparent"); !strings.HasPrefix(got, "00-"+trace+"-") || strings.Contains(got, parent) || !strings.HasSuffix(got, "-01") {
			t.Errorf("%s: traceparent is %q", path, got)
		}
		if got := seen.Header.Get("Tracestate"); got != "vendor=1" {
			t.Errorf("%s: tracestate is %q", path, got)
		}
		for _, name := range []string{"Authorization", "Cookie", "X-User-Id", "X-Custom", "Forwarded", "X-Forwarded-For"} {
			if got := seen.Header.Get(name); got != "" {
				t.Errorf("%s: the service sees %s: %s", path, name, got)
			}
		}
		if seen.URL.RawQuery != "" {
			t.Errorf("%s: the service sees the query %q", path, seen.URL.RawQuery)
		}
	}
}

// Values are escaped before they enter a service's path.
func TestValuesStayValues(t *testing.T) {
	catalog := &recorder{}
	server := httptest.NewServer(catalog)
	t.Cleanup(server.Close)
	mobile := start(t, "bff-mobile", "FACET_SERVICES__CATALOG__URL="+server.URL)
	for sent, want := range map[string]string{
		"p1%2F..%2Fsecrets": "/products/p1%2F..%2Fsecrets", "p1%3Fadmin": "/products/p1%3Fadmin", "p1%23x": "/products/p1%23x",
		"p%20%C3%A9": "/products/p%20%C3%A9",
	} {
		if a := send(t, "GET", mobile.url, raw("/v1/products/"+sent)); a.status == 200 {
			if got := catalog.last(t).URL.EscapedPath(); got != want {
				t.Errorf("%s reached the catalog as %s, want %s", sent, got, want)
			}
		} else if a.status != 400 {
			t.Errorf("%s: status %d", sent, a.status)
		}
	}
}

// The time that a request has left travels with every call.
func TestRemainingTimeTravels(t *testing.T) {
	catalog := &recorder{}
	server := httptest.NewServer(catalog)
	t.Cleanup(server.Close)
	mobile := start(t, "bff-mobile", "FACET_SERVICES__CATALOG__URL="+server.URL, "FACET_ENDPOINTS__BUDGET=300ms")
	get(t, mobile.url+"/v1/products/p1")
	text := catalog.last(t).Header.Get("X-Request-Timeout")
	if ms, err := strconv.Atoi(text); err != nil || ms <= 0 || ms > 300 {
		t.Errorf("X-Request-Timeout is %q, want at most 300", text)
	}
}
