package policy

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/observe"
)

// Hedge makes a second attempt at a call that has taken longer than a percentile of its
// operation's calls take, and returns the first answer that comes; the other attempt is
// ended, and the call returns when it has. So a call meets the service's slowest answers
// only if both attempts do. It hedges complete answers of safe operations only.
//
// An attempt has answered also when the service rejected it. After any other failure the
// other attempt is waited for, and if that fails too, the first one's failure is the
// call's: it is what the call would have met with alone. A first attempt that fails before
// it is late is not hedged; that is what retry is for.
//
// A budget bounds what the service gets on top of its traffic when all of it is slow. Hedge
// stands inside timeout, so that both attempts have one attempt's time, one place in limit,
// and one outcome for breaker and measure; and outside balance, so that the second takes
// another instance.
func Hedge(c HedgeConfig, metrics *observe.Metrics) backend.Policy {
	return func(next backend.Sender) backend.Sender { return newHedge(c, metrics, next).send }
}

// HedgeConfig is the section "hedge".
type HedgeConfig struct {
	// Percentile is of the operation's calls in the last seconds. There have to be a few
	// beyond it: for 0.95 about a dozen calls per second are enough.
	Percentile float64       `yaml:"percentile" default:"0.95" validate:"min=0.5,max=0.999"`
	MinDelay   time.Duration `yaml:"min_delay" default:"1ms" validate:"gt=0"` // no second attempt before

	// BudgetRatio is how many second attempts the whole service gets per call.
	BudgetRatio float64 `yaml:"budget_ratio" default:"0.05" validate:"gt=0,max=1"`
}

// mostHedges are what the budget always keeps: enough for late calls that come together.
const mostHedges = 10

type hedge struct {
	HedgeConfig
	usual   latencies
	budget  *budget
	metrics *observe.Metrics
	next    backend.Sender
}

func newHedge(c HedgeConfig, metrics *observe.Metrics, next backend.Sender) *hedge {
	h := &hedge{HedgeConfig: c, budget: newBudget(c.BudgetRatio, 0, mostHedges), metrics: metrics, next: next}
	h.usual.percentile = c.Percentile
	return h
}

func (h *hedge) send(ctx context.Context, req *backend.Request) (*backend.Response, error) {
	if !plain(req) {
		return h.next(ctx, req)
	}
	calls, began := h.usual.of(req.Op), time.Now()
	h.budget.deposit(began)
	usual := calls.at(began)
	took := func(err error) {
		// A first attempt that was ended counts with its time until then: that is beyond
		// the percentile already, and how far does not matter. What failed sooner does not
		// say how long an answer would have taken. Second attempts do not count.
		if d := time.Since(began); answered(err) || usual > 0 && d >= usual {
			calls.add(d)
		}
	}
	if usual == 0 {
		res, err := h.next(ctx, req)
		took(err)
		return res, err
	}
	return h.race(ctx, req).run(max(usual, h.MinDelay), took)
}

// answered reports whether the service has answered, if only with a no that asking again
// would not change.
func answered(err error) bool {
	if err == nil {
		return true
	}
	kind := fault.From(err).Kind
	return kind.Retry() == fault.Never && !saysNothing(kind)
}

// A race is a call that may have two attempts.
type race struct {
	*hedge
	ctx context.Context // of both attempts
	end context.CancelFunc
	req backend.Request // of both; its Checker is the race

	checking sync.Mutex // guards accepted, and is held during a check
	checker  checker
	accepted bool

	late   sync.WaitGroup // the second attempt, until it ends or will not begin
	hedged bool           // written by the second attempt, as are the next two
	res    *backend.Response
	err    error
}

func (h *hedge) race(ctx context.Context, req *backend.Request) *race {
	r := &race{hedge: h, req: *req, checker: req.Checker}
	r.req.Prompt = true // the call returns when both attempts have ended
	if r.checker != nil {
		r.req.Checker = r
	}
	r.ctx, r.end = context.WithCancel(ctx)
	return r
}

// run makes the first attempt on the caller's goroutine; took is told how that ended.
func (r *race) run(delay time.Duration, took func(error)) (*backend.Response, error) {
	r.late.Add(1)
	timer := time.AfterFunc(delay, r.again)
	wait := func() {
		if timer.Stop() {
			r.late.Done()
		}
		r.late.Wait()
	}
	defer func() { r.end(); wait() }() // also when a panic passes
	res, err := r.next(r.ctx, &r.req)
	took(err)
	if answered(err) {
		r.end()
	}
	wait()
	switch {
	case !r.hedged:
		return res, err
	case !answered(err) && answered(r.err):
		r.metrics.Hedged(r.req.Service, "won")
		return r.res, r.err
	}
	r.metrics.Hedged(r.req.Service, "lost")
	return res, err
}

// again makes the second attempt, if it may.
func (r *race) again() {
	defer r.late.Done()
	if r.ctx.Err() != nil || !r.fits() || !r.budget.withdraw(time.Now()) {
		return
	}
	r.hedged = true
	observe.StepFrom(r.ctx).Hedged()
	r.err = failed(&r.req, fault.Bug, errors.New("the attempt ended without an answer")) // runtime.Goexit
	defer func() {
		if p := recover(); p != nil {
			r.err = failed(&r.req, fault.Bug, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	if r.res, r.err = r.next(r.ctx, &r.req); answered(r.err) {
		r.end()
	}
}

func (r *race) fits() bool {
	deadline, ok := r.ctx.Deadline()
	return !ok || time.Until(deadline) >= shortest
}

var errLost = errors.New("the other attempt's answer was accepted")

// Check lets the request's maker look at one answer at a time, and at none after the one
// that it accepted.
func (r *race) Check(res *backend.Response) error {
	r.checking.Lock()
	defer r.checking.Unlock()
	if r.accepted {
		return errLost
	}
	err := r.checker.Check(res)
	r.accepted = err == nil
	return err
}
