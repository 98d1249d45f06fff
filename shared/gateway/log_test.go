package gateway_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/facet-bff/facet/shared/facettest"
	"github.com/facet-bff/facet/shared/identity/access"
)

func TestAccessLog(t *testing.T) {
	runKit(t, define(services+identity, getUser(access.User)), func(k *facettest.Kit) {
		k.Break("stock", facettest.Fault{Reset: true})
		res := k.Do(facettest.Request{Path: "/v1/users/1?secret=query", User: "u1", Header: http.Header{
			"Cookie": {"secret=cookie"}, "X-Request-Id": {"id-1"}, "X-User-Id": {"secret"},
			"Traceparent": {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
		}})
		log := lines(k)
		if res.Status != http.StatusOK || len(log) != 1 {
			t.Fatalf("got %d %s, log %v", res.Status, res.Body, log)
		}
		var line map[string]any
		if err := json.Unmarshal([]byte(log[0]), &line); err != nil {
			t.Fatal(err)
		}
		for key, want := range map[string]any{
			"level": "INFO", "gateway": "bff-test", "request_id": "id-1", "trace_id": "0af7651916cd43dd8448eb211c80319c",
			"method": "GET", "endpoint": "/v1/users/{id}", "path": "/v1/users/1", "status": 200.0, "bytes": float64(len(res.Body)),
			"client": "192.0.2.1", "subject": "u1", "degraded": "stock;reason=error",
		} {
			if line[key] != want {
				t.Errorf("%s is %v, want %v", key, line[key], want)
			}
		}
		if _, ok := line["ms"].(float64); !ok || strings.Contains(k.Log(), "secret") || strings.Contains(k.Log(), "Bearer") {
			t.Errorf("the log: %s", k.Log())
		}
	})
}

func TestIdentifiersTravel(t *testing.T) {
	runKit(t, define(services, getUser(access.Public)), func(k *facettest.Kit) {
		const trace = "0af7651916cd43dd8448eb211c80319c"
		for given, kept := range map[string]bool{"id-1": true, "": false, "a b": false, strings.Repeat("x", 200): false} {
			res := k.Do(facettest.Request{Path: "/v1/users/1", Header: http.Header{
				"X-Request-Id": {given}, "Traceparent": {"00-" + trace + "-b7ad6b7169203331-01"}, "X-User-Id": {"evil"},
			}})
			id := res.Header.Get("X-Request-Id")
			if id == "" || kept != (id == given) {
				t.Errorf("%q: the answer has %q", given, id)
			}
			calls := res.Calls()
			if len(calls) != 2 {
				t.Fatalf("calls: %v", calls)
			}
			spans := map[string]bool{}
			for _, call := range calls {
				spans[call.Header.Get("Traceparent")] = true
				if call.Header.Get("X-Request-Id") != id || !strings.HasPrefix(call.Header.Get("Traceparent"), "00-"+trace+"-") ||
					call.Header.Get("X-User-Id") != "" {
					t.Errorf("%s got %v", call.Service, call.Header)
				}
			}
			if len(spans) != 2 || spans["00-"+trace+"-b7ad6b7169203331-01"] {
				t.Errorf("spans are not new: %v", spans)
			}
		}
	})
}

// A client cannot name what the metrics count by, neither by path nor by method.
func TestMetrics(t *testing.T) {
	runKit(t, define(services+"routes: [{name: img, service: users, match: {prefix: /users/}, access: public}]",
		getUser(access.Public), getNothing(access.Public)), func(k *facettest.Kit) {
		for _, r := range []facettest.Request{
			{Path: "/v1/users/1"}, {Path: "/v1/users/2"}, {Path: "/v1/users/1", Method: "HEAD"}, {Path: "/v1/users/1", Method: "PUT"},
			{Path: "/v1/nothing"}, {Path: "/v1/nothing/else"}, {Path: "/x1"}, {Path: "/x2", Method: "BREW"}, {Path: "/users/1"},
		} {
			k.Do(r)
		}
		got := counts(t, k)
		for series, want := range map[string]uint64{
			"/v1/users/{id} GET 200": 1, "/v1/users/{id} GET 404": 1, "/v1/users/{id} HEAD 200": 1, "/v1/users/{id} PUT 405": 1,
			"/v1/nothing GET 200": 1, "none GET 404": 2, "none other 404": 1, "img GET 200": 1,
		} {
			if got[series] != want {
				t.Errorf("%s: got %d, want %d", series, got[series], want)
			}
			delete(got, series)
		}
		if len(got) > 0 {
			t.Errorf("and besides: %v", got)
		}
	})
}
