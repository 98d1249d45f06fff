package http1

import (
	"context"
	"errors"
	"net"
	"os"
	"time"
)

// A watch ends an exchange when its context is done, and at its deadline. To be told of the
// end of a context costs more than all else that happens to a short exchange here, so that at
// first only the connection's deadline is set, a moment ahead: what is over by then, which is
// most, was not watched at all.
type watch struct {
	raw       net.Conn
	plain     bool   // without TLS, which takes a deadline for the end of a connection
	interrupt func() // ends an exchange that is under way

	ctx    context.Context
	began  time.Time
	moment time.Time   // the deadline that is set; zero: another one
	stop   func() bool // not nil: it is watched
}

const (
	// moment is for how long at most nobody notices that a caller has gone.
	moment = 10 * time.Millisecond
	// rest is what must be left of it for another exchange.
	rest = moment / 4
	// little is a request that hardly ever waits for the service to read it.
	little = 4 << 10
)

func newWatch(raw net.Conn, plain bool) watch {
	return watch{raw: raw, plain: plain, interrupt: func() { _ = raw.SetDeadline(longAgo) }}
}

var longAgo = time.Unix(1, 0)

// begin is called before an exchange.
func (w *watch) begin(ctx context.Context, r *Request) {
	w.ctx, w.stop = ctx, nil
	now := time.Now()
	w.began = now
	deadline, bounded := ctx.Deadline()
	if r.Prompt || !w.plain || r.size() > little || bounded && deadline.Before(now.Add(moment)) {
		w.start()
		return
	}
	if w.moment.Sub(now) < rest {
		w.moment = now.Add(moment)
		_ = w.raw.SetDeadline(w.moment)
	}
}

func (w *watch) unwatched() bool { return w.stop == nil }

// overdue reports an error that says only that the moment is over.
func (w *watch) overdue(err error) bool {
	return err != nil && w.unwatched() && errors.Is(err, os.ErrDeadlineExceeded) && w.ctx.Err() == nil
}

// start begins to watch.
func (w *watch) start() {
	deadline, _ := w.ctx.Deadline()
	_ = w.raw.SetDeadline(deadline) // the zero time is none
	w.moment = time.Time{}
	w.stop = context.AfterFunc(w.ctx, w.interrupt)
}

// lift takes the deadline back, for a body that may take longer than its head. It is watched
// from now on.
func (w *watch) lift() {
	if w.unwatched() {
		w.start()
	}
	if _, bounded := w.ctx.Deadline(); bounded {
		_ = w.raw.SetDeadline(time.Time{})
	}
	if w.ctx.Err() != nil {
		w.interrupt() // it may have been undone
	}
}

// end is called after an exchange, of which nothing is held any longer. It reports that nothing
// has interrupted it.
func (w *watch) end() bool {
	stop := w.stop
	w.ctx, w.stop = nil, nil
	return stop == nil || stop()
}
