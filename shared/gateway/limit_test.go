package gateway_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/endpoint"
	"github.com/facet-bff/facet/shared/facettest"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/gateway"
	"github.com/facet-bff/facet/shared/identity/access"
)

const limited = "services: {users: {url: 'http://u'}, stock: {url: 'http://s'}, legacy: {url: 'http://l'}}\n" + identity + `
rate_limit: {rate: 1, burst: 4}
routes:
  - {name: legacy, service: legacy, match: {prefix: /v1/, methods: [GET, OPTIONS]}, access: public}
  - {name: search, service: legacy, match: {path: /search}, access: public, rate_limit: {rate: 0.1, burst: 2}}
`

// One limit is for everything that a client asks, however it asks; each client has its own.
func TestRateLimit(t *testing.T) {
	def := define(limited, getUser(access.Public), endpoint.GET("/v1/own", access.User, nothing))
	runKit(t, def, func(k *facettest.Kit) {
		k.Stub("legacy", "/", func(facettest.Args) (any, error) { return "legacy", nil })
		for i, r := range []facettest.Request{
			{Path: "/v1/users/1"}, {Path: "/v1/users/1", Method: "HEAD"}, {Path: "/v1/users/"}, {Path: "/v1/x", Method: "OPTIONS"},
		} {
			res := k.Do(r)
			if got, want := res.Header.Get("RateLimit"), fmt.Sprintf(`"gateway";r=%d;t=1`, 3-i); res.Status != 200 || got != want {
				t.Errorf("%v: got %d, %s, want %s", r, res.Status, got, want)
			}
		}
		for _, r := range []facettest.Request{
			{Path: "/v1/users/1"}, {Path: "/v1/users/2", Method: "HEAD"}, {Path: "/search"},
			{Path: "/v1/users/3?a=b", Header: http.Header{"X-Forwarded-For": {"198.51.100.1"}, "X-User-Id": {"u7"}}},
		} {
			if res := k.Do(r); res.Status != 429 || len(res.Calls()) > 0 {
				t.Errorf("%v: got %d, calls %v", r, res.Status, res.Calls())
			}
		}
		for _, r := range []facettest.Request{{Path: "/nowhere"}, {Path: "/v1/own"}} { // nobody's work
			if res := k.Do(r); res.Status == 429 || res.Header.Get("RateLimit") != "" {
				t.Errorf("%v: got %d, %v", r, res.Status, res.Header)
			}
		}
		for _, user := range []string{"u1", "u2"} {
			if res := k.Do(facettest.Request{Path: "/v1/own", User: user}); res.Header.Get("RateLimit") != `"gateway";r=3;t=1` {
				t.Errorf("%s: got %d, %v", user, res.Status, res.Header)
			}
		}
		time.Sleep(time.Second)
		if res := k.Do(facettest.Request{Path: "/v1/users/1"}); res.Status != 200 {
			t.Errorf("after a second: got %d", res.Status)
		}
	})
}

// What a client that asks too often gets, and what is noted of it.
func TestLimitedAnswer(t *testing.T) {
	runKit(t, define(limited, getUser(access.Public)), func(k *facettest.Kit) {
		k.Stub("legacy", "/", func(facettest.Args) (any, error) { return "legacy", nil })
		for range 2 {
			k.Do(facettest.Request{Path: "/search"})
		}
		time.Sleep(100 * time.Millisecond)
		res := k.Do(facettest.Request{Path: "/search"})
		var problem fault.Problem
		res.Decode(k.T, &problem)
		want := fault.Problem{
			Type: "urn:facet:problem:rate_limited", Title: "Too many requests", Status: 429,
			Detail: "Retry-After says when to ask again.", Instance: "urn:facet:request:" + res.Header.Get("X-Request-Id"),
		}
		if res.Status != 429 || fmt.Sprint(problem) != fmt.Sprint(want) {
			t.Errorf("got %d %+v", res.Status, problem)
		}
		for name, want := range map[string]string{
			"Content-Type": "[application/problem+json]", "Cache-Control": "[no-store]", "Retry-After": "[10]", // of 9.9
			"Ratelimit-Policy": `["gateway";q=4;w=4 "route";q=2;w=20]`, "Ratelimit": `["gateway";r=1;t=1 "route";r=0;t=10]`,
		} {
			if got := fmt.Sprint(res.Header[name]); got != want {
				t.Errorf("%s is %s, want %s", name, got, want)
			}
		}
		log := lines(k)
		if last := log[len(log)-1]; !strings.Contains(last, `"level":"INFO"`) || !strings.Contains(last, `"fault":"rate_limited"`) ||
			!strings.Contains(last, `"endpoint":"search"`) {
			t.Errorf("the log has %s", last)
		}
		if got := counts(t, k)["search GET 429"]; got != 1 {
			t.Errorf("%d are measured", got)
		}
	})
}

func TestWrongRateLimits(t *testing.T) {
	def := define("rate_limit: {rate: 0, burst: 1}\nroutes:\n  - {name: r, service: users, match: {path: /}, access: public,\n" +
		"     rate_limit: {rate: 1e-9, burst: 1}}\n" + services)
	var out bytes.Buffer
	if code := gateway.Exit(def, []string{"-check"}, nil, &out, &out); code != 2 {
		t.Errorf("exit code %d", code)
	}
	for _, want := range []string{
		":3:20: rate_limit.rate: is required and must not be zero",
		":6:6: routes[0].rate_limit: burst: takes more than a year to be there again at this rate",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s does not say %q", &out, want)
		}
	}
}
