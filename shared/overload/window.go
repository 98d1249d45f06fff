package overload

import (
	"math"
	"math/rand/v2"
	"sync"
	"time"
)

// A window is the time in which requests are counted before the limit is judged by them.
type window struct {
	mu    sync.Mutex // guards the rest
	gates []*Gate
	limit float64
	began time.Time

	probeAt time.Time // zero: there is no need to
	phase   phase
}

// A phase is what a window is for. What requests usually take is learnt while there are few.
// When there are always many, the limit is halved from time to time, and what they take
// then is what they usually take. At a limit of about twice what there is capacity for,
// that leaves nothing idle.
type phase uint8

const (
	steady    phase = iota
	draining        // those that were let in before the limit was halved
	measuring       // those that were let in since
)

const (
	shortest   = 100 * time.Millisecond
	longest    = time.Second
	fewest     = 20              // requests, for a window to mean something
	slowFor    = time.Second     // at least, that requests take long is believed
	probeAfter = 2 * time.Second // of being slow
	probeEvery = 5 * time.Second
)

// A sum is what a window has counted.
type sum struct {
	took, usual, calls float64 // nanoseconds, and what the same calls usually take
	pressed            bool    // the limit was in sight
	turned             bool    // somebody was refused
}

func (s sum) mean() time.Duration { return time.Duration(s.took / max(1, s.calls)) }

// slowness is how many times as long as usual requests took.
func (s sum) slowness() float64 {
	if s.usual == 0 {
		return 1
	}
	return s.took / s.usual
}

// end ends the window, unless it has seen too little.
func (l *Limiter) end(now time.Time) {
	age := now.Sub(l.began)
	if l.calls.Load() < fewest && age < longest {
		l.due.Store(int64(now.Sub(l.made) + shortest/4))
		return
	}
	s := l.collect(age)
	next, holds := min(max(shortest, s.mean()), longest), true
	switch l.phase {
	case steady:
		holds = l.judge(s, now)
		if l.phase == draining {
			next = min(2*next, longest)
		}
	case draining:
		l.phase, next = measuring, min(2*next, longest)
		l.valid.Store(int64(now.Sub(l.made)))
	case measuring:
		pause := max(probeEvery, 20*s.mean())
		l.phase, l.probeAt = steady, now.Add(pause+rand.N(pause/4))
		l.valid.Store(int64(now.Add(next).Sub(l.made))) // the others find few before them
		next *= 2
	}
	if holds { // until other windows have had the time to say otherwise
		l.slow.Store(int64(now.Add(slowFor + 2*next).Sub(l.made)))
	}
	l.began = now
	l.due.Store(int64(now.Sub(l.made) + next))
	l.publish()
}

// collect empties the gates' counts, and learns from them.
func (l *Limiter) collect(age time.Duration) (s sum) {
	s.pressed = float64(l.peak.Swap(l.inFlight.Load())) >= l.limit/2
	s.turned = l.turned.Swap(false)
	l.calls.Store(0)
	for _, g := range l.gates {
		for r := range g.times {
			t := &g.times[r]
			calls, took := float64(t.calls.Swap(0)), float64(t.took.Swap(0))
			if calls == 0 {
				continue
			}
			usual := float64(t.usual.Load())
			if usual == 0 {
				usual = g.first(Run(r), took/calls)
			}
			s.took, s.calls, s.usual = s.took+took, s.calls+calls, s.usual+usual*calls
			t.usual.Store(int64(l.learn(usual, took/calls, calls, age, s.pressed)))
		}
		if l.phase == measuring { // while most do without, the others are not met
			whole := &g.times[Whole].usual
			whole.Store(max(whole.Load(), g.times[Spared].usual.Load()))
		}
	}
	return s
}

// first is what runs usually take, to begin with. Those that do without are only met when
// all take long, and take no longer than the others usually do.
func (g *Gate) first(r Run, took float64) float64 {
	if whole := float64(g.times[Whole].usual.Load()); r == Spared && whole > 0 {
		return min(took, whole)
	}
	return took
}

// learn is what a gate's requests usually take, after a window in which they took so long.
func (l *Limiter) learn(usual, took, calls float64, age time.Duration, pressed bool) float64 {
	part := min(1, calls/fewest)
	switch {
	case l.phase == draining:
		return usual
	case l.phase == measuring:
		return usual + min(1, calls/3)*(took-usual)
	case took < usual:
		return usual + part*0.1*(took-usual)
	case pressed:
		return usual // it is the crowd that makes them slow
	}
	return usual + part*min(1, age.Seconds()/10)*(took-usual)
}

// judge finds the limit for the next window, and reports whether that is to hold: requests
// took long, or would if nobody were refused.
func (l *Limiter) judge(s sum, now time.Time) (holds bool) {
	slowness, limit := s.slowness(), l.limit
	slow := slowness >= (1+l.Tolerance)/2
	switch {
	case slowness > l.Tolerance:
		limit = limit*max(0.5, l.Tolerance/slowness) + math.Sqrt(limit)/2
		if !s.pressed { // nobody knows whether fewer would help
			limit = min(l.limit, max(limit, float64(l.Initial)))
		}
	case !s.pressed:
		limit = max(limit, min(1.1*limit, float64(l.Initial)))
	case slow:
		limit += math.Sqrt(limit) / 2
	default:
		limit *= 1.25
	}
	l.limit = min(max(limit, float64(l.Min)), float64(l.Max))
	switch {
	case !slow || !s.pressed:
		if !l.slowly() {
			l.probeAt = time.Time{}
		}
	case l.probeAt.IsZero():
		l.probeAt = now.Add(probeAfter)
	case now.After(l.probeAt):
		l.phase = draining
	}
	return slow || s.turned && l.slowly()
}
