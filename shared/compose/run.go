package compose

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"
)

// An Outcome is a response and what it lacks.
type Outcome[T any] struct {
	Value T
	// Degraded lists the failures that fallbacks absorbed, each once and where it
	// began, in order of declaration. Skips are not among them.
	Degraded []*StepError
}

// Run runs the composition for one request. It returns after every step that it started
// has returned. Its error is the failure that ended the run, a [*StepError]; or wraps
// [context.Canceled] when ctx was cancelled first.
func (g *Graph[In, Out]) Run(ctx context.Context, in In) (Outcome[Out], error) {
	var out Outcome[Out]
	r := g.plan.runs.Get().(*run)
	put(r, g.plan.in, in)
	err := r.execute(ctx, g.around)
	if err == nil {
		out = Outcome[Out]{Value: get[Out](r, g.plan.out), Degraded: r.degraded()}
	}
	r.recycle() // not deferred: were a step to end this goroutine, others might still run
	return out, err
}

func (r *run) execute(ctx context.Context, around Around) error {
	r.group, r.ctx = errgroup.WithContext(ctx)
	r.around = around
	if err := r.follow(r.plan.in); err != nil {
		r.group.Go(func() error { return err }) // cancels the others
	}
	err := r.group.Wait()
	switch {
	case err != nil:
		return err
	case errors.Is(ctx.Err(), context.Canceled):
		return fmt.Errorf("%s: %w", r.plan.name, context.Canceled)
	case !r.complete:
		return fmt.Errorf("%s: a step ended its goroutine (runtime.Goexit)", r.plan.name)
	}
	return nil
}

// start settles v and goes on from there.
func (r *run) start(v *vertex) error {
	if err := r.settle(v); err != nil {
		return err
	}
	return r.follow(v)
}

// follow goes on from v, which is settled. It keeps one of the steps that are ready for
// this goroutine, so that a chain stays in one, and gives every other its own. Like all
// that follows, it returns an error only if that ends the run.
func (r *run) follow(v *vertex) error {
	var buf [8]*vertex
	for {
		ready, err := r.release(v, buf[:0])
		if err != nil || len(ready) == 0 {
			return err
		}
		for _, other := range ready[1:] {
			r.group.Go(r.slots[other.id].start)
		}
		v = ready[0]
		if err := r.settle(v); err != nil {
			return err
		}
	}
}

// release tells what waits for v that it is settled. What then has all that it waits for
// is settled here and now if that takes no time; else it is appended to ready.
func (r *run) release(v *vertex, ready []*vertex) (_ []*vertex, err error) {
	if v == r.plan.out {
		r.complete = true
	}
	for _, f := range v.feeds {
		switch {
		case r.slots[f.id].waiting.Add(-1) > 0:
		case !r.instant(f):
			ready = append(ready, f)
		default:
			if err = r.settle(f); err != nil {
				return nil, err
			}
			if ready, err = r.release(f, ready); err != nil {
				return nil, err
			}
		}
	}
	return ready, nil
}

// instant reports whether settling v takes no time.
func (r *run) instant(v *vertex) bool {
	if r.blocked(v) != nil {
		return !v.patient
	}
	return v.pure()
}

// settle gives v a value or a failure.
func (r *run) settle(v *vertex) error {
	failure := r.blocked(v)
	if failure == nil {
		err := r.evaluate(v)
		if err == nil {
			return nil
		}
		failure = r.fail(v, err)
	}
	if errors.Is(r.ctx.Err(), context.Canceled) {
		return r.fail(v, context.Canceled) // nobody waits, so no fallback is asked
	}
	if v.rescue != nil {
		if failure = r.rescue(v, failure); failure == nil {
			return nil
		}
	}
	r.slots[v.id].failure = failure
	if v.ends {
		return failure
	}
	return nil
}

// blocked returns what keeps v from running: its condition first, and of what it needs a
// failure rather than a skip.
func (r *run) blocked(v *vertex) (failure *StepError) {
	if v.cond != nil {
		if failure = r.slots[v.cond.id].failure; failure != nil {
			return failure
		}
		if !get[bool](r, v.cond) {
			return skipped
		}
	}
	for _, n := range v.needs {
		if f := r.slots[n.id].failure; f != nil && (failure == nil || failure == skipped) {
			failure = f
		}
	}
	return failure
}

func (r *run) evaluate(v *vertex) (err error) {
	defer caught(&err)
	if v.pure() {
		return v.eval(r.ctx, r)
	}
	if err := r.ctx.Err(); err != nil {
		return err
	}
	ctx := r.ctx
	if v.within > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, v.within)
		defer cancel()
	}
	if r.around == nil {
		return v.eval(ctx, r)
	}
	return r.around(ctx, v.public, r.slots[v.id].eval)
}

// rescue lets the fallback of v absorb failure. It returns nil or what travels on.
func (r *run) rescue(v *vertex, failure *StepError) *StepError {
	err := func() (err error) {
		defer caught(&err)
		return v.rescue(r.ctx, r, failure.reason())
	}()
	switch {
	case err == nil:
		r.slots[v.id].rescued = failure != skipped
		return nil
	case err == error(failure): // passed on as it came
		return failure
	default:
		return r.fail(v, err)
	}
}
