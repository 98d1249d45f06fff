package policy

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/discover"
	"github.com/facet-bff/facet/shared/fault"
)

// RFC 9111, 4.4: a change of what is at a URI makes what is kept of it invalid, whoever has
// made it, by whatever operation, and for whomever it is kept.
func TestAChangeInvalidatesWhatIsKept(t *testing.T) {
	for _, c := range []struct {
		name    string
		method  string
		path    string
		status  int
		header  http.Header
		changed bool // of /p/1
	}{
		{"PUT", "PUT", "/p/1", 200, nil, true},
		{"DELETE", "DELETE", "/p/1", 204, nil, true},
		{"POST, which leads elsewhere", "POST", "/p/1", 303, nil, true},
		{"PUT that failed", "PUT", "/p/1", 409, nil, false},
		{"another URI", "PUT", "/p/2", 200, nil, false},
		{"another query", "PUT", "/p/1?x=1", 200, nil, false},
		{"Location", "POST", "/p", 201, headers("Location", "/p/1"), true},
		{"a relative Location", "POST", "/p/2", 201, headers("Location", "1"), true},
		{"Content-Location", "POST", "/p", 200, headers("Content-Location", "/p/1"), true},
		{"of the service's own URL", "POST", "/p", 201, headers("Location", "http://catalog:80/api/p/1"), true},
		{"of another host (4.4)", "POST", "/p", 201, headers("Location", "http://other:80/api/p/1"), false},
		{"two of them", "POST", "/p", 201, headers("Location", "/p/1", "Location", "/p/1"), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				reads := 0
				service := func(_ context.Context, req *backend.Request) (*backend.Response, error) {
					if req.Safe {
						reads++
						return &backend.Response{Status: 200, Header: headers("Cache-Control", "public, max-age=60"), Body: []byte("x")}, nil
					}
					return &backend.Response{Status: c.status, Header: c.header}, nil
				}
				answer, fill := Cache(cacheDefaults, discover.At("http://catalog:80/api/"), Shared{Store: newStore(t), Metrics: metrics()})
				send := backend.Chain(service, answer, fill)
				readers := []func(*backend.Request){
					func(*backend.Request) {},
					func(r *backend.Request) { r.Op = "detail" },
					func(r *backend.Request) { r.Op, r.Stream = "route", true },
				}
				readAll := func() {
					for _, change := range readers {
						req := get()
						change(req)
						if _, err := send(t.Context(), req); err != nil {
							t.Fatal(err)
						}
					}
				}
				readAll()
				time.Sleep(time.Second)
				write := post()
				write.Method, write.Path = c.method, c.path
				if _, err := send(t.Context(), write); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Second)
				readAll()
				readAll()
				want := len(readers)
				if c.changed {
					want *= 2
				}
				if reads != want {
					t.Errorf("%d reads, want %d", reads, want)
				}
			})
		})
	}
}

// An answer that was asked for before the change, and comes after it, is not used either.
func TestAnAnswerFromBeforeTheChangeIsNotUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reads := 0
		send := caching(t, cacheDefaults, metrics(), func(ctx context.Context, req *backend.Request) (*backend.Response, error) {
			if req.Safe {
				reads++
				return ok(), wait(ctx, 2*time.Second)
			}
			return ok(), nil
		})
		go func() {
			time.Sleep(time.Second)
			write := post()
			write.Path = "/p/1"
			_, _ = send(t.Context(), write)
		}()
		for range 2 {
			_, _ = send(t.Context(), get())
		}
		if reads != 2 {
			t.Errorf("%d reads", reads)
		}
	})
}

