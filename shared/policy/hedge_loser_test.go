package policy

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/discover"
)

// Whichever attempt answers first, the other one's context ends at that moment.
func TestTheLoserIsCancelled(t *testing.T) {
	for _, c := range []struct {
		name          string
		first, second time.Duration // each, if nobody ends it
		loser         int
		after         time.Duration // since the call began
	}{
		{"the first", time.Hour, usual, 1, late + usual},
		{"the second", 7 * millis, time.Hour, 2, 7 * millis},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began, ended := time.Now(), map[int]time.Duration{}
				var mu sync.Mutex
				s := &stub{answer: answersOrFails(func(ctx context.Context, n int) (*backend.Response, error) {
					err := wait(ctx, []time.Duration{c.first, c.second}[n-1])
					mu.Lock()
					defer mu.Unlock()
					if ctx.Err() != nil {
						ended[n] = time.Since(began)
					}
					return ok(), err
				})}
				send := usually(t, hedgeDefaults, metrics(), s).send
				began = time.Now()
				if _, err := send(t.Context(), get()); err != nil || s.calls() != 2 {
					t.Errorf("%v, %d attempts", err, s.calls())
				}
				if len(ended) != 1 || ended[c.loser] != c.after {
					t.Errorf("ended were %v, want %d after %v", ended, c.loser, c.after)
				}
			})
		})
	}
}

// One of two instances becomes slow now and then. With hedging, hardly anybody meets that, for
// at most 5 % more calls.
func TestOneSlowInstanceOfTwo(t *testing.T) {
	const calls, slow = 8000, 200 * millis
	play := func(hedged bool) (p99 time.Duration, made int) {
		synctest.Test(t, func(t *testing.T) {
			config := catalog()
			config.Cache, config.Instances, config.Retry.Attempts = nil, discover.At("http://good", "http://slow"), 1
			config.Breaker.MinRequests, config.Limit.Concurrent, config.Balance.Strategy = 0, 0, "round_robin" // which does not avoid it
			if hedged {
				config.Hedge = &hedgeDefaults
			}
			random := rand.New(rand.NewPCG(1, 2))
			var mu sync.Mutex
			s := &stub{}
			s.answer = answersOrFails(func(ctx context.Context, n int) (*backend.Response, error) {
				mu.Lock()
				takes := 4*millis + time.Duration(random.Int64N(int64(2*millis)))
				stumbles := random.IntN(16) == 0
				mu.Unlock()
				s.mu.Lock()
				at := s.asked[n-1].Base
				s.mu.Unlock()
				if at == "http://slow" && stumbles {
					takes = slow
				}
				return ok(), wait(ctx, takes)
			})
			send := New("catalog", config, Shared{Metrics: metrics()}).Apply(s.send)
			took := paced(t, calls, send, unshared)
			p99, made = took[calls*99/100], s.calls()
		})
		return p99, made
	}
	alone, _ := play(false)
	hedged, made := play(true)
	t.Logf("p99 %v, hedged %v with %d calls for %d", alone, hedged, made, calls)
	if alone < slow || hedged > alone/5 || made-calls > calls*5/100+mostHedges || made == calls {
		t.Errorf("p99 %v, hedged %v with %d calls for %d", alone, hedged, made, calls)
	}
}
