package policy

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/observe"
)

// Retry repeats a call that failed in a way that the failure table lets repeat: always
// when nothing was sent, only if the operation is safe otherwise, and never when the body
// can be read only once. It waits in between, twice as long each time and with full
// jitter, or as long as the service asked for. It does not wait when no time would be left
// for another attempt: the caller learns of the last failure instead. A budget bounds what
// a failing service gets on top of its traffic. It stands outside the breaker and inside
// cache and collapse, so that one caller retries for all.
func Retry(c RetryConfig, metrics *observe.Metrics) backend.Policy {
	if c.Attempts <= 1 {
		return nil
	}
	return func(next backend.Sender) backend.Sender {
		r := &retry{RetryConfig: c, budget: c.budget(), metrics: metrics, jitter: upTo, next: next}
		return r.send
	}
}

// RetryConfig is the section "retry".
type RetryConfig struct {
	Attempts int           `yaml:"attempts" default:"2" validate:"min=1,max=10"` // in total
	Base     time.Duration `yaml:"base" default:"25ms" validate:"gt=0"`          // the pause before the second attempt, at most; then twice as long
	Max      time.Duration `yaml:"max" default:"250ms" validate:"gt=0"`          // the longest pause

	// The budget of the whole service: so many retries per call. At 0.1, it gets at most
	// 1.1 times its calls, even if all of them fail.
	BudgetRatio float64 `yaml:"budget_ratio" default:"0.1" validate:"min=0,max=1"`
	// MinPerSecond is how many there may be in a second whose calls bring fewer than that.
	// It is not on top of them: with the defaults it is for less than 30 calls per second.
	MinPerSecond float64 `yaml:"min_per_second" default:"3" validate:"min=0"`
}

// budget keeps what there must be at once for one retry, where the floor does not lend it.
func (c RetryConfig) budget() *budget {
	return newBudget(c.BudgetRatio, c.MinPerSecond, max(0, 1-c.MinPerSecond))
}

type retry struct {
	RetryConfig
	budget  *budget
	metrics *observe.Metrics
	jitter  func(time.Duration) time.Duration
	next    backend.Sender
}

func (r *retry) send(ctx context.Context, req *backend.Request) (*backend.Response, error) {
	r.budget.deposit(time.Now())
	for attempt := 1; ; attempt++ {
		res, err := r.next(ctx, req)
		if err == nil || attempt == r.Attempts {
			return res, err
		}
		f := fault.From(err)
		wait := r.backoff(attempt) + f.RetryAfter
		if !repeatable(req, f.Kind) || !r.fits(ctx, wait) || !r.budget.withdraw(time.Now()) {
			return nil, err
		}
		if !sleep(ctx, wait) {
			return nil, ended(ctx, req)
		}
		r.metrics.Retried(req.Service)
		observe.StepFrom(ctx).Retried()
	}
}

func repeatable(req *backend.Request, k fault.Kind) bool {
	switch k.Retry() {
	case fault.Always:
		return req.Upload == nil
	case fault.IfSafe:
		return req.Upload == nil && req.Safe
	}
	return false
}

// backoff is how long to wait after the attempt of that number, which starts at 1.
func (r *retry) backoff(attempt int) time.Duration {
	wait := r.Base
	for range attempt - 1 {
		wait = min(2*wait, r.Max)
	}
	return r.jitter(min(wait, r.Max))
}

func upTo(d time.Duration) time.Duration { return rand.N(d + 1) }

// shortest is what an attempt needs at least; the transport refuses less.
const shortest = time.Millisecond

// fits reports whether an attempt after wait has a chance. A caller without a deadline is
// not kept for as long as the service likes.
func (r *retry) fits(ctx context.Context, wait time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok {
		return time.Until(deadline)-wait >= shortest
	}
	return wait <= r.Max
}

func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
