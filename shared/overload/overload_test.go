package overload

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/config"
	"github.com/facet-bff/facet/shared/fault"
)

// With much more to do than can be done, nearly as much is done as can be, in little more
// than the usual time; and when there is less to do again, nobody is refused.
func TestOverload(t *testing.T) {
	for _, c := range []struct {
		places int
		takes  time.Duration
		times  float64 // the capacity
	}{
		{8, 50 * millis, 2},
		{20, 50 * millis, 2},
		{20, 50 * millis, 10},
		{100, 20 * millis, 2},
		{200, 100 * millis, 3},
		{16, 300 * millis, 2},
		{8, 120 * millis, 2},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := open(c.places, c.takes)
			gate := s.NewGate(byMethod)
			some := &crowd{gate: gate, r: reading, rate: 0.5 * s.capacity()}
			many := &crowd{gate: gate, r: reading, rate: c.times * s.capacity()}
			s.serve(time.Second, some) // the limit grows where it is too low to begin with
			s.serve(10*time.Second, some)
			normal := some.p99()
			if some.refused > 0 || some.spared > 0 {
				t.Errorf("%+v: at half the capacity %d are refused, %d do without", c, some.refused, some.spared)
			}
			s.serve(5*time.Second, many) // until the limit is found
			for range 2 {
				const d = 10 * time.Second
				s.serve(d, many)
				goodput, late := float64(len(many.served))/d.Seconds()/s.capacity(), many.p99()
				if goodput < 0.9 || late > 3*normal {
					t.Errorf("%+v: goodput %.2f of the capacity, p99 %v, normal %v", c, goodput, late, normal)
				}
				if many.spared < len(many.served)/2 {
					t.Errorf("%+v: only %d of %d were asked to do without", c, many.spared, len(many.served))
				}
			}
			s.serve(2*time.Second, some)
			if s.serve(5*time.Second, some); some.refused > 0 || some.spared > 0 || some.p99() > 3*normal/2 {
				t.Errorf("%+v: two seconds after, %d are refused, %d do without, p99 %v", c, some.refused, some.spared, some.p99())
			}
		})
	}
}

// A gateway that is started when there is too much to do already has never seen what requests
// usually take. It finds that out.
func TestAStartIntoOverload(t *testing.T) {
	for _, places := range []int{8, 100} {
		synctest.Test(t, func(t *testing.T) {
			s := open(places, 100*millis)
			reads := &crowd{gate: s.NewGate(byMethod), r: reading, rate: 1.5 * s.capacity()}
			writes := &crowd{gate: s.NewGate(byMethod), r: writing, rate: 0.3 * s.capacity()}
			s.serve(30*time.Second, reads, writes)
			const d = 20 * time.Second
			s.serve(d, reads, writes)
			goodput := float64(len(reads.served)+len(writes.served)) / d.Seconds() / s.capacity()
			if goodput < 0.9 || reads.p99() > 400*millis || writes.refused > len(writes.served)/50 {
				t.Errorf("%d places: goodput %.2f of the capacity, p99 %v, %d of %d writes refused",
					places, goodput, reads.p99(), writes.refused, len(writes.served))
			}
		})
	}
}

// Nobody is refused on account of less important requests.
func TestPriorities(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(40, 50*millis)
		gate, critical := s.NewGate(byMethod), s.NewGate(Critical)
		rate := func(times float64) float64 { return times * s.capacity() }
		health := &crowd{gate: critical, r: reading, rate: rate(0.05)}
		writes := &crowd{gate: gate, r: writing, rate: rate(0.2)}
		reads := &crowd{gate: gate, r: reading, rate: rate(1.5)}
		guesses := &crowd{gate: gate, r: request("GET", "Sec-Purpose", "prefetch"), rate: rate(0.5)}
		s.serve(3*time.Second, writes, reads)
		s.serve(10*time.Second, health, writes, reads, guesses)
		part := func(c *crowd) float64 { return float64(len(c.served)) / float64(len(c.served)+c.refused) }
		if part(health) < 1 || part(writes) < 0.98 || part(reads) < 0.3 || part(guesses) > 0.1 {
			t.Errorf("served are %.3f of critical requests, %.3f of writes, %.3f of reads, %.3f of guesses",
				part(health), part(writes), part(reads), part(guesses))
		}
		if n := s.watch.refused["background"]; n != guesses.refused || s.watch.refused["read"] == 0 || s.watch.refused["critical"] > 0 {
			t.Errorf("told of %v, %d guesses were refused", s.watch.refused, guesses.refused)
		}
		if got := s.inFlight.Load(); got != 0 {
			t.Errorf("%d are still in flight", got)
		}
	})
}

