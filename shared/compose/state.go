package compose

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// A run is one execution of a plan. Runs are pooled with their plan; between two
// executions they hold nothing of a request.
type run struct {
	plan     *plan
	slots    []slot // by vertex.id
	ctx      context.Context
	group    *errgroup.Group
	around   Around
	complete bool // the output is settled
}

// A slot is what a run knows of one vertex. Whoever settles the vertex writes it. Those
// that wait for the vertex read it afterwards, which the counter waiting sees to.
type slot struct {
	waiting atomic.Int32 // how many of what it waits for are not settled
	cell    cell         // its value
	fate

	// Functions that do not change from run to run, kept so as not to be made in each.
	start func() error
	eval  func(context.Context) error
}

// A fate is how a vertex came to its value, or to none.
type fate struct {
	failure *StepError // why there is no value, if nothing absorbed that
	own     *StepError // the failure that began here, absorbed or not
	rescued bool       // its fallback absorbed a failure
	traced  bool       // see trace
}

// A cell holds a value of the type that its vertex makes.
type cell interface{ clear() }

type box[T any] struct{ value T }

func (b *box[T]) clear() { *b = box[T]{} }

func get[T any](r *run, v *vertex) T        { return r.slots[v.id].cell.(*box[T]).value }
func put[T any](r *run, v *vertex, value T) { r.slots[v.id].cell.(*box[T]).value = value }

func newRun(p *plan) *run {
	r := &run{plan: p, slots: make([]slot, len(p.vertices))}
	for i, v := range p.vertices {
		s := &r.slots[i]
		s.cell = v.newCell()
		s.waiting.Store(v.waitCount)
		s.start = func() error { makeRoom(0); return r.start(v) }
		s.eval = func(ctx context.Context) error { return v.eval(ctx, r) }
	}
	return r
}

// makeRoom grows the stack of a new goroutine, while there is nothing on it that would have to
// be copied, to the size that a call needs: its frame is that large. Not using the frame saves
// clearing it.
//
//go:noinline
func makeRoom(i int) byte {
	if i == 0 {
		return 0
	}
	var room [8 << 10]byte
	return room[i]
}

// recycle makes r ready for another execution.
func (r *run) recycle() {
	for i, v := range r.plan.vertices {
		s := &r.slots[i]
		s.cell.clear()
		s.waiting.Store(v.waitCount)
		s.fate = fate{}
	}
	r.ctx, r.group, r.around, r.complete = nil, nil, nil, false
	r.plan.runs.Put(r)
}

// fail records that a failure began at v.
func (r *run) fail(v *vertex, err error) *StepError {
	failure := &StepError{Graph: r.plan.name, Step: v.name, Err: err}
	r.slots[v.id].own = failure
	return failure
}

// degraded lists the failures that fallbacks absorbed.
func (r *run) degraded() (failures []*StepError) {
	for _, v := range r.plan.vertices {
		if r.slots[v.id].rescued {
			r.trace(v)
		}
	}
	for i := range r.slots {
		if s := &r.slots[i]; s.traced && s.own != nil {
			failures = append(failures, s.own)
		}
	}
	return failures
}

// trace goes from v, which had no value of its own, back to where that began.
func (r *run) trace(v *vertex) {
	s := &r.slots[v.id]
	if s.traced {
		return
	}
	s.traced = true
	if s.own != nil {
		return
	}
	for _, w := range v.waits() {
		if f := r.slots[w.id].failure; f != nil && f != skipped {
			r.trace(w)
		}
	}
}
