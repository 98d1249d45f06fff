package guard

import (
	"fmt"

	"net/http/httptest"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dunglas/httpsfv"
	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/identity"
	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/observe/observetest"
	"github.com/facet-bff/facet/shared/ratelimit"
)

func newLimiter(rate float64, burst int) *ratelimit.Limiter {
	return ratelimit.New(&ratelimit.Config{Rate: rate, Burst: burst, MaxKeys: 100_000})
}

// from is a request from an address, and of a principal if there is one.
func from(address string, p *identity.Principal) echo.Context {
	r := get()
	r.RemoteAddr = address
	if p != nil {
		r = r.WithContext(identity.NewContext(r.Context(), p))
	}
	e := echo.New()
	e.IPExtractor = echo.ExtractIPDirect()
	c := e.NewContext(r, httptest.NewRecorder())
	c.SetPath("/v1/x")
	return c
}

// Each pair either is one client, which has spent its burst then, or it is two.
func TestWhoIsAsking(t *testing.T) {
	user := func(issuer, subject string) *identity.Principal {
		return &identity.Principal{Issuer: issuer, Subject: subject}
	}
	type asker struct {
		address string
		p       *identity.Principal
	}
	const here, there = "192.0.2.1:1", "192.0.2.2:1"
	for _, tt := range []struct {
		one, other asker
		same       bool
	}{
		{asker{here, nil}, asker{"192.0.2.1:2", nil}, true},
		{asker{here, nil}, asker{there, nil}, false},
		{asker{here, nil}, asker{"[::ffff:192.0.2.1]:1", nil}, true},
		{asker{"[2001:db8::1]:1", nil}, asker{"[2001:db8:0:0:ffff:ffff:ffff:ffff]:9", nil}, true},
		{asker{"[2001:db8::1]:1", nil}, asker{"[2001:db8:0:1::1]:1", nil}, false},
		{asker{"[fe80::1%eth0]:1", nil}, asker{"[fe80::2%eth1]:1", nil}, true},
		{asker{"@", nil}, asker{"", nil}, true},
		{asker{here, user("i", "u1")}, asker{there, user("i", "u1")}, true},
		{asker{here, user("i", "u1")}, asker{here, user("i", "u2")}, false},
		{asker{here, user("i", "u1")}, asker{here, user("j", "u1")}, false},
		{asker{here, user("i", "u1")}, asker{here, nil}, false},
		{asker{here, &identity.Principal{Issuer: "i", Subject: "u1", Client: "app"}}, asker{here, user("i", "u1").WithToken("x")}, true},
	} {
		limited := RateLimit("test", newLimiter(1, 1), observe.NewMetrics("test"))(ok)
		if err := limited(from(tt.one.address, tt.one.p)); err != nil {
			t.Fatal(err)
		}
		if err := limited(from(tt.other.address, tt.other.p)); (err != nil) != tt.same {
			t.Errorf("%v and %v: got %v", tt.one, tt.other, err)
		}
	}
}

// What a client can write as it likes does not give it another bucket.
func TestNothingToRotate(t *testing.T) {
	limited := RateLimit("test", newLimiter(1, 1), observe.NewMetrics("test"))(ok)
	if err := limited(from("192.0.2.1:1", nil)); err != nil {
		t.Fatal(err)
	}
	for i, method := range []string{"GET", "HEAD", "OPTIONS", "POST", "get", "BREW"} {
		c := from(fmt.Sprint("192.0.2.1:", i), nil)
		r := c.Request()
		r.Method, r.URL.Path, r.Host = method, fmt.Sprint("/", i), fmt.Sprint("host", i)
		for _, name := range []string{"X-Forwarded-For", "X-Real-Ip", "Forwarded", "X-User-Id", "User-Agent", "Cookie"} {
			r.Header.Set(name, fmt.Sprint("198.51.100.", i))
		}
		if err := limited(c); fault.From(err) == nil {
			t.Errorf("%s has a bucket of its own", method)
		}
	}
}

