// Package balance chooses among the instances of a service: which of them a call goes to,
// and which are left out for a while.
//
// A [Balancer] keeps what it knows of each instance: the calls under way, how long calls
// take, how many have failed in a row. A call begins with [Balancer.Begin], which picks an
// instance, and says how it went with [Call.End] and [Call.Leave].
//
// Of two instances, drawn by weight, the call goes to the one that it is likely to cost
// less: (calls under way + 1) x latency. One that fails is left out, as is one that is much
// slower than the others; but never more than half of all, and when too few are left, for
// whatever reason, all are used.
package balance

import (
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/facet-bff/facet/shared/discover"
	"github.com/facet-bff/facet/shared/observe"
)

// Config is the section "balance".
type Config struct {
	// Strategy is "least_loaded", or "round_robin", which looks at weights only.
	Strategy string        `yaml:"strategy" default:"least_loaded" validate:"oneof=least_loaded round_robin"`
	Eject    EjectConfig   `yaml:"eject"`
	Health   *HealthConfig `yaml:"health"` // nil asks no instance how it is
}

// EjectConfig is the section "eject": when an instance is left out, and for how long. It is
// longer each time, until the instance has been well for as long as it was left out.
type EjectConfig struct {
	Failures   int           `yaml:"failures" default:"5" validate:"min=0"`     // in a row; 0: none are too many
	SlowFactor float64       `yaml:"slow_factor" default:"5" validate:"min=0"`  // times the median latency; 0: never too slow
	Base       time.Duration `yaml:"base" default:"10s" validate:"gt=0"`        // the first time; then twice as long
	Max        time.Duration `yaml:"max" default:"5m" validate:"gtefield=Base"` // in the end
}

// Validate checks what the tags cannot.
func (c EjectConfig) Validate() error {
	if c.SlowFactor > 0 && c.SlowFactor < 1.5 {
		return errors.New("slow_factor must be 0, or at least 1.5: instances that are alike differ by less")
	}
	return nil
}

// A Balancer is the instances of one service. It is safe for concurrent use.
type Balancer struct {
	service string
	config  Config
	metrics *observe.Metrics
	random  func() uint64
	made    time.Time

	only string // of one instance that is all there will ever be
	view atomic.Pointer[view]
	turn atomic.Uint64
	fleet

	mu    sync.Mutex  // guards what follows, replacing view, and what Instance says
	all   []*Instance // by priority and URL
	gone  func(url string)
	began bool // the first list is there
}

// New returns the balancer of the instances of a service. Without any, those that
// [Balancer.Update] says are used.
func New(service string, c Config, metrics *observe.Metrics, fixed []discover.Instance) *Balancer {
	b := &Balancer{service: service, config: c, metrics: metrics, random: rand.Uint64, made: time.Now()}
	b.view.Store(new(view))
	if len(fixed) > 0 {
		b.Update(fixed)
	}
	if len(b.all) == 1 {
		b.only = b.all[0].url
	}
	return b
}

// Only is the URL of the service's one instance, if there will never be another: there is
// nothing to choose, and nothing is measured.
func (b *Balancer) Only() (url string, only bool) { return b.only, b.only != "" }

// Gone sets what is called with the URL of an instance that was taken off the list, then and
// when the last call to it has ended. It must be set before there are any calls.
func (b *Balancer) Gone(f func(url string)) { b.gone = f }

// now is the time since b was made, as an integer that atomics hold.
func (b *Balancer) now() int64 { return int64(time.Since(b.made)) }

// Begin picks an instance for a call, or returns false if there is none. It is none of those
// that the attempts of the same call, which share tried, were made at before, while there is
// another. A nil tried stands for a call of one attempt.
func (b *Balancer) Begin(tried *Tried) (Call, bool) {
	now := b.now()
	for {
		v := b.current(now)
		if len(v.drawn) == 0 {
			return Call{}, false
		}
		to := b.pick(v, now, tried)
		to.inFlight.Add(1)
		if !to.removed.Load() {
			return Call{to: to, began: now}, true
		}
		to.leave() // it was taken off the list, and there is another view
	}
}

func (b *Balancer) pick(v *view, now int64, tried *Tried) *Instance {
	if tried == nil {
		return b.choose(v, now, nil)
	}
	tried.mu.Lock()
	defer tried.mu.Unlock()
	to := b.choose(v, now, tried)
	tried.add(to)
	return to
}

func (b *Balancer) choose(v *view, now int64, tried *Tried) *Instance {
	switch {
	case len(v.drawn) == 1 && !tried.has(v.drawn[0].Instance):
		return v.drawn[0].Instance
	case len(v.drawn) == 1:
		return b.another(v, now, tried)
	case b.config.Strategy == "round_robin":
		return b.next(v, now, tried)
	}
	return b.cheaper(v, now, tried)
}

// cheaper picks one of two. The first is drawn by weight, so that instances which are alike
// get what their weights say. The other takes its place the more probably the less it costs,
// and not whenever it costs less: otherwise all calls would go to the same instance for as
// long as it seems a little faster.
func (b *Balancer) cheaper(v *view, now int64, tried *Tried) *Instance {
	i := v.draw(b.random())
	first, second := &v.drawn[i], &v.drawn[v.drawBut(i, b.random())]
	switch one, other := tried.has(first.Instance), tried.has(second.Instance); {
	case one && other:
		return b.another(v, now, tried)
	case one:
		return second.Instance
	case other:
		return first.Instance
	}
	x, y := b.costs(first, second, now)
	if y < x {
		ratio := y / x
		if part(b.random()) >= ratio*ratio {
			return second.Instance
		}
	}
	return first.Instance
}

// part is a random number as a part of one.
func part(random uint64) float64 { return float64(random>>11) / (1 << 53) }

// next picks in turn.
func (b *Balancer) next(v *view, now int64, tried *Tried) *Instance {
	for range v.turns {
		turn := (b.turn.Add(1) - 1) % uint64(len(v.turns))
		if to := v.drawn[v.turns[turn]].Instance; !tried.has(to) {
			return to
		}
	}
	return b.another(v, now, tried)
}

// another is the cheapest instance that was not tried; one that is left out, if there is no
// other; and any, if all were tried.
func (b *Balancer) another(v *view, now int64, tried *Tried) *Instance {
	var best *choice
	for i := range v.drawn {
		c := &v.drawn[i]
		if tried.has(c.Instance) {
			continue
		}
		if best == nil {
			best = c
		} else if x, y := b.costs(best, c, now); y < x {
			best = c
		}
	}
	if best != nil {
		return best.Instance
	}
	for _, i := range v.rest {
		if !tried.has(i) {
			return i
		}
	}
	return v.drawn[v.draw(b.random())].Instance
}
