package policy

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/observe/observetest"
)

var hedgeDefaults = HedgeConfig{Percentile: 0.95, MinDelay: millis, BudgetRatio: 0.05}

const (
	usual = 5 * millis
	late  = 5120 * time.Microsecond // the end of usual's step in the histogram
)

// usually is a hedge that has seen 100 calls take the usual time, and now asks service.
func usually(t *testing.T, c HedgeConfig, m *observe.Metrics, service *stub) *hedge {
	t.Helper()
	h := newHedge(c, m, takes(usual).send)
	for range 100 {
		if _, err := h.send(t.Context(), get()); err != nil {
			t.Fatal(err)
		}
	}
	h.next = service.send
	return h
}

// An attempt is how one goes: it takes so long, and fails if it has a kind.
type attempt struct {
	takes time.Duration
	fails fault.Kind
	panic bool
}

const answers = fault.Kind(255) // no failure

// service has attempts that go as they say, in their order, and the last one again.
func service(attempts ...attempt) *stub {
	return &stub{answer: func(ctx context.Context, n int) (*backend.Response, error) {
		a := attempts[min(n, len(attempts))-1]
		if err := wait(ctx, a.takes); err != nil {
			return nil, err
		}
		switch {
		case a.panic:
			panic("a bug")
		case a.fails != answers:
			return nil, &fault.Error{Kind: a.fails}
		}
		res := ok()
		res.Body = []byte{'0' + byte(n)}
		return res, nil
	}}
}

func TestTheFirstAnswerIsTheCalls(t *testing.T) {
	for _, c := range []struct {
		name          string
		first, second attempt
		attempts      int
		want          fault.Kind
		body          string
		took          time.Duration
	}{
		{"in time", attempt{late - 1, answers, false}, attempt{}, 1, answers, "1", late - 1},
		{"the second is first", attempt{50 * millis, answers, false}, attempt{usual, answers, false}, 2, answers, "2", late + usual},
		{"the first is first", attempt{7 * millis, answers, false}, attempt{usual, answers, false}, 2, answers, "1", 7 * millis},
		{"the first fails in time", attempt{usual, fault.Broken, false}, attempt{}, 1, fault.Broken, "", usual},
		{"the first fails late", attempt{7 * millis, fault.Broken, false}, attempt{usual, answers, false}, 2, answers, "2", late + usual},
		{"the second fails", attempt{50 * millis, answers, false}, attempt{millis, fault.Unreachable, false}, 2, answers, "1", 50 * millis},
		{"the second panics", attempt{50 * millis, answers, false}, attempt{millis, answers, true}, 2, answers, "1", 50 * millis},
		{"both fail", attempt{50 * millis, fault.Broken, false}, attempt{millis, fault.Throttled, false}, 2, fault.Broken, "", 50 * millis},
		{"both fail, the second last", attempt{7 * millis, fault.Broken, false}, attempt{usual, fault.Throttled, false}, 2, fault.Broken, "", late + usual},
		{"the second is rejected", attempt{50 * millis, answers, false}, attempt{usual, fault.Rejected, false}, 2, fault.Rejected, "", late + usual},
		{"the first is rejected", attempt{7 * millis, fault.Rejected, false}, attempt{usual, answers, false}, 2, fault.Rejected, "", 7 * millis},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, s := metrics(), service(c.first, c.second)
				send := usually(t, hedgeDefaults, m, s).send
				notes := observe.NewRequest(nil)
				ctx, step := notes.StartStep(t.Context(), "product")
				began := time.Now()
				res, err := send(ctx, get())
				if took := time.Since(began); took != c.took || s.calls() != c.attempts {
					t.Errorf("%d attempts in %v, want %d in %v", s.calls(), took, c.attempts, c.took)
				}
				if c.want != answers {
					wantKind(t, err, c.want)
				} else if err != nil || string(res.Body) != c.body {
					t.Errorf("got %v, %v, want the answer of attempt %s", res, err, c.body)
				}
				step.Done()
				if noted := strings.Contains(notes.ServerTiming(), "hedged=1"); noted != (c.attempts == 2) {
					t.Errorf("Server-Timing: %s", notes.ServerTiming())
				}
				won := 0.0
				if c.took == late+usual && !strings.HasPrefix(c.name, "both") {
					won = 1
				}
				const name = "facet_service_hedges_total"
				if observetest.Sum(t, m.Registry(), name, "catalog", "won") != won || observetest.Sum(t, m.Registry(), name) != float64(c.attempts-1) {
					t.Errorf("%v hedges counted as won, %v in all", observetest.Sum(t, m.Registry(), name, "won"), observetest.Sum(t, m.Registry(), name))
				}
			})
		})
	}
}

