package policy

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/observe/observetest"
)

// wantStatus is the failure, if it has that status.
func wantStatus(t *testing.T, err error, status int) *fault.Error {
	t.Helper()
	if f := fault.From(err); f != nil && f.HTTPStatus() == status {
		return f
	}
	return nil
}

// A flaky service answers with a number, or fails while it is told to.
type flaky struct {
	header http.Header
	calls  atomic.Int64
	fail   atomic.Pointer[fault.Kind]
}

func (s *flaky) send(_ context.Context, req *backend.Request) (*backend.Response, error) {
	n := s.calls.Add(1)
	if kind := s.fail.Load(); kind != nil {
		return nil, &fault.Error{Kind: *kind}
	}
	text := string(rune('0' + n))
	res := &backend.Response{Status: http.StatusOK, Header: s.header, Body: []byte(text)}
	if req.Stream {
		res.Stream, res.Size, res.Body = &body{Reader: strings.NewReader(text)}, 1, nil
	}
	return res, nil
}

// RFC 5861, 3, and the same by configuration: the answer that is there is used while it is
// fetched anew, by one call whoever asks.
func TestStaleWhileRevalidate(t *testing.T) {
	for _, c := range []struct {
		name    string
		control string
		config  time.Duration
		want    bool
	}{
		{"the service says so", "max-age=10, stale-while-revalidate=5", 0, true},
		{"it says none", "max-age=10, stale-while-revalidate=0", time.Minute, false},
		{"the configuration says so", "max-age=10", 5 * time.Second, true},
		{"nobody says so", "max-age=10", 0, false},
		{"must-revalidate", "max-age=10, must-revalidate", time.Minute, false},
		{"proxy-revalidate", "max-age=10, proxy-revalidate", time.Minute, false},
		{"s-maxage", "s-maxage=10", time.Minute, false},
		{"no-cache", "max-age=10, no-cache", time.Minute, false},
	} {
		for _, stream := range []bool{false, true} {
			t.Run(c.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					service := &flaky{header: headers("Cache-Control", c.control)}
					config := cacheDefaults
					config.StaleWhileRevalidate = c.config
					send := caching(t, config, metrics(), service.send)
					ask := func() string {
						req := get()
						req.Stream = stream
						res, err := send(t.Context(), req)
						if err != nil {
							t.Fatal(err)
						}
						return read(t, res)
					}
					ask()
					time.Sleep(14 * time.Second)
					if got := ask(); (got == "1") != c.want {
						t.Errorf("past its time: %s", got)
					}
					synctest.Wait()
					if n := service.calls.Load(); n != 2 {
						t.Errorf("%d calls", n)
					}
					if got := ask(); got != "2" && c.want {
						t.Errorf("after it was fetched anew: %s", got)
					}
					time.Sleep(16 * time.Second)
					if got := ask(); got == "2" {
						t.Errorf("long past its time: %s", got)
					}
				})
			})
		}
	}
}

func TestOneRefreshAtATimeIsEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := &stub{answer: func(ctx context.Context, n int) (*backend.Response, error) {
			if n > 1 {
				time.Sleep(time.Second)
			}
			return &backend.Response{Status: 200, Header: headers("Cache-Control", "max-age=1, stale-while-revalidate=9")}, nil
		}}
		send := caching(t, cacheDefaults, metrics(), service.send)
		_, _ = send(t.Context(), get())
		time.Sleep(2 * time.Second)
		for range 50 {
			if _, err := send(t.Context(), get()); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Second)
		if service.calls() != 2 {
			t.Errorf("%d calls", service.calls())
		}
	})
}

