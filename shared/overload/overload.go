// Package overload keeps a gateway from taking on more work than it can do in time.
//
// A [Limiter] lets in only so many requests at a time. How many that are, it finds out by
// what they take: when they take longer than usual, there are too many. What is beyond the
// limit is refused at once, and the least important first; before that, requests are asked
// to do without what they can do without.
package overload

import (
	"errors"
	"math"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/facet-bff/facet/shared/fault"
)

// Config is the section "overload".
type Config struct {
	Min     int `yaml:"min" default:"16" validate:"min=2"` // requests at a time; the limit is never less
	Max     int `yaml:"max" default:"1000"`                // nor more
	Initial int `yaml:"initial" default:"100"`             // to begin with, and while there is little to do

	// Tolerance is how many times as long as usual requests may take before there are too
	// many of them.
	Tolerance float64 `yaml:"tolerance" default:"1.5" validate:"min=1.1,max=1.9"`
}

// Validate checks what the tags cannot.
func (c Config) Validate() error {
	if c.Min > c.Initial || c.Initial > c.Max {
		return errors.New("min must not be above initial, nor initial above max")
	}
	return nil
}

// A Watcher is told what a Limiter does. It must be quick.
type Watcher interface {
	Refused(priority string)
	LimitChanged(limit int)
}

// A Limiter limits the requests of one gateway. A nil one limits nothing. It is safe for
// concurrent use.
type Limiter struct {
	Config
	watch Watcher
	made  time.Time

	inFlight atomic.Int64
	peak     atomic.Int64             // of inFlight in this window
	most     [priorities]atomic.Int64 // in flight with which a request of a priority is let in
	spare    atomic.Int64             // in flight from which requests do without
	calls    atomic.Int64             // that count in this window
	due      atomic.Int64             // when the window ends, in nanoseconds since made
	valid    atomic.Int64             // what began before does not count, in the same

	window
}

// New returns the Limiter of a configuration, or nil if there is none.
func New(c *Config, watch Watcher) *Limiter {
	if c == nil {
		return nil
	}
	l := &Limiter{Config: *c, watch: watch, made: time.Now()}
	l.limit, l.began = float64(c.Initial), l.made
	l.due.Store(int64(shortest))
	l.publish(l.made)
	return l
}

// A Gate is where the requests of one endpoint or route come in. What they usually take is
// known for each, so that it does not matter which of them are asked for more often.
type Gate struct {
	limiter  *Limiter
	priority Priority

	usual atomic.Int64 // nanoseconds; 0: not known
	took  atomic.Int64 // in this window, together
	calls atomic.Int64
}

// NewGate adds a gate for requests of a priority. A nil Limiter has nil gates, which let
// everybody in. All gates are there before the first request is.
func (l *Limiter) NewGate(p Priority) *Gate {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	g := &Gate{limiter: l, priority: p}
	l.gates = append(l.gates, g)
	return g
}

// A Place is held by a request that was let in, until it is left.
type Place struct {
	gate  *Gate
	began time.Time
}

// Enter lets a request in, or refuses it: the error is a [*fault.Error] then.
func (g *Gate) Enter(r *http.Request) (Place, error) {
	if g == nil {
		return Place{}, nil
	}
	l, p := g.limiter, g.priority.of(r)
	n := l.inFlight.Add(1)
	if n > l.most[p].Load() {
		l.inFlight.Add(-1)
		l.watch.Refused(p.String())
		return Place{}, &fault.Error{
			Kind: fault.Shed, RetryAfter: retryAfter(), Detail: "Retry-After says when to ask again.",
		}
	}
	for peak := l.peak.Load(); n > peak && !l.peak.CompareAndSwap(peak, n); {
		peak = l.peak.Load()
	}
	return Place{g, time.Now()}, nil
}

// retryAfter is not the same for all, who would come back together.
func retryAfter() time.Duration { return time.Duration(1+rand.IntN(3)) * time.Second }

// Leave gives the place back. The time that it was held counts if it is typical of the
// gate: not when the request failed early, or did without something.
func (p Place) Leave(typical bool) {
	g := p.gate
	if g == nil {
		return
	}
	l, now := g.limiter, time.Now()
	l.inFlight.Add(-1)
	if typical && int64(p.began.Sub(l.made)) >= l.valid.Load() {
		took := int64(now.Sub(p.began))
		if usual := g.usual.Load(); usual > 0 {
			took = min(took, outlier*usual)
		}
		g.took.Add(took)
		g.calls.Add(1)
		l.calls.Add(1)
	}
	if int64(now.Sub(l.made)) >= l.due.Load() && l.mu.TryLock() {
		l.end(now)
		l.mu.Unlock()
	}
}

// outlier times its usual time is the most that one request counts for.
const outlier = 4

// Spare reports whether requests should do without what they can do without.
func (l *Limiter) Spare() bool { return l != nil && l.inFlight.Load() >= l.spare.Load() }

// Parts of the limit that each may fill.
const (
	forReads      = 0.9 // the rest is for writes, which may exceed it by its root
	forBackground = 0.5 // while requests take long
	forAll        = 0.4 // beyond it, while requests take long, they do without
)

// publish makes the limit hold.
func (l *Limiter) publish(now time.Time) {
	limit := l.limit
	if l.phase != steady {
		limit = max(limit/2, 2)
	}
	part := func(p float64) int64 { return max(1, int64(p*limit)) }
	background, spare := part(forReads), int64(math.MaxInt64)
	if now.Before(l.slowUntil) {
		background, spare = part(forBackground), part(forAll)
	}
	l.most[Critical].Store(math.MaxInt64)
	l.most[Write].Store(int64(limit + math.Sqrt(limit)))
	l.most[Read].Store(part(forReads))
	l.most[Background].Store(background)
	l.spare.Store(spare)
	l.watch.LimitChanged(int(limit))
}