// Both attempts end with the call, however it ends.
func TestNothingOutlivesAHedgedCall(t *testing.T) {
	slow := attempt{time.Minute, answers, false}
	for name, c := range map[string]struct {
		attempts []attempt
		begin    func(context.Context, backend.Sender) (*call, context.CancelFunc)
		want     fault.Kind
		took     time.Duration
	}{
		"the caller goes": {[]attempt{slow}, func(ctx context.Context, send backend.Sender) (*call, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(8*millis, cancel)
			return start(ctx, send, get()), cancel
		}, fault.Gone, 8 * millis},
		"the caller's deadline": {[]attempt{slow}, func(ctx context.Context, send backend.Sender) (*call, context.CancelFunc) {
			ctx, cancel := context.WithTimeout(ctx, 8*millis)
			return start(ctx, send, get()), cancel
		}, fault.TooSlow, 8 * millis},
		"the timeout": {[]attempt{slow}, func(ctx context.Context, send backend.Sender) (*call, context.CancelFunc) {
			return start(ctx, Timeout(TimeoutConfig{Default: 30 * millis})(send), get()), func() {}
		}, fault.TooSlow, 30 * millis},
		"a panic": {[]attempt{{8 * millis, answers, true}, slow}, func(ctx context.Context, send backend.Sender) (*call, context.CancelFunc) {
			return start(ctx, func(ctx context.Context, req *backend.Request) (res *backend.Response, err error) {
				defer func() { err = failed(req, fault.Bug, nil); _ = recover() }()
				return send(ctx, req)
			}, get()), func() {}
		}, fault.Bug, 8 * millis},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var under sync.WaitGroup
				s := service(c.attempts...)
				counting := &stub{answer: func(ctx context.Context, n int) (*backend.Response, error) {
					under.Add(1)
					defer under.Done()
					return s.answer(ctx, n)
				}}
				got, cancel := c.begin(t.Context(), usually(t, hedgeDefaults, metrics(), counting).send)
				defer cancel()
				after(c.took)
				under.Wait() // blocks for a minute if an attempt goes on
				if wantKind(t, got.err, c.want); got.took != c.took || counting.calls() != 2 {
					t.Errorf("%d attempts in %v, want 2 in %v", counting.calls(), got.took, c.took)
				}
			})
		})
	}
}

func TestWhatIsNotHedged(t *testing.T) {
	with := func(change func(*backend.Request)) *backend.Request {
		req := get()
		change(req)
		return req
	}
	for _, c := range []struct {
		name string
		req  *backend.Request
		time time.Duration // that the caller has
	}{
		{"unsafe", with(func(r *backend.Request) { r.Safe = false }), time.Second},
		{"a stream", with(func(r *backend.Request) { r.Stream = true }), time.Second},
		{"an upload", with(func(r *backend.Request) { r.Upload = strings.NewReader("once") }), time.Second},
		{"an operation that was never called", with(func(r *backend.Request) { r.Op = "other" }), time.Second},
		{"no time for another attempt", get(), late + shortest - 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := takes(50 * millis)
				send := usually(t, hedgeDefaults, metrics(), s).send
				ctx, cancel := context.WithTimeout(t.Context(), c.time)
				defer cancel()
				if _, _ = send(ctx, c.req); s.calls() != 1 {
					t.Errorf("%d attempts", s.calls())
				}
			})
		})
	}
}

func TestTheLeastDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := hedgeDefaults
		config.MinDelay = 20 * millis
		s := service(attempt{50 * millis, answers, false}, attempt{usual, answers, false})
		c := start(t.Context(), usually(t, config, metrics(), s).send, get())
		after(time.Second)
		if c.took != 25*millis {
			t.Errorf("took %v", c.took)
		}
	})
}