// The caller who goes does not take the refresh along, and Close does.
func TestARefreshOutlivesItsCallerAndNotItsService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var refreshed atomic.Pointer[error]
		service := &stub{answer: func(ctx context.Context, n int) (*backend.Response, error) {
			if n > 1 {
				refreshed.Store(new(wait(ctx, 5*time.Second)))
			}
			return &backend.Response{Status: 200, Header: headers("Cache-Control", "max-age=1, stale-while-revalidate=99")}, nil
		}}
		r := NewRefresher()
		answer, fill := Cache(cacheDefaults, nil, Shared{Store: newStore(t), Refresher: r, Metrics: metrics()})
		send := backend.Chain(service.send, answer, fill)
		_, _ = send(t.Context(), get())
		ask := func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			_, _ = send(ctx, get())
			cancel()
		}
		time.Sleep(2 * time.Second)
		ask()
		time.Sleep(6 * time.Second)
		if service.calls() != 2 || *refreshed.Load() != nil {
			t.Errorf("%d calls, %v", service.calls(), *refreshed.Load())
		}
		ask()
		synctest.Wait()
		r.Close()
		if service.calls() != 3 || *refreshed.Load() == nil {
			t.Errorf("%d calls, %v", service.calls(), *refreshed.Load())
		}
		time.Sleep(2 * time.Second)
		ask() // there is nobody to fetch it anew, so the caller waits
		if service.calls() != 4 {
			t.Errorf("%d calls", service.calls())
		}
		r.Close()
	})
}

// A counting checker counts its answers, and those of the others that it makes.
type counting struct{ mine, others *atomic.Int64 }

func (c counting) Check(*backend.Response) error { c.mine.Add(1); return nil }

func (c counting) Again() checker { return counting{mine: c.others} }

// A call that is checked has a checker of its own when it is made again: its maker has gone.
func TestARefreshHasACheckerOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := &flaky{header: headers("Cache-Control", "max-age=1, stale-while-revalidate=99")}
		send := caching(t, cacheDefaults, metrics(), func(ctx context.Context, req *backend.Request) (*backend.Response, error) {
			res, err := service.send(ctx, req)
			_ = req.Checker.Check(res)
			return res, err
		})
		var once, mine, others atomic.Int64
		req := get()
		req.Checker = struct{ checker }{counting{mine: &once}} // which hides Again
		_, _ = send(t.Context(), req)
		time.Sleep(2 * time.Second)
		_, _ = send(t.Context(), req) // cannot be made again, so it waits
		time.Sleep(2 * time.Second)
		req = get()
		req.Checker = counting{&mine, &others}
		_, _ = send(t.Context(), req)
		synctest.Wait()
		if once.Load() != 2 || mine.Load() != 0 || others.Load() != 1 {
			t.Errorf("%d, %d and %d answers were checked", once.Load(), mine.Load(), others.Load())
		}
	})
}

func TestAPanicOfARefreshIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := metrics()
		send := caching(t, cacheDefaults, m, (&stub{answer: func(_ context.Context, n int) (*backend.Response, error) {
			if n > 1 {
				panic("oops")
			}
			return &backend.Response{Status: 200, Header: headers("Cache-Control", "max-age=1, stale-while-revalidate=99")}, nil
		}}).send)
		_, _ = send(t.Context(), get())
		time.Sleep(2 * time.Second)
		if _, err := send(t.Context(), get()); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if n := observetest.Sum(t, m.Registry(), "facet_panics_total"); n != 1 {
			t.Errorf("%v panics", n)
		}
	})
}

// RFC 5861, 4, and the same by configuration: better what is old than nothing.
func TestStaleIfError(t *testing.T) {
	for _, c := range []struct {
		control string
		config  time.Duration
		kind    fault.Kind
		want    bool
	}{
		{"max-age=10, stale-if-error=5", 0, fault.Broken, true},
		{"max-age=10, stale-if-error=5", 0, fault.Unreachable, true},
		{"max-age=10, stale-if-error=5", 0, fault.Unavailable, true}, // the breaker is open
		{"max-age=10, stale-if-error=5", 0, fault.TooSlow, true},
		{"max-age=10, stale-if-error=5", 0, fault.Throttled, true},
		{"max-age=10, stale-if-error=5", 0, fault.Rejected, false}, // which is an answer
		{"max-age=10, stale-if-error=5", 0, fault.RefusedCaller, false},
		{"max-age=10, stale-if-error=5", 0, fault.Gone, false},
		{"max-age=10, stale-if-error=0", time.Minute, fault.Broken, false},
		{"max-age=10", 5 * time.Second, fault.Broken, true},
		{"max-age=10", 0, fault.Broken, false},
		{"max-age=10, must-revalidate", time.Minute, fault.Broken, false},
		{"max-age=10, must-revalidate, stale-if-error=60", 0, fault.Broken, false},
		{"max-age=10, proxy-revalidate", time.Minute, fault.Broken, false},
		{"s-maxage=10", time.Minute, fault.Broken, false},
		{"s-maxage=10, stale-if-error=5", 0, fault.Broken, true},
		{"max-age=10, no-cache", time.Minute, fault.Broken, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			service := &flaky{header: headers("Cache-Control", c.control, "Etag", `"1"`)}
			config := cacheDefaults
			config.StaleIfError = c.config
			send := caching(t, config, metrics(), service.send)
			_, _ = send(t.Context(), get())
			service.fail.Store(&c.kind)
			time.Sleep(14 * time.Second)
			res, err := send(t.Context(), get())
			if (err == nil) != c.want || err != nil && fault.From(err).Kind != c.kind {
				t.Errorf("%+v: %v, %v", c, res, err)
			}
			time.Sleep(2 * time.Second)
			if _, err := send(t.Context(), get()); err == nil {
				t.Errorf("%+v: used too long", c)
			}
		})
	}
}

