package policy

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
)

func TestStepsAreNarrow(t *testing.T) {
	for d := time.Duration(0); d < 2*time.Minute; d += 1 + d/1000 {
		if e := endOf(step(d)); e <= d || e > d+d/perDouble+time.Microsecond {
			t.Fatalf("%v is in a step that ends at %v", d, e)
		}
	}
	for _, d := range []time.Duration{-1, math.MinInt64} {
		if step(d) != 0 {
			t.Errorf("%v is in step %d", d, step(d))
		}
	}
	if step(math.MaxInt64) != steps-1 {
		t.Errorf("the longest duration is in step %d", step(math.MaxInt64))
	}
}

func TestThePercentile(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, percentile := range []float64{0.5, 0.9, 0.95, 0.99, 0.999} {
		var a, b window
		all := make([]time.Duration, 20000)
		for i := range all {
			all[i] = time.Duration(float64(10*millis) * math.Exp(random.NormFloat64()))
			[]*window{&a, &b}[i%2][step(all[i])].Add(1)
		}
		slices.Sort(all)
		exact := all[int(percentile*float64(len(all)))]
		if got := beyond(1-percentile, &a, &b); got < exact || got > exact+exact/perDouble {
			t.Errorf("percentile %v is %v, and %v was found", percentile, exact, got)
		}
	}
}

// calling calls at a rate for as long as d; each call takes as long as took.
func calling(l *latency, perSecond int, d, took time.Duration) {
	for range int(d.Seconds() * float64(perSecond)) {
		time.Sleep(time.Second / time.Duration(perSecond))
		l.at(time.Now())
		l.add(took)
	}
}

func TestTheEstimateFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLatency(0.95)
		want := func(when string, d time.Duration) {
			t.Helper()
			if got := l.at(time.Now()); got < d || got > d+d/perDouble {
				t.Errorf("%s: %v, want %v", when, got, d)
			}
		}
		want("before the first call", 0)
		calling(l, 100, 500*millis, 5*millis)
		want("too few calls", 0)
		calling(l, 100, 20*time.Second, 5*millis)
		for range 3 {
			calling(l, 100, time.Second, 40*millis)
			want("slower, after a second", 40*millis)
			calling(l, 100, 11*time.Second, 5*millis)
			want("as before, after some seconds", 5*millis)
		}
		time.Sleep(time.Hour)
		want("after a quiet hour", 0)
	})
}

func TestTooFewCallsTellNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLatency(0.95)
		for range 60 {
			calling(l, 2, time.Second, 5*millis)
			if got := l.at(time.Now()); got != 0 {
				t.Fatalf("2 calls per second tell of %v", got)
			}
		}
	})
}

// Under -race, while windows turn.
func TestCallsAreCountedConcurrently(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all latencies
		all.percentile = 0.95
		var calls sync.WaitGroup
		for range 8 {
			calls.Go(func() {
				for range 2000 {
					one := all.of("product")
					if usual := one.at(time.Now()); usual != 0 && usual != late {
						t.Errorf("%v", usual)
					}
					one.add(usual)
					time.Sleep(10 * millis)
				}
			})
		}
		calls.Wait()
		if all.of("product").at(time.Now()) != late || all.of("price").at(time.Now()) != 0 {
			t.Error("an operation is not told from another")
		}
	})
}

// What is counted of calls that do not end with their first attempt's answer.
func TestWhatHedgedCallsTell(t *testing.T) {
	for _, c := range []struct {
		name          string
		first, second attempt
		share         int // one call in so many
		least, most   time.Duration
	}{
		{"a tail that is cut off", attempt{50 * millis, answers, false}, attempt{usual, answers, false}, 50, late, late},
		{"quick second attempts", attempt{50 * millis, answers, false}, attempt{0, answers, false}, 50, late, late},
		{"quick failures", attempt{millis, fault.Broken, false}, attempt{}, 2, late, late},
		{"quick rejections", attempt{millis, fault.Rejected, false}, attempt{}, 2, late, late},
		{"slow failures", attempt{50 * millis, fault.Broken, false}, attempt{50 * millis, fault.Broken, false}, 5, 50 * millis, 54 * millis},
		{"a tail that is too thick to cut", attempt{50 * millis, answers, false}, attempt{usual, answers, false}, 5, 50 * millis, 54 * millis},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				quick, other := service(attempt{usual, answers, false}), service(c.first, c.second)
				s, before := &stub{}, 0 // before this call
				h := usually(t, hedgeDefaults, metrics(), s)
				for i := range 4000 {
					s.answer = quick.answer
					if i%c.share == 0 {
						before = s.calls()
						s.answer = func(ctx context.Context, n int) (*backend.Response, error) { return other.answer(ctx, n-before) }
					}
					_, _ = h.send(t.Context(), get())
					time.Sleep(millis)
				}
				if got := h.usual.of("product").at(time.Now()); got < c.least || got > c.most {
					t.Errorf("%v, want %v to %v", got, c.least, c.most)
				}
			})
		})
	}
}
