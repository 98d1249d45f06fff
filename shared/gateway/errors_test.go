package gateway_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/compose"
	"github.com/facet-bff/facet/shared/endpoint"
	"github.com/facet-bff/facet/shared/facettest"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/identity/access"
)

// failing is an endpoint whose required step does f.
func failing(path string, f func() error) endpoint.Endpoint[*backends] {
	return endpoint.GET(path, access.Public, func(*backends) *compose.Graph[struct{}, int] {
		return compose.Define("test.failing", func(in compose.Node[struct{}]) compose.Node[int] {
			return compose.Step("fail", in, func(context.Context, struct{}) (int, error) { return 0, f() })
		})
	})
}

// Every error, wherever it comes from, is a problem of one form.
func TestProblems(t *testing.T) {
	def := define(services+identity,
		getUser(access.Public), endpoint.GET("/v1/own", access.User, nothing), endpoint.GET("/v1/staff", access.Scope("staff"), nothing),
		failing("/v1/panic", func() error { panic("secret") }),
		failing("/v1/busy", func() error {
			return &fault.Error{Kind: fault.Unavailable, RetryAfter: 1200 * time.Millisecond, Err: errors.New("secret")}
		}),
	)
	runKit(t, def, func(k *facettest.Kit) {
		k.Break("stock", facettest.Fault{Status: http.StatusInternalServerError})
		for _, tt := range []struct {
			facettest.Request
			status       int
			name, value  string
			level, fault string
		}{
			{facettest.Request{Path: "/nowhere"}, 404, "", "", "INFO", "not_found"},
			{facettest.Request{Path: "/v1/users/1/x"}, 404, "", "", "INFO", "not_found"},
			{facettest.Request{Path: "/v1/users/2"}, 404, "", "", "INFO", "rejected"},
			{facettest.Request{Path: "/v1/users/1", Method: "DELETE"}, 405, "Allow", "GET", "INFO", "invalid_request"},
			{facettest.Request{Path: "/v1/users/1?a=%"}, 400, "", "", "INFO", "invalid_request"},
			{facettest.Request{Path: "/v1/own"}, 401, "Www-Authenticate", `Bearer realm="facet"`, "INFO", "unauthenticated"},
			{facettest.Request{Path: "/v1/own", Header: http.Header{"Authorization": {"Bearer x"}}}, 401, "Www-Authenticate", "invalid_token", "INFO", "unauthenticated"},
			{facettest.Request{Path: "/v1/staff", User: "u1"}, 403, "Www-Authenticate", "insufficient_scope", "INFO", "forbidden"},
			{facettest.Request{Path: "/v1/busy"}, 503, "Retry-After", "2", "ERROR", "unavailable"},
			{facettest.Request{Path: "/v1/panic"}, 500, "", "", "ERROR", "internal"},
		} {
			res := k.Do(tt.Request)
			var problem fault.Problem
			res.Decode(k.T, &problem)
			h := res.Header
			if res.Status != tt.status || problem.Status != tt.status || problem.Type != "urn:facet:problem:"+tt.fault ||
				problem.Instance != "urn:facet:request:"+h.Get("X-Request-Id") {
				t.Errorf("%s: got %d %+v", tt.Path, res.Status, problem)
			}
			if h.Get("Content-Type") != "application/problem+json" || h.Get("Cache-Control") != "no-store" ||
				!strings.Contains(strings.Join(h.Values(tt.name), ""), tt.value) {
				t.Errorf("%s: headers %v", tt.Path, h)
			}
			if strings.Contains(string(res.Body), "secret") || strings.Contains(string(res.Body), facettest.Leak) {
				t.Errorf("%s: the body tells what it must not: %s", tt.Path, res.Body)
			}
			log := lines(k)
			if last := log[len(log)-1]; !strings.Contains(last, `"level":"`+tt.level+`"`) || !strings.Contains(last, `"fault":"`+tt.fault+`"`) {
				t.Errorf("%s: the log has %s", tt.Path, last)
			}
			tt.Method = http.MethodHead
			if tt.status == http.StatusMethodNotAllowed {
				continue
			}
			if head := k.Do(tt.Request); head.Status != tt.status || len(head.Body) > 0 || head.Header.Get("Content-Length") != h.Get("Content-Length") {
				t.Errorf("HEAD %s: got %d %s %v", tt.Path, head.Status, head.Body, head.Header)
			}
		}
		if n := strings.Count(k.Log(), `"msg":"panic"`); n != 2 {
			t.Errorf("%d panics are in the log, of 2", n)
		}
	})
}

func TestNothingIsWrittenForWhoHasGone(t *testing.T) {
	runKit(t, define(services, getUser(access.Public)), func(k *facettest.Kit) {
		k.Break("users", facettest.Fault{Hang: true})
		gone, leave := context.WithCancel(k.T.Context())
		time.AfterFunc(10*time.Millisecond, leave)
		w := httptest.NewRecorder()
		k.Gateway.Handler().ServeHTTP(w, httptest.NewRequestWithContext(gone, http.MethodGet, "/v1/users/1", nil))
		if w.Body.Len() > 0 || w.Header().Get("Content-Type") != "" {
			t.Errorf("got %v %s", w.Header(), w.Body)
		}
		if log := lines(k); len(log) != 1 || !strings.Contains(log[0], `"status":499`) || !strings.Contains(log[0], `"level":"INFO"`) {
			t.Errorf("the log: %v", log)
		}
	})
}
