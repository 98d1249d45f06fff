package policy

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/observe"
)

// Breaker stops calling a service that fails, and lets a few calls probe it from time to
// time until all of them succeed. Which failures count is said by the failure table. It
// stands inside retry, so that each attempt is counted, and outside limit and timeout. A
// streamed answer has succeeded when its headers are there.
func Breaker(service string, c BreakerConfig, metrics *observe.Metrics) backend.Policy {
	if c.MinRequests == 0 {
		return nil
	}
	return func(next backend.Sender) backend.Sender { return newBreaker(service, c, metrics, next).send }
}

// BreakerConfig is the section "breaker".
type BreakerConfig struct {
	Window       time.Duration `yaml:"window" default:"10s" validate:"min=1s"`
	MinRequests  uint32        `yaml:"min_requests" default:"20"` // in the window; 0 switches the breaker off
	FailureRatio float64       `yaml:"failure_ratio" default:"0.5" validate:"gt=0,max=1"`
	OpenFor      time.Duration `yaml:"open_for" default:"5s" validate:"gt=0"`
	HalfOpen     uint32        `yaml:"half_open" default:"3" validate:"min=1"` // probes that must succeed
}

// The window moves on in steps of a tenth.
const buckets = 10

type breaker struct {
	cb       *gobreaker.TwoStepCircuitBreaker[*backend.Response]
	openFor  time.Duration
	openedAt atomic.Pointer[time.Time]
	next     backend.Sender
}

func newBreaker(service string, c BreakerConfig, metrics *observe.Metrics, next backend.Sender) *breaker {
	b := &breaker{openFor: c.OpenFor, next: next}
	b.cb = gobreaker.NewTwoStepCircuitBreaker[*backend.Response](gobreaker.Settings{
		MaxRequests:  c.HalfOpen,
		Interval:     c.Window,
		BucketPeriod: c.Window / buckets,
		Timeout:      c.OpenFor,
		ReadyToTrip: func(n gobreaker.Counts) bool {
			calls := n.TotalSuccesses + n.TotalFailures
			return calls >= c.MinRequests && float64(n.TotalFailures) >= c.FailureRatio*float64(calls)
		},
		IsSuccessful: func(err error) bool { return err == nil || !fault.From(err).Kind.Counted() },
		IsExcluded:   func(err error) bool { return err != nil && saysNothing(fault.From(err).Kind) },
		// Called under the breaker's lock: asking the breaker anything here would hang.
		OnStateChange: func(_ string, _, to gobreaker.State) {
			if to == gobreaker.StateOpen {
				b.openedAt.Store(new(time.Now()))
			}
			metrics.BreakerChanged(service, int(to))
		},
	})
	metrics.BreakerChanged(service, int(gobreaker.StateClosed))
	return b
}

// saysNothing reports failures that tell nothing of the service: the call was not made,
// or the caller or the gateway itself spoilt it. They are neither success nor failure.
func saysNothing(k fault.Kind) bool {
	switch k {
	case fault.Gone, fault.Unavailable, fault.Invalid, fault.Bug:
		return true
	}
	return false
}

var errPanicked error = &fault.Error{Kind: fault.Bug}

func (b *breaker) send(ctx context.Context, req *backend.Request) (*backend.Response, error) {
	done, refused := b.cb.Allow()
	if refused != nil {
		open := failed(req, fault.Unavailable, refused)
		open.RetryAfter, open.Detail = b.retryAfter(refused), "a service is recovering"
		return nil, open
	}
	outcome := errPanicked // unless next returns: a probe must not be lost
	defer func() { done(outcome) }()
	res, err := b.next(ctx, req)
	outcome = err
	return res, err
}

// retryAfter is what is left of the time that the breaker is open, in whole seconds.
func (b *breaker) retryAfter(refused error) time.Duration {
	opened := b.openedAt.Load()
	if opened == nil || errors.Is(refused, gobreaker.ErrTooManyRequests) {
		return time.Second
	}
	left := time.Until(opened.Add(b.openFor))
	return max(time.Second, (left + time.Second - 1).Truncate(time.Second))
}
