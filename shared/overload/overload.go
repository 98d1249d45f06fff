// Package overload keeps a gateway from taking on more work than it can do in time.
//
// While requests take longer than usual, a [Limiter] lets in only so many at a time. How many
// that are, it finds out by what they take. What is beyond the limit is refused at once, and
// the least important first; before that, requests are asked to do without what they can do
// without. While they do not take longer than usual, a crowd is welcome.
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
	Max     int `yaml:"max" default:"1000"`                // nor more; and it holds in any case
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
	turned   atomic.Bool              // somebody away, in this window
	calls    atomic.Int64             // that count in this window
	most     [priorities]atomic.Int64 // in flight with which a request of a priority is let in
	spare    atomic.Int64             // in flight from which requests do without
	ceiling  [priorities]int64        // most, while requests do not take long

	// Times, in nanoseconds since made.
	due   atomic.Int64 // when the window ends
	valid atomic.Int64 // what began before does not count
	slow  atomic.Int64 // requests take long until then

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
	l.ceiling = parts(float64(c.Max))
	l.ceiling[Background] = l.ceiling[Read]
	l.publish()
	return l
}

// A Gate is where the requests of one endpoint or route come in. What they usually take is
// known for each, so that it does not matter which of them are asked for more often.
type Gate struct {
	limiter  *Limiter
	priority Priority
	times    [runs]times
}

// times are what the runs of one kind take, in nanoseconds.
type times struct {
	usual atomic.Int64 // 0: not known
	took  atomic.Int64 // in this window, together
	calls atomic.Int64
}

// A Run says what the time tells that a place was held.
type Run uint8

const (
	Untold Run = iota // nothing: the request failed early
	Whole             // what requests take
	Spared            // what requests take that do without what they can do without

	runs
)

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
	if n > l.most[p].Load() && (l.slowly() || n > l.ceiling[p]) {
		l.inFlight.Add(-1)
		l.turned.Store(true)
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

// Leave gives the place back. The time that it was held counts by the kind of the run.
func (p Place) Leave(r Run) {
	g := p.gate
	if g == nil {
		return
	}
	l, now := g.limiter, time.Now()
	l.inFlight.Add(-1)
	if r != Untold && int64(p.began.Sub(l.made)) >= l.valid.Load() {
		took, t := int64(now.Sub(p.began)), &g.times[r]
		if usual := t.usual.Load(); usual > 0 {
			took = min(took, outlier*usual)
		}
		t.took.Add(took)
		t.calls.Add(1)
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
func (l *Limiter) Spare() bool {
	return l != nil && l.inFlight.Load() >= l.spare.Load() && l.slowly()
}

// slowly reports that requests take long.
func (l *Limiter) slowly() bool { return l.now() < l.slow.Load() }

func (l *Limiter) now() int64 { return int64(time.Since(l.made)) }

// Parts of the limit that each may fill, while requests take long.
const (
	forReads      = 0.9 // the rest is for writes, which may exceed it by its root
	forBackground = 0.5
	forAll        = 0.4 // beyond it, they do without
)

// parts are what requests of each priority may fill of a limit.
func parts(limit float64) (most [priorities]int64) {
	most[Critical] = math.MaxInt64
	most[Write] = int64(limit + math.Sqrt(limit))
	most[Read] = max(1, int64(forReads*limit))
	most[Background] = max(1, int64(forBackground*limit))
	return most
}

// publish makes the limit hold.
func (l *Limiter) publish() {
	limit := l.limit
	if l.phase != steady {
		limit = max(limit/2, 2)
	}
	for p, most := range parts(limit) {
		l.most[p].Store(most)
	}
	l.spare.Store(max(1, int64(forAll*limit)))
	l.watch.LimitChanged(int(limit))
}
