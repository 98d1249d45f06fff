package route

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/serve"
)

// A download is an answer on its way to the client. As long as the client has got nothing of
// it, the answer can still become a problem. So the beginning of a body is held back, up to a
// buffer: a small body that breaks off is never begun, and a whole one is written at once.
type download struct {
	route  *Route
	c      echo.Context
	conn   *http.ResponseController
	ctx    context.Context // of the call
	cancel context.CancelCauseFunc

	extended bool // the server's write deadline has been replaced

	mu    sync.Mutex // guards what follows and writing, but while the service is waited for
	res   *backend.Response
	begun bool   // the head is written
	over  bool   // nothing may be written any more
	held  []byte // of the body
}

// write writes the whole answer, or breaks off. Its error is the client's answer if that has
// not begun and the client is there.
func (d *download) write(res *backend.Response) error {
	if res.Stream != nil {
		defer res.Stream.Close()
	}
	if res.Status < http.StatusOK {
		return d.route.fault(fault.Broken, fmt.Errorf("status %d, which was not asked for", res.Status))
	}
	d.res = res
	err := d.writeBody()
	switch {
	case err == nil:
		d.release()
	case d.begun || fault.From(err).Kind == fault.Gone:
		d.abort()
	}
	return err
}

func (d *download) writeBody() error {
	switch {
	case d.c.Request().Method == http.MethodHead || d.res.Status == http.StatusNoContent || d.res.Status == http.StatusNotModified:
		d.head()
		return nil
	case d.res.Stream != nil:
		return d.copy(d.res.Stream, d.res.Size < 0)
	}
	return d.whole()
}

// head writes the head.
func (d *download) head() {
	w := d.c.Response()
	d.begun = true
	d.route.response.pass(d.c.Request(), d.res, w.Header())
	w.WriteHeader(d.res.Status)
}

// whole writes an answer whose body is there.
func (d *download) whole() (err error) {
	d.head()
	w := d.c.Response()
	serve.Whole(w.Writer, d.c.Request(), len(d.res.Body), func() { _, err = w.Write(d.res.Body) })
	if err != nil {
		return d.route.fault(fault.Gone, err)
	}
	return nil
}

var buffers = sync.Pool{New: func() any { return new([32 << 10]byte) }}

// late is a piece that did not come at once: what comes then, or follows, may be long in coming.
const late = 10 * time.Millisecond

// copy copies the body in constant memory. With live, the client sees every piece at once, and
// without, those that are late; but for what is held back at first. Where that may not be
// all, it is for a moment only; events are never held back.
func (d *download) copy(stream io.Reader, live bool) error {
	buf := buffers.Get().(*[32 << 10]byte)
	defer buffers.Put(buf)
	idle := time.AfterFunc(d.route.idle, func() { d.cancel(errIdle) })
	defer idle.Stop()
	d.mu.Lock()
	defer d.finish()
	switch {
	case events(d.res.Header):
		_ = d.send(nil, true) // the head, however long the first event takes
	case live || d.res.Size > int64(len(buf)):
		defer time.AfterFunc(late, d.begin).Stop()
	}
	for {
		idle.Reset(d.route.idle)
		asked := time.Now()
		at := len(d.held)
		n, err := d.read(stream, buf[at:])
		idle.Stop()
		slow := time.Since(asked) > late
		piece := buf[at : at+n]
		if !d.begun {
			d.held = buf[:at+n]
			switch {
			case err == io.EOF:
				return d.complete()
			case err != nil:
				return d.broke(err)
			case len(d.held) < len(buf) && !slow:
				continue
			}
			piece = d.held
		}
		d.held = nil
		if n > 0 {
			if err := d.send(piece, live || slow); err != nil {
				return d.route.fault(fault.Gone, err)
			}
		}
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return d.broke(err)
		}
	}
}

// read waits for the service; meanwhile the answer may be begun.
func (d *download) read(stream io.Reader, p []byte) (int, error) {
	d.mu.Unlock()
	defer d.mu.Lock()
	return stream.Read(p)
}

// begin lets the client see what has been held back for long enough.
func (d *download) begin() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.begun && !d.over {
		_ = d.send(d.held, true) // if the client has gone, what follows cannot be sent either
	}
}

// complete writes an answer of which all was held back.
func (d *download) complete() error {
	own := *d.res
	own.Stream, own.Body = nil, d.held
	d.res = &own
	return d.whole()
}

func (d *download) finish() {
	d.over, d.held = true, nil
	d.mu.Unlock()
}

// events reports answers whose head says something by itself: that one may wait for events.
func events(h http.Header) bool {
	return strings.HasPrefix(strings.ToLower(h.Get("Content-Type")), "text/event-stream")
}

// extend gives the client the idle time to take what is written next.
func (d *download) extend() {
	d.extended = true
	_ = d.conn.SetWriteDeadline(time.Now().Add(d.route.idle))
}

// send writes one piece, behind the head, and perhaps all that has been written so far to the
// connection.
func (d *download) send(p []byte, now bool) error {
	d.extend()
	if !d.begun {
		d.head()
	}
	_, err := d.c.Response().Write(p)
	if err == nil && now {
		err = d.conn.Flush()
	}
	if errors.Is(err, http.ErrNotSupported) {
		return nil
	}
	return err
}

// broke says why the service's body ended early.
func (d *download) broke(err error) error {
	switch {
	case errors.Is(d.c.Request().Context().Err(), context.Canceled):
		return d.route.fault(fault.Gone, err)
	case context.Cause(d.ctx) == errIdle:
		return d.route.fault(fault.TooSlow, errIdle)
	}
	return d.route.fault(fault.Broken, err)
}

// abort keeps what is there of the answer from looking complete.
func (d *download) abort() {
	if !breakOff(d.conn) {
		panic(http.ErrAbortHandler)
	}
}

// breakOff ends the client's connection, or its stream: after a deadline in the past
// nothing more can be written, not even the end of a body. Unlike a panic it leaves the
// gateway to log what happened. It reports false where there is no connection to end.
func breakOff(conn *http.ResponseController) bool {
	return conn.SetWriteDeadline(time.Unix(1, 0)) == nil
}

// release takes back the deadline where the server would not set its own for the next
// request on the connection.
func (d *download) release() {
	if !d.extended {
		return
	}
	server, ok := d.c.Request().Context().Value(http.ServerContextKey).(*http.Server)
	if ok && server.WriteTimeout == 0 {
		_ = d.conn.SetWriteDeadline(time.Time{})
	}
}