// What may not be stale of one operation may be of the others.
func TestAnOperationHasItsOwnSettings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := &flaky{header: http.Header{}}
		config := CacheConfig{
			TTL: time.Second, StaleIfError: time.Hour, StaleWhileRevalidate: time.Hour, MaxEntry: 1 << 20,
			Ops: map[string]OpCache{"stock": {StaleIfError: new(time.Duration(0)), StaleWhileRevalidate: new(time.Duration(0))}},
		}
		send := caching(t, config, metrics(), service.send)
		ask := func(op string) error {
			req := get()
			req.Op = op
			_, err := send(t.Context(), req)
			return err
		}
		if err := errors.Join(ask("product"), ask("stock")); err != nil {
			t.Fatal(err)
		}
		service.fail.Store(new(fault.Broken))
		time.Sleep(time.Minute)
		if product, stock := ask("product"), ask("stock"); product != nil || stock == nil {
			t.Errorf("%v, %v", product, stock)
		}
	})
}

// An open breaker hides no answer that is there, and none that may stand in.
func TestAnOpenBreakerHidesNoStaleAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := &flaky{header: http.Header{}}
		config := catalog()
		config.Cache = &CacheConfig{TTL: time.Second, StaleIfError: time.Hour, MaxEntry: 1 << 20}
		config.Retry.Attempts = 1
		send := New("catalog", config, Shared{Store: newStore(t), Metrics: metrics()}).Apply(service.send)
		_, _ = send(t.Context(), get())
		service.fail.Store(new(fault.Broken))
		time.Sleep(2 * time.Second)
		for range 100 {
			if res, err := send(t.Context(), get()); err != nil || string(res.Body) != "1" {
				t.Fatalf("%v, %v", res, err)
			}
		}
		if n := service.calls.Load(); n > 50 {
			t.Errorf("%d calls: the breaker was closed", n)
		}
	})
}

// Who gets a stale answer is told.
func TestAStaleAnswerIsSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := metrics()
		service := &flaky{header: headers("Cache-Control", "max-age=1, stale-if-error=99")}
		send := caching(t, cacheDefaults, m, service.send)
		notes := observe.NewRequest(nil)
		ctx, step := notes.StartStep(observe.NewContext(t.Context(), notes), "product")
		_, _ = send(ctx, get())
		if stale := notes.Stale(); stale != "" {
			t.Errorf("%q is stale", stale)
		}
		service.fail.Store(new(fault.Broken))
		time.Sleep(2 * time.Second)
		_, _ = send(ctx, get())
		step.Done()
		if stale, timing := notes.Stale(), notes.ServerTiming(); stale != "product" || !strings.Contains(timing, "stale=1") {
			t.Errorf("%q is stale, %s", stale, timing)
		}
		if n := observetest.Sum(t, m.Registry(), "facet_cache_lookups_total", "catalog", "product", "stale"); n != 1 {
			t.Errorf("%v", n)
		}
		if k := notes.Keeping(); k.Until.After(time.Now()) {
			t.Errorf("%+v", k)
		}
	})
}