// That there is nothing is kept where the configuration says so, and never for longer.
func TestThatThereIsNothingIsKept(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		config time.Duration
		caller string
		header http.Header
		want   time.Duration
	}{
		{"404", 404, 5 * time.Second, "", nil, 5 * time.Second},
		{"410", 410, 5 * time.Second, "", nil, 5 * time.Second},
		{"400", 400, 5 * time.Second, "", nil, 0},
		{"500", 500, 5 * time.Second, "", headers("Cache-Control", "max-age=60"), 0},
		{"off", 404, 0, "", headers("Cache-Control", "max-age=60"), 0},
		{"it says less", 404, 5 * time.Second, "", headers("Cache-Control", "max-age=2"), 2 * time.Second},
		{"it says more", 404, 5 * time.Second, "", headers("Cache-Control", "max-age=60"), 5 * time.Second},
		{"it must not be kept", 404, 5 * time.Second, "", headers("Cache-Control", "no-store"), 0},
		{"somebody's", 404, 5 * time.Second, "alice", nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				config := cacheDefaults
				config.NegativeTTL, config.StaleWhileRevalidate, config.StaleIfError = c.config, time.Hour, time.Hour
				send := caching(t, config, metrics(), func(_ context.Context, req *backend.Request) (*backend.Response, error) {
					calls++
					return nil, (&backend.StatusError{Status: c.status, Header: c.header}).Fault(req)
				})
				req := get()
				req.Caller = c.caller
				_, first := send(t.Context(), req)
				time.Sleep(c.want - time.Nanosecond)
				_, second := send(t.Context(), req)
				if kept := calls == 1; kept != (c.want > 0) {
					t.Fatalf("kept: %v", kept)
				}
				if a, b := fault.From(first), fault.From(second); a.Kind != b.Kind || a.HTTPStatus() != b.HTTPStatus() {
					t.Errorf("%v, and then %v", first, second)
				}
				if c.want > 0 {
					wantNamed(t, second, fault.From(first).Kind)
					time.Sleep(time.Nanosecond)
					if _, _ = send(t.Context(), req); calls != 2 {
						t.Errorf("kept for longer than %v", c.want)
					}
				}
			})
		})
	}
}

// What came together does not go together.
func TestJitterOnlyShortens(t *testing.T) {
	f := &filler{keeper: &keeper{CacheConfig: CacheConfig{TTL: time.Minute, Jitter: 0.1, MaxEntry: 1}}}
	ends := map[time.Duration]bool{}
	for range 100 {
		now := time.Now()
		e := f.entry(asking{Request: get(), since: now}, 200, nil, now)
		left := e.fresh.Sub(now)
		if left > time.Minute || left < 54*time.Second {
			t.Fatalf("kept for %v", left)
		}
		ends[left] = true
	}
	if len(ends) < 50 {
		t.Errorf("only %d different times", len(ends))
	}
}

// RFC 9211 and RFC 9111, 5.1: a route's client is told what the cache did.
func TestWhatARoutesClientIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := &flaky{header: headers("Cache-Control", "max-age=10, stale-if-error=60", "Vary", "X-Plain", "Cache-Status", "inner; hit")}
		send := caching(t, cacheDefaults, metrics(), service.send)
		ask := func(wait time.Duration, plain, status, age string) {
			t.Helper()
			time.Sleep(wait)
			req := streamed()
			req.Header = headers("X-Plain", plain)
			res, err := send(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			_ = read(t, res)
			if got := strings.Join(res.Header["Cache-Status"], " | "); got != "inner; hit | "+status || res.Header.Get("Age") != age {
				t.Errorf("Cache-Status: %s, Age: %s", got, res.Header.Get("Age"))
			}
		}
		ask(0, "a", "bff; fwd=uri-miss", "")
		ask(4*time.Second, "a", "bff; hit; ttl=6", "4")
		ask(0, "b", "bff; fwd=vary-miss", "")
		ask(7*time.Second, "a", "bff; fwd=stale", "")
		service.fail.Store(new(fault.Broken))
		ask(12*time.Second, "a", "bff; hit; ttl=-2", "12")
	})
	for gateway, want := range map[string]string{"bff-web": "bff-web", "my gateway": `"my gateway"`, "": "facet", "grün": "facet"} {
		if got := statusName(gateway); got != want {
			t.Errorf("%s is called %s", gateway, got)
		}
	}
}

func TestThatThereIsNothingIsNeverUsedStale(t *testing.T) {
	f := &filler{keeper: &keeper{CacheConfig: CacheConfig{
		TTL: time.Minute, NegativeTTL: time.Second, StaleWhileRevalidate: time.Hour, StaleIfError: time.Hour,
	}}}
	now := time.Now()
	for status, want := range map[int]bool{200: true, 404: false, 410: false} {
		e := f.entry(asking{Request: get(), since: now}, status, nil, now)
		if spare, rescue := e.spare.After(e.fresh), e.rescue.After(e.fresh); spare != want || rescue != want {
			t.Errorf("%d: %v, %v", status, spare, rescue)
		}
	}
}
