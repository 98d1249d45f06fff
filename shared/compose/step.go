package compose

import (
	"context"
	"reflect"
)

// An Op is an operation of a backend: what [Call], [Batch] and [Each] call. It must be
// safe for concurrent use.
type Op[A, B any] interface {
	Call(ctx context.Context, arg A) (B, error)
	// Backend names the service that the operation belongs to.
	Backend() string
}

// A Kind says what a step does.
type Kind string

// The kinds of step, by the functions that add them.
const (
	KindCall  Kind = "call"
	KindStep  Kind = "step"
	KindBatch Kind = "batch"
	KindEach  Kind = "each"

	kindInput Kind = "input"
	kindJoin  Kind = "join"
)

// Call adds a step that calls op with the value of in. If op also has a method
// Name() string, the plan says which operation of its backend it is.
//
// The name of a step is unique in its composition and written in lower case, because it
// goes into headers: a letter, then letters, digits, and any of "_.-".
func Call[A, B any](name string, in Node[A], op Op[A, B]) Node[B] {
	return call(name, KindCall, in, op, func(ctx context.Context, arg A) (B, error) {
		return op.Call(ctx, arg)
	})
}

// Step adds a step that calls f with the value of in: any other work that may be slow or
// may fail.
func Step[A, B any](name string, in Node[A], f func(context.Context, A) (B, error)) Node[B] {
	if f == nil {
		panic("compose: step " + name + ": the function is nil")
	}
	return step(&vertex{name: name, kind: KindStep}, in, f)
}

// call adds a step whose function f makes the calls of op.
func call[A, B any](
	name string, kind Kind, in Node[A], op interface{ Backend() string },
	f func(context.Context, A) (B, error),
) Node[B] {
	if missing(op) {
		panic("compose: step " + name + ": the op is nil")
	}
	v := &vertex{name: name, kind: kind, backend: op.Backend()}
	if named, ok := op.(interface{ Name() string }); ok {
		v.op = named.Name()
	}
	return step(v, in, f)
}

func step[A, B any](v *vertex, in Node[A], f func(context.Context, A) (B, error)) Node[B] {
	v.eval = func(ctx context.Context, r *run) error {
		value, err := f(ctx, get[A](r, in.v))
		if err != nil {
			return err
		}
		put(r, v, value)
		return nil
	}
	return addNode[B](v, in)
}

// missing reports whether op is nil or, as when a field of a struct of ops was
// forgotten, a nil pointer.
func missing(op any) bool {
	v := reflect.ValueOf(op)
	switch v.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Pointer, reflect.Func, reflect.Map, reflect.Slice, reflect.Chan:
		return v.IsNil()
	default:
		return false
	}
}
