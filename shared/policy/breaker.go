package policy

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/observe"
)

// Breaker stops calling a service that fails, and lets a few calls probe it from time to
// time until all of them succeed. Reads and writes have a breaker each, so that writes that
// fail do not keep reads from a service that answers them. Which failures count is said by
// the failure table. It stands inside retry, so that each attempt is counted, and outside
// limit and timeout. A streamed answer has succeeded when its headers are there.
//
// In known, which may be nil, operators find the service's breakers.
func Breaker(service string, c BreakerConfig, known *Breakers, metrics *observe.Metrics) backend.Policy {
	if c.MinRequests == 0 {
		return nil
	}
	return func(next backend.Sender) backend.Sender {
		reads := newBreaker(service, classRead, c, metrics, next)
		writes := newBreaker(service, classWrite, c, metrics, next)
		known.add(reads, writes)
		return func(ctx context.Context, req *backend.Request) (*backend.Response, error) {
			if req.Safe {
				return reads.send(ctx, req)
			}
			return writes.send(ctx, req)
		}
	}
}

// Classes of operations.
const (
	classRead  = "read"  // those that change nothing
	classWrite = "write" // all others
)

// BreakerConfig is the section "breaker".
type BreakerConfig struct {
	Window       time.Duration `yaml:"window" default:"10s" validate:"min=1s"`            // in which calls are counted
	MinRequests  uint32        `yaml:"min_requests" default:"20"`                         // in the window; 0 switches the breakers off
	FailureRatio float64       `yaml:"failure_ratio" default:"0.5" validate:"gt=0,max=1"` // of the calls in the window, from which on a breaker opens
	OpenFor      time.Duration `yaml:"open_for" default:"5s" validate:"gt=0"`             // before it is probed
	HalfOpen     uint32        `yaml:"half_open" default:"3" validate:"min=1"`            // probes that must succeed
	Slow         *SlowConfig   `yaml:"slow"`                                              // nil: however long a call takes
}

// The window moves on in steps of a tenth.
const buckets = 10

type breaker struct {
	service, class string
	config         BreakerConfig
	cb             *gobreaker.TwoStepCircuitBreaker[*backend.Response]
	openedAt       atomic.Pointer[time.Time]
	slow           *slowness // nil: not looked at
	metrics        *observe.Metrics
	next           backend.Sender

	state  atomic.Int32 // of cb, a gobreaker.State
	forced atomic.Int32 // a forced
	show   sync.Mutex   // what is shown last is what holds
}

func newBreaker(service, class string, c BreakerConfig, metrics *observe.Metrics, next backend.Sender) *breaker {
	b := &breaker{service: service, class: class, config: c, slow: newSlowness(c), metrics: metrics, next: next}
	b.cb = gobreaker.NewTwoStepCircuitBreaker[*backend.Response](gobreaker.Settings{
		MaxRequests:  c.HalfOpen,
		Interval:     c.Window,
		BucketPeriod: c.Window / buckets,
		Timeout:      c.OpenFor,
		ReadyToTrip: func(n gobreaker.Counts) bool {
			calls := n.TotalSuccesses + n.TotalFailures
			failing := calls >= c.MinRequests && float64(n.TotalFailures) >= c.FailureRatio*float64(calls)
			return failing || b.slow.tooMany()
		},
		IsSuccessful:  func(err error) bool { return err == nil || !fault.From(err).Kind.Counted() },
		IsExcluded:    func(err error) bool { return err != nil && saysNothing(fault.From(err).Kind) },
		OnStateChange: func(_ string, _, to gobreaker.State) { b.changed(to) },
	})
	b.publish()
	return b
}

// changed is called under the breaker's lock: asking the breaker anything here would hang.
func (b *breaker) changed(to gobreaker.State) {
	if to == gobreaker.StateOpen {
		b.openedAt.Store(new(time.Now()))
	}
	b.slow.forget()
	b.state.Store(int32(to))
	b.publish()
}

// saysNothing reports failures that tell nothing of the service: the call was not made,
// or the caller or the gateway itself spoilt it. They are neither success nor failure.
func saysNothing(k fault.Kind) bool {
	switch k {
	case fault.Gone, fault.Unavailable, fault.Invalid, fault.Shed, fault.Bug:
		return true
	}
	return false
}

var errPanicked error = &fault.Error{Kind: fault.Bug}

func (b *breaker) send(ctx context.Context, req *backend.Request) (*backend.Response, error) {
	force := forced(b.forced.Load())
	if force == forcedOpen {
		return nil, b.refuse(req, errForced)
	}
	done, refused := b.cb.Allow()
	switch {
	case refused == nil:
	case force == forcedClosed:
		return b.next(ctx, req)
	default:
		return nil, b.refuse(req, refused)
	}
	began, outcome := b.slow.begin(), errPanicked // unless next returns: a probe must not be lost
	defer func() { done(b.judge(outcome, began)) }()
	res, err := b.next(ctx, req)
	outcome = err
	return res, err
}

func (b *breaker) refuse(req *backend.Request, why error) *fault.Error {
	open := failed(req, fault.Unavailable, why)
	open.RetryAfter, open.Detail = b.retryAfter(why), "a service is recovering"
	return open
}

// retryAfter is what is left of the time that the breaker is open, in whole seconds.
func (b *breaker) retryAfter(refused error) time.Duration {
	opened := b.openedAt.Load()
	switch {
	case errors.Is(refused, errForced):
		return max(time.Second, b.config.OpenFor.Truncate(time.Second))
	case opened == nil || errors.Is(refused, gobreaker.ErrTooManyRequests):
		return time.Second
	}
	left := time.Until(opened.Add(b.config.OpenFor))
	return max(time.Second, (left + time.Second - 1).Truncate(time.Second))
}
