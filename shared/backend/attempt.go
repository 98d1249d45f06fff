package backend

import (
	"context"
	"io"
	"time"
)

// An attempt is a context that ends with its parent, and at its parent's deadline, which may
// come earlier (see [Sender]). The deadline can be lifted, for a stream that has begun.
type attempt struct {
	context.Context
	end   context.CancelCauseFunc
	timer *time.Timer // nil: no deadline
}

func newAttempt(ctx context.Context) attempt {
	var a attempt
	a.Context, a.end = context.WithCancelCause(ctx)
	if deadline, ok := ctx.Deadline(); ok {
		end := a.end
		a.timer = time.AfterFunc(time.Until(deadline), func() { end(context.DeadlineExceeded) })
	}
	return a
}

// lift reports whether the deadline was still to come.
func (a attempt) lift() bool { return a.timer == nil || a.timer.Stop() }

// over ends it, and frees what it holds.
func (a attempt) over() {
	a.lift()
	a.end(nil)
}

// A download is a streamed body that ends its attempt.
type download struct {
	io.ReadCloser
	until attempt
}

func (d download) Close() error {
	defer d.until.over()
	return d.ReadCloser.Close()
}
