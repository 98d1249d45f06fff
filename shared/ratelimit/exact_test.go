package ratelimit

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"
)

// limits are burst and rate, from a few a day to the fastest.
var limits = []Config{
	{Rate: 1, Burst: 1}, {Rate: 10, Burst: 20}, {Rate: 3, Burst: 7}, {Rate: 0.7, Burst: 100}, {Rate: 1000, Burst: 1},
	{Rate: 999999, Burst: 5}, {Rate: 1e6, Burst: 1e6}, {Rate: 3.0 / 86400, Burst: 3}, {Rate: 1.0 / 3, Burst: 2},
}

// A model is a token bucket as it is usually told: it fills, and a request takes out of it.
// A token is as many parts as there are nanoseconds between two.
type model struct {
	parts, most, token time.Duration
	filled             time.Time
}

func (m *model) allow(now time.Time) (d Decision) {
	m.parts = min(m.parts+now.Sub(m.filled), m.most)
	m.filled = now
	if d.Allowed = m.parts >= m.token; d.Allowed {
		m.parts -= m.token
	}
	d.Remaining = int(m.parts / m.token)
	d.Reset = m.token - m.parts%m.token
	return d
}

// Every decision about every client is that of a bucket of its own.
func TestDecisions(t *testing.T) {
	for i, c := range limits {
		t.Run(fmt.Sprintf("%g per second, %d at once", c.Rate, c.Burst), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c.MaxKeys = 100_000
				l, random := New(&c), rand.New(rand.NewPCG(1, uint64(i)))
				models := make([]model, 40)
				for i := range models {
					models[i] = model{parts: l.window, most: l.window, token: l.interval, filled: time.Now()}
				}
				for range 10_000 {
					who := random.IntN(len(models))
					got, want := l.Allow(key(who), time.Now()), models[who].allow(time.Now())
					if got != want {
						t.Fatalf("%d after %v: got %+v, want %+v", who, time.Since(l.start), got, want)
					}
					time.Sleep(pause(random, c, len(models)))
				}
			})
		})
	}
}

// pause is such that n clients together ask about three times as often as they may, and
// sometimes not at all for long.
func pause(random *rand.Rand, c Config, n int) time.Duration {
	mean := float64(time.Second) / c.Rate / float64(n) / 3
	if random.IntN(1000) == 0 {
		mean *= float64(n * c.Burst)
	}
	return time.Duration(random.ExpFloat64() * mean)
}

func key(i int) Key { return Key{Issuer: "https://issuer.test", Subject: fmt.Sprint("u", i)} }

// In any time t, a client is allowed at most burst + rate·t, and all together that for each
// bucket: also when there are many more clients than buckets, and they take each other's.
func TestWindows(t *testing.T) {
	for i, c := range limits[:7] {
		for _, clients := range []int{1, 16, 500} {
			synctest.Test(t, func(t *testing.T) {
				c.MaxKeys = 64
				l, random := New(&c), rand.New(rand.NewPCG(2, uint64(i)))
				allowed := make([][]time.Duration, clients)
				for range 15_000 {
					who := random.IntN(clients)
					if random.IntN(2) == 0 {
						who /= 10 // some ask more often
					}
					if l.Allow(key(who), time.Now()).Allowed {
						allowed[who] = append(allowed[who], time.Since(l.start))
					}
					time.Sleep(pause(random, c, clients))
				}
				took, total := time.Since(l.start), 0
				for who, times := range allowed {
					checkWindows(t, c, who, times)
					total += len(times)
				}
				if most := 64 * (float64(c.Burst) + c.Rate*took.Seconds()); float64(total) > most {
					t.Errorf("%+v, %d clients: %d are allowed to all together, of %g", c, clients, total, most)
				}
			})
		}
	}
}

func checkWindows(t *testing.T, c Config, who int, times []time.Duration) {
	t.Helper()
	for i := range times {
		for j := i + c.Burst; j < len(times); j += max(1, len(times)/200) {
			if most := float64(c.Burst) + c.Rate*(times[j]-times[i]).Seconds(); float64(j-i+1) > most+1e-6 {
				t.Fatalf("%+v: %d gets %d within %v, of %g", c, who, j-i+1, times[j]-times[i], most)
			}
		}
	}
}

// Whoever asks all the time gets what is its due, to the request.
func TestGreedy(t *testing.T) {
	for _, c := range limits[:6] {
		synctest.Test(t, func(t *testing.T) {
			c.MaxKeys = 16
			l, allowed := New(&c), 0
			const requests = 3000
			for range requests {
				if l.Allow(key(1), time.Now()).Allowed {
					allowed++
				}
				time.Sleep(l.interval/3 + 1)
			}
			took := time.Since(l.start) - (l.interval/3 + 1)
			if want := c.Burst + int(took/l.interval); allowed < min(want-1, requests) || allowed > want {
				t.Errorf("%+v: %d allowed in %v, want %d", c, allowed, took, want)
			}
		})
	}
}

// A client that comes back when it is told to is allowed, and a nanosecond earlier is not.
func TestReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(&Config{Rate: 3, Burst: 2, MaxKeys: 16})
		l.Allow(key(1), time.Now())
		l.Allow(key(1), time.Now())
		refused := l.Allow(key(1), time.Now())
		time.Sleep(refused.Reset - 1)
		early := l.Allow(key(1), time.Now())
		time.Sleep(time.Nanosecond)
		onTime := l.Allow(key(1), time.Now())
		if refused.Allowed || early != (Decision{Reset: 1}) || onTime != (Decision{Allowed: true, Reset: l.interval}) {
			t.Errorf("got %+v, too early %+v, in time %+v", refused, early, onTime)
		}
	})
}
