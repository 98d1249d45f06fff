package backend

import (
	"context"
	"time"
)

// WithDeadline returns ctx with an earlier deadline, for a [Sender]. It costs no timer: the
// new context is done when ctx is, and it is the Sender that keeps to the deadline.
func WithDeadline(ctx context.Context, at time.Time) context.Context { return deadline{ctx, at} }

type deadline struct {
	context.Context
	at time.Time
}

func (d deadline) Deadline() (time.Time, bool) {
	if at, ok := d.Context.Deadline(); ok && at.Before(d.at) {
		return at, true
	}
	return d.at, true
}
