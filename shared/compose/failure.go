package compose

import (
	"errors"
	"fmt"
	"runtime/debug"
)

// ErrSkipped is what [Node.OrElse] and [Maybe] get for a node that [Node.When] skipped.
var ErrSkipped = errors.New("skipped")

// A StepError is the failure of one step, or the panic of a join or a fallback. It is
// immutable.
type StepError struct {
	Graph string
	Step  string // of a join, the name of its function
	Err   error
}

func (e *StepError) Error() string { return e.Graph + ": " + e.Step + ": " + e.Err.Error() }

// Unwrap returns what the step failed with.
func (e *StepError) Unwrap() error { return e.Err }

// A PanicError is a panic that was caught, so that it ends a step and not the process.
type PanicError struct {
	Value any
	Stack []byte // of the goroutine that panicked
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// caught, deferred, makes a panic an error.
func caught(err *error) {
	if p := recover(); p != nil {
		*err = &PanicError{Value: p, Stack: debug.Stack()}
	}
}

// skipped travels in the place of a failure from a node whose condition is false.
var skipped = &StepError{Err: ErrSkipped}

// reason is what a fallback is told about why there is no value.
func (e *StepError) reason() error {
	if e == skipped {
		return ErrSkipped
	}
	return e
}
