package policy

import (
	"errors"
	"sync"
	"time"

	"github.com/facet-bff/facet/shared/fault"
)

// SlowConfig is the section "breaker.slow": when slowness alone opens a breaker.
type SlowConfig struct {
	After time.Duration `yaml:"after" validate:"gt=0"`                     // what takes longer is slow
	Ratio float64       `yaml:"ratio" default:"0.8" validate:"gt=0,max=1"` // of the calls in the window, from which on a breaker opens
}

// slowness is how many of the calls in the last window were slow. A nil one is never. It
// is safe for concurrent use.
type slowness struct {
	SlowConfig
	step time.Duration // that the window moves on in
	min  uint32        // calls, for the ratio to mean something

	mu    sync.Mutex
	began time.Time // of the newest bucket
	ring  [buckets]struct{ calls, slow uint32 }
	at    int // the newest bucket
}

func newSlowness(c BreakerConfig) *slowness {
	if c.Slow == nil {
		return nil
	}
	return &slowness{SlowConfig: *c.Slow, step: c.Window / buckets, min: c.MinRequests, began: time.Now()}
}

// begin is when a call begins; looking at the clock is left out when nobody asks.
func (s *slowness) begin() (now time.Time) {
	if s != nil {
		now = time.Now()
	}
	return now
}

// note counts a call.
func (s *slowness) note(slow bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.move(time.Now())
	s.ring[s.at].calls++
	if slow {
		s.ring[s.at].slow++
	}
}

// move empties the buckets whose time has passed.
func (s *slowness) move(now time.Time) {
	steps := int(now.Sub(s.began) / s.step)
	s.began = s.began.Add(time.Duration(steps) * s.step)
	for range min(steps, buckets) {
		s.at = (s.at + 1) % buckets
		s.ring[s.at].calls, s.ring[s.at].slow = 0, 0
	}
}

// tooMany reports that the ratio is reached.
func (s *slowness) tooMany() bool {
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var calls, slow uint32
	for _, b := range s.ring {
		calls, slow = calls+b.calls, slow+b.slow
	}
	return calls >= s.min && float64(slow) >= s.Ratio*float64(calls)
}

// forget begins a new window.
func (s *slowness) forget() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.began, s.ring = time.Now(), [buckets]struct{ calls, slow uint32 }{}
}

var errSlow = &fault.Error{Kind: fault.TooSlow, Err: errors.New("the service answers, but slowly")}

// judge is what the breaker is told of a call. An answer that came slowly is a failure when
// too many do, and when it was to prove that the service is well again.
func (b *breaker) judge(outcome error, began time.Time) error {
	kind := fault.Bug
	if outcome != nil {
		kind = fault.From(outcome).Kind
	}
	if b.slow == nil || outcome != nil && saysNothing(kind) {
		return outcome
	}
	slow := time.Since(began) > b.slow.After
	b.slow.note(slow)
	if slow && !kind.Counted() && (b.probing() || b.slow.tooMany()) {
		return errSlow
	}
	return outcome
}
