package balance

import (
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/discover"
	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/observe/observetest"
)

// randomly makes a balancer of n instances in any state.
func randomly(t *testing.T, n int, metrics *observe.Metrics) *Balancer {
	t.Helper()
	var list []discover.Instance
	for i := range n {
		list = append(list, discover.Instance{URL: strconv.Itoa(i), Weight: 1 + rand.IntN(5), Priority: rand.IntN(3)})
	}
	b := New("catalog", Config{Strategy: []string{"least_loaded", "round_robin"}[rand.IntN(2)], Eject: ejects}, metrics, list)
	for i := range n {
		fail(t, b, strconv.Itoa(i), rand.IntN(7))
		end(t, b, strconv.Itoa(i), rand.IntN(2), nil)
		b.mu.Lock()
		b.all[i].sick = rand.IntN(4) == 0
		b.renew(b.now())
		b.mu.Unlock()
	}
	return b
}

func TestNoInstanceIsTriedAgainWhileAnotherIsLeft(t *testing.T) {
	metrics := observe.NewMetrics("test")
	for range 2000 {
		n := 1 + rand.IntN(8)
		b, before, seen := randomly(t, n, metrics), new(Tried), map[string]int{}
		for attempt := range n + 3 {
			call, ok := b.Begin(before)
			if !ok {
				t.Fatal("nothing to pick")
			}
			if seen[call.URL()]++; seen[call.URL()] > 1 && len(seen) < n {
				list, _ := b.State()
				t.Fatalf("attempt %d went to %s again, of %+v", attempt, call.URL(), list)
			}
			call.End(errBroken)
			call.Leave()
			if rand.IntN(4) == 0 {
				other, _ := b.Begin(nil) // a call in between
				other.Leave()
			}
		}
	}
}

func TestPicksAllocateNothing(t *testing.T) {
	for _, strategy := range []string{"least_loaded", "round_robin"} {
		b := with(Config{Strategy: strategy, Eject: ejects}, discover.At("a", "b", "c")...)
		var before Tried
		n := testing.AllocsPerRun(1000, func() {
			before = Tried{}
			for range 2 {
				call, _ := b.Begin(&before)
				call.End(nil)
				call.Leave()
			}
			call, _ := b.Begin(nil)
			call.End(nil)
			call.Leave()
		})
		if n != 0 {
			t.Errorf("%s: %v allocations", strategy, n)
		}
	}
}

func TestOneThatWasTakenOffTheListIsNotPicked(t *testing.T) {
	b := loaded(discover.At("a", "b", "c")...)
	var gone []string
	b.Gone(func(url string) { gone = append(gone, url) })
	var calls []Call
	for range 50 {
		call, _ := b.Begin(nil)
		calls = append(calls, call)
	}
	fail(t, b, "b", 3)
	b.Update(discover.At("b", "c", "d"))
	if len(gone) != 1 || gone[0] != "a" {
		t.Errorf("gone: %q", gone)
	}
	if of(t, b, "b").Failures != 3 || of(t, b, "b").InFlight == 0 {
		t.Error("what was known of those that stay is forgotten")
	}
	for range 200 {
		if call, _ := b.Begin(nil); call.URL() == "a" {
			t.Fatal("it is picked")
		}
	}
	for _, call := range calls {
		call.End(nil)
		call.Leave()
	}
	if len(gone) != 2 || gone[1] != "a" {
		t.Errorf("when its last call was over: %q", gone)
	}
	if got := observetest.Sum(t, b.metrics.Registry(), "facet_service_instances"); got != 3 {
		t.Errorf("the metric counts %v", got)
	}
}

func TestTheOnlyInstance(t *testing.T) {
	for name, c := range map[string]struct {
		b    *Balancer
		only bool
	}{
		"fixed":      {loaded(discover.At("http://a/")...), true},
		"twice":      {loaded(discover.At("http://a/", "http://a")...), true},
		"several":    {loaded(discover.At("http://a", "http://b")...), false},
		"discovered": {loaded(), false},
	} {
		c.b.Update(discover.At("http://a"))
		if url, only := c.b.Only(); only != c.only || only && url != "http://a" {
			t.Errorf("%s: %q, %v", name, url, only)
		}
	}
	b := loaded()
	if _, ok := b.Begin(nil); ok {
		t.Error("before anything is found")
	}
	b.Update(discover.At("http://a"))
	var before Tried
	for range 3 {
		if call, ok := b.Begin(&before); !ok || call.URL() != "http://a" {
			t.Error("the one that was found")
		}
	}
}

// Everything at once, for the race detector; and no call is lost.
func TestListsChangeUnderTraffic(t *testing.T) {
	b := New("catalog", Config{Strategy: "least_loaded", Eject: ejects}, loaded().metrics, nil)
	var mu sync.Mutex
	gone := map[string]int{}
	b.Gone(func(url string) {
		mu.Lock()
		defer mu.Unlock()
		gone[url]++
	})
	b.Update(discover.At("0", "1"))
	var callers sync.WaitGroup
	for c := range 4 {
		callers.Go(func() {
			for n := range 5000 {
				var before Tried
				for range 2 {
					call, ok := b.Begin(&before)
					if !ok {
						t.Error("nothing to pick")
						return
					}
					var err error
					if (n+c)%3 == 0 {
						err = errBroken
					}
					call.End(err)
					call.Leave()
				}
				if n%100 == 0 {
					b.State()
				}
			}
		})
	}
	for n := range 500 {
		b.Update(discover.At(strconv.Itoa(n), strconv.Itoa(n+1), strconv.Itoa(n+2)))
	}
	callers.Wait()
	list, _ := b.State()
	for _, s := range list {
		if s.InFlight != 0 {
			t.Errorf("%+v", s)
		}
	}
	if len(gone) != 499 { // 0 to 498
		t.Errorf("%d are gone", len(gone))
	}
}

func TestStateIsInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := loaded(discover.Instance{URL: "b", Weight: 2}, discover.Instance{URL: "c", Priority: 0, Weight: 1}, discover.Instance{URL: "a", Priority: 1, Weight: 1})
		call, _ := b.Begin(nil)
		time.Sleep(1500 * time.Microsecond)
		call.End(nil)
		list, _ := b.State()
		if list[0].URL != "b" || list[1].URL != "c" || list[2].URL != "a" || list[0].Weight != 2 || list[2].Priority != 1 {
			t.Errorf("%+v", list)
		}
		if s := of(t, b, call.URL()); s.InFlight != 1 || s.LatencyMS != 1.5 || !s.Healthy {
			t.Errorf("%+v", s)
		}
	})
}

func BenchmarkPick(b *testing.B) {
	for _, strategy := range []string{"least_loaded", "round_robin"} {
		b.Run(strategy, func(b *testing.B) {
			instances := with(Config{Strategy: strategy, Eject: ejects}, discover.At("a", "b", "c", "d", "e")...)
			instances.random = rand.Uint64
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					call, _ := instances.Begin(nil)
					call.End(nil)
					call.Leave()
				}
			})
		})
	}
}
