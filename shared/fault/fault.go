// Package fault names the ways in which a request can fail, and says in one table
// what follows from each: the status the client sees, whether the call may be
// repeated, and whether it counts against the backend.
//
// Errors are values until the outermost frame. Whoever knows why something failed
// makes an [*Error] of the right [Kind]; everybody in between wraps it with %w; the
// gateway's error handler asks [From] and writes [Error.Problem].
package fault

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"
)

// An Error is a failure of a known kind. It is immutable once it has been returned.
type Error struct {
	Kind Kind

	// Status refines the kind's own status where the kind leaves a choice: 413 for
	// an Invalid request that is too large, 404 for what a backend Rejected. Zero
	// means the kind's own.
	Status int

	// Service and Op say which call failed; empty when none did.
	Service, Op string

	// Detail is written to the client. It must not carry a backend's own text.
	Detail string

	// Fields names what is wrong with the request, part by part.
	Fields []Field

	// RetryAfter is how long the client should wait; zero leaves it out.
	RetryAfter time.Duration

	// Challenge is the WWW-Authenticate header (RFC 9110, 11.6.1): of a 401, and of a
	// 403 that says which scope is lacking (RFC 6750, 3.1).
	Challenge string

	// Allow lists the methods of a 405, comma-separated (RFC 9110, 15.5.6).
	Allow string

	// Err is the cause. It goes to the log and never to the client.
	Err error
}

// A Field is one part of a request that is wrong.
type Field struct {
	// In is "body", "query", "path" or "header".
	In string `json:"in"`
	// Pointer is a JSON pointer (RFC 6901) into the body; empty elsewhere.
	Pointer string `json:"pointer,omitempty"`
	// Name is the parameter or header; empty for the body.
	Name string `json:"name,omitempty"`
	// Detail says what is expected. It never repeats the value that was sent.
	Detail string `json:"detail"`
}

// Error describes the failure for a log.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Service != "" {
		b.WriteString(e.Service)
		if e.Op != "" {
			b.WriteString("." + e.Op)
		}
		b.WriteString(": ")
	}
	b.WriteString(e.Kind.String())
	if e.Status != 0 {
		b.WriteString(" " + strconv.Itoa(e.Status))
	}
	switch {
	case e.Err != nil:
		b.WriteString(": " + e.Err.Error())
	case e.Detail != "":
		b.WriteString(": " + e.Detail)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// HTTPStatus is the status the client sees.
func (e *Error) HTTPStatus() int {
	if e.Status != 0 {
		return e.Status
	}
	return table[e.Kind].status
}

// From returns the Error in err's chain, and makes one of an error of no known kind:
// a deadline is TooSlow, a cancellation is Gone, anything else is a Bug. It returns
// nil for nil.
func From(err error) *Error {
	switch e, ok := errors.AsType[*Error](err); {
	case err == nil:
		return nil
	case ok:
		return e
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{Kind: TooSlow, Err: err}
	case errors.Is(err, context.Canceled):
		return &Error{Kind: Gone, Err: err}
	default:
		return &Error{Kind: Bug, Err: err}
	}
}