// What merely takes longer is not taken for too much to do, or not for long: there is room
// for many more here.
func TestAServiceThatBecomesSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(10000, 50*millis)
		c := &crowd{gate: s.NewGate(byMethod), r: reading, rate: 1600} // eighty at a time
		s.serve(10*time.Second, c)
		if c.refused > 0 {
			t.Errorf("%d are refused", c.refused)
		}
		s.takes = 200 * millis // and 320 at a time
		s.serve(15*time.Second, c)
		if s.serve(5*time.Second, c); c.refused > 0 {
			t.Errorf("of a service that has long been slower, %d are refused", c.refused)
		}
		s.takes = 50 * millis
		s.serve(2*time.Second, c)
		if s.serve(5*time.Second, c); c.refused > 0 {
			t.Errorf("of a service that is quick again, %d are refused", c.refused)
		}
	})
}

// Requests that take long are no sign of anything when they always do.
func TestAnotherMix(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(10000, 200*millis)
		quick := &crowd{gate: s.NewGate(byMethod), r: reading, rate: 1000, part: 0.01}
		long := &crowd{gate: s.NewGate(byMethod), r: reading, rate: 20}
		s.serve(10*time.Second, quick, long)
		quick.rate, long.rate = 50, 400
		s.serve(10*time.Second, quick, long)
		if quick.refused+long.refused+quick.spared+long.spared > 0 {
			t.Errorf("refused %d and %d, doing without %d and %d", quick.refused, long.refused, quick.spared, long.spared)
		}
	})
}

// When nothing comes back at all, the highest limit holds, and ends with what had stuck.
func TestNothingComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(100, 10*millis)
		gate := s.NewGate(byMethod)
		fill := func(r *http.Request) (in []Place) {
			for range 2000 {
				place, err := gate.Enter(r)
				if err != nil {
					f := fault.From(err)
					if f.Kind != fault.Shed || f.RetryAfter < time.Second || f.RetryAfter > 3*time.Second || f.HTTPStatus() != http.StatusServiceUnavailable {
						t.Errorf("got %+v", f)
					}
					break
				}
				in = append(in, place)
			}
			return in
		}
		reads := fill(reading)
		writes := fill(writing)
		if len(reads) != 900 || len(writes) != 131 {
			t.Errorf("%d reads and %d writes are let in", len(reads), len(writes))
		}
		time.Sleep(time.Minute)
		for _, place := range append(reads, writes...) {
			place.Leave(Untold)
		}
		if place, err := gate.Enter(reading); err != nil {
			t.Error("what has ended counts on")
		} else {
			place.Leave(Whole)
		}
		if usual := time.Duration(gate.times[Whole].usual.Load()); usual > 0 {
			t.Errorf("what says nothing was counted: %v", usual)
		}
	})
}

// Many at once are nothing to be afraid of while they do not take long: those who come after
// an overload, too, as soon as that is over.
func TestACrowdIsWelcome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(1000, 50*millis)
		gate := s.NewGate(byMethod)
		all := func() (refused int) {
			for range 500 {
				place, err := gate.Enter(reading)
				if err != nil {
					refused++
					continue
				}
				s.all.Go(func() {
					s.places <- struct{}{}
					time.Sleep(s.takes)
					<-s.places
					place.Leave(Whole)
				})
			}
			s.all.Wait()
			return refused
		}
		if n := all(); n > 0 {
			t.Errorf("of the first, %d are refused", n)
		}
		time.Sleep(time.Second)
		s.places = make(chan struct{}, 20)
		s.serve(10*time.Second, &crowd{gate: gate, r: reading, rate: 1000})
		s.places = make(chan struct{}, 1000)
		time.Sleep(5 * time.Second)
		if n := all(); n > 0 {
			t.Errorf("after an overload, %d are refused", n)
		}
	})
}