func TestTheHedgeBudget(t *testing.T) {
	for _, c := range []struct {
		name        string
		percentile  float64
		calls       int
		every       time.Duration
		slow        int // one call in so many
		least, most int // second attempts
	}{
		{"a third of the calls is late", 0.5, 4000, 20 * millis, 3, 190, 4000*5/100 + mostHedges},
		{"all of a sudden everything is slow", 0.95, 2000, 10 * millis, 1, 5, 100},
		{"a storm after a while", 0.95, 100, 0, 1, mostHedges, mostHedges},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				config := hedgeDefaults
				config.Percentile = c.percentile
				s := takes(usual)
				send := usually(t, config, metrics(), s).send
				for range 200 {
					_, _ = send(t.Context(), get())
				}
				time.Sleep(3 * time.Second)
				before := s.calls()
				s.answer = func(ctx context.Context, _ int) (*backend.Response, error) {
					if rand.IntN(c.slow) == 0 {
						return ok(), wait(ctx, 50*millis)
					}
					return ok(), wait(ctx, usual)
				}
				s.answer = answersOrFails(s.answer)
				for range c.calls {
					start(t.Context(), send, get())
					time.Sleep(c.every)
				}
				after(time.Second)
				if n := s.calls() - before - c.calls; n < c.least || n > c.most {
					t.Errorf("%d second attempts, want %d to %d", n, c.least, c.most)
				}
			})
		})
	}
}

func TestAHedgeTakesAnotherInstance(t *testing.T) {
	for attempts := 1; attempts <= 2; attempts++ { // without and with retry
		synctest.Test(t, func(t *testing.T) {
			config := catalog()
			config.Cache, config.Hedge, config.Retry.Attempts = nil, &hedgeDefaults, attempts
			m, one := metrics(), 101 // the attempt that is slow
			s := &stub{answer: answersOrFails(func(ctx context.Context, n int) (*backend.Response, error) {
				if n == one {
					return ok(), wait(ctx, time.Minute)
				}
				return ok(), wait(ctx, usual)
			})}
			send := New("catalog", config, Shared{Metrics: m}).Apply(s.send)
			for range one - 1 {
				_, _ = send(t.Context(), get())
			}
			c := start(t.Context(), send, get())
			after(time.Second)
			if c.err != nil || c.took != late+usual || s.calls() != one+1 {
				t.Fatalf("%v after %v, %d attempts", c.err, c.took, s.calls())
			}
			if got := bases(s)[one-1:]; got[0] == got[1] {
				t.Errorf("both attempts went to %q", got)
			}
			const name = "facet_service_call_duration_seconds"
			if n := observetest.Sum(t, m.Registry(), name); n != float64(one) || observetest.Sum(t, m.Registry(), name, "ok") != n {
				t.Errorf("%v calls are measured, of which %v ok", n, observetest.Sum(t, m.Registry(), name, "ok"))
			}
		})
	}
}

func TestALoserIsNotCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b *breaker
		s := service(attempt{50 * millis, answers, false}, attempt{usual, answers, false}, attempt{7 * millis, answers, false}, attempt{usual, answers, false})
		b = newBreaker("catalog", classRead, breakerDefaults, metrics(), usually(t, hedgeDefaults, metrics(), s).send)
		for range 2 {
			if _, err := b.send(t.Context(), get()); err != nil {
				t.Error(err)
			}
		}
		if n := b.cb.Counts(); s.calls() != 4 || n.TotalSuccesses != 2 || n.Requests != 2 {
			t.Errorf("%d attempts, %+v", s.calls(), n)
		}
	})
}

// What there is to pay when nothing is late.
func TestHedgeAllocatesLittle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answer := ok()
		send := newHedge(hedgeDefaults, metrics(), func(context.Context, *backend.Request) (*backend.Response, error) { return answer, nil }).send
		req, ctx := get(), t.Context()
		call := func() { _, _ = send(ctx, req) }
		if n := testing.AllocsPerRun(100, call); n > 0 {
			t.Errorf("%v allocations before anything is known", n)
		}
		time.Sleep(lookEvery)
		if n := testing.AllocsPerRun(100, call); n > 8 {
			t.Errorf("%v allocations", n)
		}
	})
}