// The headers are structured fields (RFC 9651), and waiting for as long as they say helps.
func TestLimitHeaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limited := RateLimit("test", newLimiter(0.4, 3), observe.NewMetrics("test"))(ok)
		for _, want := range []struct {
			pause                time.Duration
			allowed              bool
			remaining, available int64
		}{
			{0, true, 2, 3}, {0, true, 1, 3}, {0, true, 0, 3}, {0, false, 0, 3}, {time.Second, false, 0, 2},
			{1500*time.Millisecond - 1, false, 0, 1}, {1, true, 0, 3}, {time.Hour, true, 2, 3},
		} {
			time.Sleep(want.pause)
			c := from("192.0.2.1:1", nil)
			err := limited(c)
			policy, limit := item(t, c, "RateLimit-Policy"), item(t, c, "RateLimit")
			if policy.Value != "test" || param(policy, "q") != int64(3) || param(policy, "w") != int64(8) {
				t.Errorf("the policy is %v", c.Response().Header())
			}
			if limit.Value != "test" || param(limit, "r") != want.remaining || param(limit, "t") != want.available || (err == nil) != want.allowed {
				t.Errorf("got %v, %v, want %+v", err, c.Response().Header(), want)
			}
			if f := fault.From(err); f != nil && (f.Kind != fault.Limited || seconds(f.RetryAfter) != want.available) {
				t.Errorf("got %v after %v", f, f.RetryAfter)
			}
		}
	})
}

func item(t *testing.T, c echo.Context, name string) httpsfv.Item {
	t.Helper()
	list, err := httpsfv.UnmarshalList(c.Response().Header().Values(name))
	if err != nil || len(list) != 1 {
		t.Fatalf("%s: got %v, %v", name, list, err)
	}
	return list[0].(httpsfv.Item)
}

func param(i httpsfv.Item, name string) any {
	value, _ := i.Params.Get(name)
	return value
}

// Two limits in a row each say what they allow; the same limit twice counts once.
func TestLimitsInARow(t *testing.T) {
	outer, inner := newLimiter(1, 5), newLimiter(100, 1)
	metrics := observe.NewMetrics("test")
	chain := RateLimit("outer", outer, metrics)(RateLimit("outer", outer, metrics)(RateLimit("inner", inner, metrics)(ok)))
	for i, want := range []string{
		`["outer";r=4;t=1 "inner";r=0;t=1] <nil>`, `["outer";r=3;t=1 "inner";r=0;t=1] rate_limited`,
	} {
		c := from("192.0.2.1:1", nil)
		err := chain(c)
		got := fmt.Sprint(c.Response().Header().Values("RateLimit"), " ", err)
		if err != nil {
			got = fmt.Sprint(c.Response().Header().Values("RateLimit"), " ", fault.From(err).Kind)
		}
		if got != want {
			t.Errorf("%d: got %s, want %s", i, got, want)
		}
		policies := c.Response().Header().Values("RateLimit-Policy")
		if !slices.Equal(policies, []string{`"outer";q=5;w=5`, `"inner";q=1;w=1`}) {
			t.Errorf("%d: the policies are %v", i, policies)
		}
	}
}

func TestLimitedIsCounted(t *testing.T) {
	metrics := observe.NewMetrics("test")
	limited := RateLimit("test", newLimiter(1, 1), metrics)(ok)
	for range 4 {
		_ = limited(from("192.0.2.1:1", nil))
	}
	if n := observetest.Sum(t, metrics.Registry(), "facet_rate_limited_total", "/v1/x"); n != 3 {
		t.Errorf("%v are counted", n)
	}
}

// Without a limit nothing stands between a request and its answer.
func TestNoLimit(t *testing.T) {
	c := from("192.0.2.1:1", nil)
	if err := RateLimit("test", nil, nil)(ok)(c); err != nil || len(c.Response().Header()) > 0 {
		t.Errorf("got %v, %v", err, c.Response().Header())
	}
}

// A check costs the text of one header and the slice around it.
func TestLimitAllocates(t *testing.T) {
	limited := RateLimit("test", newLimiter(1e6, 1e6), observe.NewMetrics("test"))(ok)
	for _, p := range []*identity.Principal{nil, {Issuer: "https://issuer.test", Subject: "u1"}} {
		for _, address := range []string{"192.0.2.1:1", "[2001:db8::1]:1"} {
			c := from(address, p)
			header := c.Response().Header()
			if n := testing.AllocsPerRun(1000, func() {
				clear(header)
				_ = limited(c)
			}); n > 2 {
				t.Errorf("%s, %v: %v times", address, p, n)
			}
		}
	}
}

func BenchmarkRateLimit(b *testing.B) {
	for name, p := range map[string]*identity.Principal{"address": nil, "principal": {Issuer: "https://issuer.test", Subject: "u1"}} {
		b.Run(name, func(b *testing.B) {
			limited := RateLimit("test", newLimiter(1e6, 1e6), observe.NewMetrics("test"))(ok)
			c := from("192.0.2.1:1", p)
			header := c.Response().Header()
			b.ReportAllocs()
			for b.Loop() {
				clear(header)
				_ = limited(c)
			}
		})
	}
}
