package compose

import (
	"context"
	"time"
)

// A Node stands, while a composition is declared, for a value of type T that will exist
// when a request runs. Its methods change the node and return it. The zero Node is of
// no use.
type Node[T any] struct {
	_ [0]*T // keeps nodes of different types from being converted into each other
	v *vertex
}

// Or makes value the value of n when n, or something that n needs, fails or is skipped.
// All runs share value: what reads it must not modify what it refers to.
func (n Node[T]) Or(value T) Node[T] {
	v := n.absorb("Or")
	v.rescue = func(_ context.Context, r *run, _ error) error {
		put(r, v, value)
		return nil
	}
	return n
}

// OrElse computes the value of n when n, or something that n needs, fails or is skipped.
// The error is a [*StepError] that names the node where the failure began, or
// [ErrSkipped]. When f returns that StepError, it travels on; any other error, or a
// panic, replaces it as a failure of n. The context is the run's: its deadline may
// have passed.
func (n Node[T]) OrElse(f func(ctx context.Context, err error) (T, error)) Node[T] {
	v := n.absorb("OrElse")
	if f == nil {
		v.def.mistake("OrElse of %s: the function is nil", v.name)
	}
	v.patient = true
	v.rescue = func(ctx context.Context, r *run, err error) error {
		value, err := f(ctx, err)
		if err != nil {
			return err
		}
		put(r, v, value)
		return nil
	}
	return n
}

// Within gives the step n at most d to run, from when it starts. Its context then ends
// with [context.DeadlineExceeded], and that of the run does not.
func (n Node[T]) Within(d time.Duration) Node[T] {
	v := n.change("Within")
	switch {
	case v.pure():
		v.def.mistake("Within of %s: a join takes no time; give the time to a step", v.name)
	case d <= 0:
		v.def.mistake("Within of %s: %v is not a positive duration", v.name, d)
	case v.within > 0:
		v.def.mistake("Within of %s is given twice", v.name)
	}
	v.within = d
	return n
}

// When skips n when cond, which must not need n, is false. When cond fails, so does n.
// Between n and the output there must be an Or, OrElse or Maybe on every way; n's own
// will do.
func (n Node[T]) When(cond Node[bool]) Node[T] {
	v := n.change("When")
	v.def.own("the condition of "+v.name, cond.v)
	switch {
	case v.cond != nil:
		v.def.mistake("When of %s is given twice; join the conditions", v.name)
	case cond.v.dependsOn(v, map[*vertex]bool{}):
		v.def.mistake("When of %s: the condition needs %[1]s itself", v.name)
	}
	v.cond = cond.v
	return n
}

func (n Node[T]) absorb(method string) *vertex {
	v := n.change(method)
	if v.rescue != nil {
		v.def.mistake("%s of %s: it has a fallback already", method, v.name)
	}
	return v
}

// change returns the vertex of n, for method to change it.
func (n Node[T]) change(method string) *vertex {
	if n.v == nil {
		panic("compose: " + method + " of a zero Node")
	}
	switch {
	case n.v.def.finished:
		n.v.def.mistake("%s of %s comes after Define has returned", method, n.v.name)
	case n.v.kind == kindInput:
		n.v.def.mistake("%s of the input: it is there from the start", method)
	}
	return n.v
}

func (n Node[T]) at() *vertex { return n.v }

// A place is a node of any type.
type place interface{ at() *vertex }