func TestPriorityOf(t *testing.T) {
	for _, c := range []struct {
		gate Priority
		r    *http.Request
		want Priority
	}{
		{byMethod, reading, Read},
		{byMethod, request("HEAD"), Read},
		{byMethod, request("OPTIONS"), Read},
		{byMethod, writing, Write},
		{byMethod, request("DELETE"), Write},
		{byMethod, request("GET", "Sec-Purpose", "prefetch"), Background},
		{byMethod, request("GET", "Sec-Purpose", "prefetch;prerender"), Background},
		{byMethod, request("GET", "Sec-Purpose", "x, Prefetch; anonymous-client-ip"), Background},
		{byMethod, request("GET", "Sec-Purpose", "prefetched"), Read},
		{byMethod, request("POST", "Sec-Purpose", "prefetch"), Write},
		{Read, writing, Read},
		{Read, request("POST", "Sec-Purpose", "prefetch"), Background},
		{Write, request("GET", "Sec-Purpose", "prefetch"), Write},
		{Critical, request("GET", "Sec-Purpose", "prefetch"), Critical},
		{Background, reading, Background},
	} {
		if got := c.gate.of(c.r); got != c.want {
			t.Errorf("%v of %s %v is %v, want %v", c.gate, c.r.Method, c.r.Header, got, c.want)
		}
	}
}

func TestConfig(t *testing.T) {
	type section struct {
		Overload *Config  `yaml:"overload"`
		Priority Priority `yaml:"priority"`
	}
	load := func(text string) (section, error) {
		s, err := config.Load[section](config.Sources{Default: []byte(text)})
		if err != nil {
			return section{}, err
		}
		return *s, nil
	}
	if s, err := load(""); err != nil || s.Overload != nil || New(s.Overload, nil) != nil {
		t.Errorf("absent: %+v, %v", s, err)
	}
	if s, err := load("overload: {}\npriority: background"); err != nil || *s.Overload != defaults || s.Priority != Background {
		t.Errorf("%+v, %v", s, err)
	}
	for text, want := range map[string]string{
		"overload: {tolerance: 2}": "1:23: overload.tolerance: must be at most 1.9",
		"overload: {min: 1}":       "overload.min: must be at least 2",
		"overload: {max: 50}":      "overload: min must not be above initial, nor initial above max",
		"overload: {min: 200}":     "overload: min must not be above initial",
		"priority: high":           `"high" is not a priority; use critical, write, read or background`,
		"priority: ''":             "is not a priority",
	} {
		if _, err := load(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestNoLimiterLetsEverybodyIn(t *testing.T) {
	var l *Limiter
	gate := l.NewGate(Background)
	place, err := gate.Enter(reading)
	if err != nil || l.Spare() {
		t.Errorf("%v, %v", err, l.Spare())
	}
	place.Leave(Whole)
}

func TestWhatItCosts(t *testing.T) {
	gate := New(&defaults, &watch{}).NewGate(byMethod)
	var off *Gate
	for name, gate := range map[string]*Gate{"on": gate, "off": off} {
		if n := testing.AllocsPerRun(1000, func() {
			place, err := gate.Enter(reading)
			if err == nil {
				place.Leave(Whole)
			}
		}); n > 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// Many at once: each place is given back once, and no count is lost.
func TestManyAtOnce(t *testing.T) {
	w := &watch{refused: map[string]int{}}
	l := New(&Config{Min: 2, Max: 50, Initial: 4, Tolerance: 1.5}, w)
	gate := l.NewGate(byMethod)
	var wg sync.WaitGroup
	var refused [8]int
	for i := range refused {
		wg.Go(func() {
			for range 5000 {
				place, err := gate.Enter(reading)
				if err != nil {
					refused[i]++
					continue
				}
				l.Spare()
				place.Leave(Whole)
			}
		})
	}
	wg.Wait()
	sum := 0
	for _, n := range refused {
		sum += n
	}
	if l.inFlight.Load() != 0 || w.refused["read"] != sum {
		t.Errorf("%d in flight, %d of %d refusals told", l.inFlight.Load(), w.refused["read"], sum)
	}
	if limit := w.limit.Load(); limit < 2 || limit > 50 {
		t.Errorf("the limit is %d", limit)
	}
}

func BenchmarkGate(b *testing.B) {
	gate := New(&Config{Min: 16, Max: 1000, Initial: 1000, Tolerance: 1.5}, &watch{}).NewGate(byMethod)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			place, err := gate.Enter(reading)
			if err != nil {
				b.Error(errors.New("refused"))
				return
			}
			place.Leave(Whole)
		}
	})
}
