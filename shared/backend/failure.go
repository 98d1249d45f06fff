package backend

import (
	"context"
	"errors"
	"io"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"github.com/facet-bff/facet/shared/fault"
)

// An exchange is one request on its way. It notes what tells, when it fails, why.
type exchange struct {
	ctx     context.Context
	seeking atomic.Bool // a connection, which is not there yet: nothing has been sent
	upload  *upload     // nil if there is none
}

// trace is how the pool of connections tells what it is at.
func (x *exchange) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { x.seeking.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { x.seeking.Store(false) },
	}
}

// failure gives an error of the connection its kind.
func (x *exchange) failure(err error) error {
	sent := x.upload.failed()
	if known, ok := errors.AsType[*fault.Error](err); ok {
		return known
	}
	if cause, ok := errors.AsType[*fault.Error](context.Cause(x.ctx)); ok {
		return cause // whoever ended the call has said why
	}
	switch {
	case sent != nil:
		return &fault.Error{Kind: fault.Invalid, Detail: "the request's body broke off", Err: sent}
	case errors.Is(x.ctx.Err(), context.Canceled):
		return &fault.Error{Kind: fault.Gone, Err: x.ctx.Err()}
	case overdue(x.ctx):
		return &fault.Error{Kind: fault.TooSlow, Err: context.DeadlineExceeded}
	case x.seeking.Load():
		return &fault.Error{Kind: fault.Unreachable, Err: err}
	case errors.Is(err, context.DeadlineExceeded):
		return &fault.Error{Kind: fault.TooSlow, Err: err}
	}
	return &fault.Error{Kind: fault.Broken, Err: err}
}

// overdue looks at the clock too: whoever dials goes by it, and may be first to notice.
func overdue(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ctx.Err() != nil || ok && !time.Now().Before(deadline)
}

// An upload remembers that reading it failed: then it is the client who broke off, and
// the service is not to blame.
type upload struct {
	r   io.Reader
	err atomic.Pointer[error]
}

func (u *upload) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	if err != nil && err != io.EOF {
		u.err.Store(&err)
	}
	return n, err
}

// failed is the error of reading, or nil. A nil upload has none.
func (u *upload) failed() error {
	if u == nil {
		return nil
	}
	if err := u.err.Load(); err != nil {
		return *err
	}
	return nil
}
