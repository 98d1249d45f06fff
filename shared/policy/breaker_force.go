package policy

import (
	"cmp"
	"errors"
	"slices"
	"sync"

	"github.com/sony/gobreaker/v2"

	"github.com/facet-bff/facet/shared/fault"
)

// Breakers are the breakers of all services, for operators to see and to force. The zero
// value has none and is ready to use. They are safe for concurrent use.
type Breakers struct {
	mu  sync.Mutex
	all []*breaker
}

// A BreakerState is what there is to tell of one breaker.
type BreakerState struct {
	Service string `json:"-"`
	Class   string `json:"class"` // of its operations: "read" or "write"
	State   string `json:"state"` // "closed", "half-open" or "open"
	Forced  bool   `json:"forced"`

	// The calls in the window that tell something of the service.
	Calls    uint32 `json:"calls"`
	Failures uint32 `json:"failures"`
}

func (bs *Breakers) add(more ...*breaker) {
	if bs == nil {
		return
	}
	bs.mu.Lock()
	defer bs.mu.Unlock()
	bs.all = append(bs.all, more...)
	slices.SortStableFunc(bs.all, func(a, b *breaker) int { return cmp.Compare(a.service, b.service) })
}

// States lists the breakers, by service.
func (bs *Breakers) States() []BreakerState {
	bs.mu.Lock()
	defer bs.mu.Unlock()
	states := make([]BreakerState, len(bs.all))
	for i, b := range bs.all {
		states[i] = b.look()
	}
	return states
}

// Force sets a service's breaker of a class, or both if class is empty, to "open" or
// "closed" whatever the service does, or with "auto" back to what the service deserves. It
// lasts as long as the generation. Its error is a [*fault.Error] whose Detail says what is
// wrong: NoRoute if there is no such breaker, or Invalid.
func (bs *Breakers) Force(service, class, state string) error {
	force, ok := forces[state]
	if !ok {
		return &fault.Error{Kind: fault.Invalid, Detail: `state must be "open", "closed" or "auto"`}
	}
	if class != "" && class != classRead && class != classWrite {
		return &fault.Error{Kind: fault.Invalid, Detail: `class must be "read" or "write"; without it, both are meant`}
	}
	bs.mu.Lock()
	defer bs.mu.Unlock()
	found := false
	for _, b := range bs.all {
		if b.service == service && (class == "" || b.class == class) {
			b.force(force)
			found = true
		}
	}
	if !found {
		return &fault.Error{Kind: fault.NoRoute, Detail: "there is no such service, or its breaker is off (min_requests: 0)"}
	}
	return nil
}

// A forced says what an operator has made of a breaker.
type forced int32

const (
	forcedNot forced = iota
	forcedClosed
	forcedOpen
)

var forces = map[string]forced{"auto": forcedNot, "closed": forcedClosed, "open": forcedOpen}

var errForced = errors.New("an operator has opened the breaker")

func (b *breaker) force(f forced) {
	b.forced.Store(int32(f))
	b.publish()
}

// publish shows the state in the metrics.
func (b *breaker) publish() {
	b.show.Lock()
	defer b.show.Unlock()
	f := forced(b.forced.Load())
	b.metrics.BreakerChanged(b.service, b.class, int(f.over(gobreaker.State(b.state.Load()))), f != forcedNot)
}

// over is the state that holds.
func (f forced) over(s gobreaker.State) gobreaker.State {
	switch f {
	case forcedClosed:
		return gobreaker.StateClosed
	case forcedOpen:
		return gobreaker.StateOpen
	}
	return s
}

// probing reports that the calls under way are probes.
func (b *breaker) probing() bool { return gobreaker.State(b.state.Load()) == gobreaker.StateHalfOpen }

func (b *breaker) look() BreakerState {
	state, n := b.cb.State(), b.cb.Counts() // in this order: asking for the state moves it on
	f := forced(b.forced.Load())
	return BreakerState{
		Service: b.service, Class: b.class, State: f.over(state).String(), Forced: f != forcedNot,
		Calls: n.TotalSuccesses + n.TotalFailures, Failures: n.TotalFailures,
	}
}
