package policy

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// evenly are the times of so many calls per second, at the same distance.
func evenly(perSecond int, from, to time.Duration) (calls []time.Duration) {
	for i := 0; ; i++ {
		at := from + time.Duration(i)*time.Second/time.Duration(perSecond)
		if at >= to {
			return calls
		}
		calls = append(calls, at)
	}
}

// anyhow are so many per second, at any distance.
func anyhow(perSecond int, to time.Duration) (calls []time.Duration) {
	random := rand.New(rand.NewPCG(1, 2))
	for at := time.Duration(0); at < to; at += time.Duration(random.ExpFloat64() * float64(time.Second) / float64(perSecond)) {
		calls = append(calls, at)
	}
	return calls
}

// together are so many calls at once, now and then.
func together(calls int, every, to time.Duration) (all []time.Duration) {
	for at := time.Duration(0); at < to; at += every {
		all = append(all, slices.Repeat([]time.Duration{at}, calls)...)
	}
	return all
}

// spend has each call fail, and each of its attempts, of which there may be four. It returns
// when the budget let one be made.
func spend(b *budget, calls []time.Duration) (retries []time.Duration) {
	const call = 0
	type event struct {
		at      time.Duration
		attempt int
	}
	var events []event
	for _, at := range calls {
		events = append(events, event{at, call}, event{at + 25*millis, 1}, event{at + 75*millis, 2}, event{at + 175*millis, 3})
	}
	slices.SortStableFunc(events, func(x, y event) int { return int(x.at - y.at) })
	epoch := time.Now()
	for _, e := range events {
		if e.attempt == call {
			b.deposit(epoch.Add(e.at))
		} else if b.withdraw(epoch.Add(e.at)) {
			retries = append(retries, e.at)
		}
	}
	return retries
}

// during is how many of times are in the time from one, to before another.
func during(times []time.Duration, from, to time.Duration) int {
	first, _ := slices.BinarySearch(times, from)
	next, _ := slices.BinarySearch(times, to)
	return next - first
}

// bound is what each second of a time may have: a part of its calls, or the floor; and so
// may the second before, whose calls may be retried in it.
func bound(calls []time.Duration, perCall, floor float64, from, to time.Duration) (most float64) {
	for at := from - time.Second; at < to; at += time.Second {
		most += max(perCall*float64(during(calls, at, min(at+time.Second, to))), floor)
	}
	return most
}

func TestTheBudgetIsTheLargerOfShareAndFloor(t *testing.T) {
	const long = 20 * time.Second
	for _, c := range []struct {
		name           string
		perCall, floor float64
		calls          []time.Duration
		exact          bool // the calls bring the floor, second by second
		least          int  // retries
	}{
		{"1 per second", 0.1, 3, evenly(1, 0, long), false, 58},
		{"10 per second", 0.1, 3, evenly(10, 0, long), false, 58},
		{"29 per second", 0.1, 3, evenly(29, 0, long), false, 58},
		{"30 per second", 0.1, 3, evenly(30, 0, long), true, 58},
		{"31 per second", 0.1, 3, evenly(31, 0, long), true, 60},
		{"100 per second", 0.1, 3, evenly(100, 0, long), true, 197},
		{"500 per second", 0.1, 3, evenly(500, 0, long), true, 990},
		{"10 per second, anyhow", 0.1, 3, anyhow(10, long), false, 54},
		{"500 per second, anyhow", 0.1, 3, anyhow(500, long), true, 970},
		{"bursts of 10", 0.1, 3, together(10, 5*time.Second, long), false, 12},
		{"bursts of 100", 0.1, 3, together(100, 5*time.Second, long), false, 40},
		{"idle, then a storm", 0.1, 3, append([]time.Duration{0}, evenly(500, time.Hour, time.Hour+3*time.Second)...), false, 145},
		{"a storm, then little", 0.1, 3, append(evenly(500, 0, 3*time.Second), evenly(2, 3*time.Second, long)...), false, 195},
		{"no floor, 1 per second", 0.1, 0, evenly(1, 0, 100*time.Second), true, 9},
		{"no floor, one in 10 s", 0.1, 0, evenly(1, 0, time.Second), true, 0},
		{"no floor, 500 per second", 0.1, 0, evenly(500, 0, long), true, 990},
		{"a low floor", 0, 0.5, evenly(1, 0, long), false, 10},
		{"a high floor", 0.1, 100, evenly(500, 0, long), false, 1990},
		{"nothing", 0, 0, evenly(500, 0, long), true, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			retries := spend(RetryConfig{BudgetRatio: c.perCall, MinPerSecond: c.floor}.budget(), c.calls)
			if len(retries) < c.least {
				t.Errorf("%d retries of %d calls, want %d", len(retries), len(c.calls), c.least)
			}
			for i, at := range retries {
				calls := during(c.calls, 0, at+1)
				if most := max(c.perCall*float64(calls), c.floor); c.exact && float64(i+1) > most+1e-6 {
					t.Fatalf("%d retries of %d calls after %v", i+1, calls, at)
				}
			}
			some := 1 + len(retries)/100 // of the times between which there are windows
			for i := 0; i < len(retries); i += some {
				for j := i; j < len(retries); j += some {
					from, to := retries[i], retries[j]+1
					if n, most := during(retries, from, to), bound(c.calls, c.perCall, c.floor, from, to); float64(n) > math.Ceil(most) {
						t.Fatalf("%d retries from %v to %v, want at most %.1f", n, from, to, most)
					}
				}
			}
		})
	}
}

// However long nothing was asked, a second's worth is what there is at once.
func TestWhatABudgetKeeps(t *testing.T) {
	for _, idle := range []time.Duration{0, time.Second, time.Minute, time.Hour} {
		for _, before := range []int{0, 10, 1000} {
			t.Run(fmt.Sprintf("%d calls, %v ago", before, idle), func(t *testing.T) {
				b, now := RetryConfig{BudgetRatio: 0.1, MinPerSecond: 3}.budget(), time.Now()
				for range before {
					b.deposit(now)
				}
				now = now.Add(idle)
				b.deposit(now)
				n, want := 0, max(3, before/10)
				if idle > time.Second {
					want = 3
				}
				for b.withdraw(now) {
					n++
				}
				if n != want {
					t.Errorf("%d retries at once, want %d", n, want)
				}
			})
		}
	}
}

func BenchmarkBudget(b *testing.B) {
	budget := retryDefaults.budget()
	b.ReportAllocs()
	for b.Loop() {
		budget.deposit(time.Now())
	}
}
