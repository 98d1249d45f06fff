package compose

import (
	"context"
	"reflect"
	"regexp"
	"runtime"
	"strings"
)

// Map adds a pure function of one value.
func Map[A, T any](a Node[A], f func(A) T) Node[T] {
	return join(f, func(r *run) T { return f(get[A](r, a.v)) }, a)
}

// Join2 adds a pure function of two values.
func Join2[A, B, T any](a Node[A], b Node[B], f func(A, B) T) Node[T] {
	return join(f, func(r *run) T { return f(get[A](r, a.v), get[B](r, b.v)) }, a, b)
}

// Join3 adds a pure function of three values.
func Join3[A, B, C, T any](a Node[A], b Node[B], c Node[C], f func(A, B, C) T) Node[T] {
	return join(f, func(r *run) T {
		return f(get[A](r, a.v), get[B](r, b.v), get[C](r, c.v))
	}, a, b, c)
}

// Join4 adds a pure function of four values.
func Join4[A, B, C, D, T any](
	a Node[A], b Node[B], c Node[C], d Node[D], f func(A, B, C, D) T,
) Node[T] {
	return join(f, func(r *run) T {
		return f(get[A](r, a.v), get[B](r, b.v), get[C](r, c.v), get[D](r, d.v))
	}, a, b, c, d)
}

// Join5 adds a pure function of five values.
func Join5[A, B, C, D, E, T any](
	a Node[A], b Node[B], c Node[C], d Node[D], e Node[E], f func(A, B, C, D, E) T,
) Node[T] {
	return join(f, func(r *run) T {
		return f(get[A](r, a.v), get[B](r, b.v), get[C](r, c.v), get[D](r, d.v), get[E](r, e.v))
	}, a, b, c, d, e)
}

// Join6 adds a pure function of six values.
func Join6[A, B, C, D, E, F, T any](
	a Node[A], b Node[B], c Node[C], d Node[D], e Node[E], f Node[F], g func(A, B, C, D, E, F) T,
) Node[T] {
	return join(g, func(r *run) T {
		return g(get[A](r, a.v), get[B](r, b.v), get[C](r, c.v), get[D](r, d.v), get[E](r, e.v), get[F](r, f.v))
	}, a, b, c, d, e, f)
}

// A Result is the value of a node or the reason why there is none.
type Result[T any] struct {
	Value T
	// Err is nil, a [*StepError] that names the node where the failure began, or
	// [ErrSkipped].
	Err error
}

// OK reports whether there is a value.
func (r Result[T]) OK() bool { return r.Err == nil }

// Maybe turns the failure or the skip of n into a value, for a shape that tells "empty"
// from "unavailable".
func Maybe[T any](n Node[T]) Node[Result[T]] {
	m := Map(n, func(value T) Result[T] { return Result[T]{Value: value} })
	m.v.rescue = func(_ context.Context, r *run, err error) error {
		put(r, m.v, Result[T]{Err: err})
		return nil
	}
	return m
}

// join adds apply, which applies f to the values of needs.
func join[T any](f any, apply func(*run) T, needs ...place) Node[T] {
	if missing(f) {
		panic("compose: the function of a join is nil")
	}
	v := &vertex{name: funcName(f), kind: kindJoin}
	v.eval = func(_ context.Context, r *run) error {
		put(r, v, apply(r))
		return nil
	}
	return addNode[T](v, needs...)
}

// funcName labels a join by the function that it applies, as it would be labelled were
// it a step: the name of a join that panicked is in [Outcome.Degraded].
func funcName(f any) string {
	name := runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name()
	name = notInName.ReplaceAllString(name, "")
	return name[strings.LastIndexByte(name, '/')+1:]
}

// notInName matches type arguments, and what is left around a method's receiver.
var notInName = regexp.MustCompile(`\[.*\]|[^A-Za-z0-9_./-]`)
