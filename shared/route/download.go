package route

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/serve"
)

// A download is an answer on its way to the client.
type download struct {
	route  *Route
	c      echo.Context
	conn   *http.ResponseController
	ctx    context.Context // of the call
	cancel context.CancelCauseFunc

	extended bool // the server's write deadline has been replaced
}

// write writes the whole answer, or breaks off.
func (d *download) write(res *backend.Response) error {
	if res.Stream != nil {
		defer res.Stream.Close()
	}
	if res.Status < http.StatusOK {
		return d.route.fault(fault.Broken, fmt.Errorf("status %d, which was not asked for", res.Status))
	}
	r, w := d.c.Request(), d.c.Response()
	d.route.response.pass(r, res, w.Header())
	w.WriteHeader(res.Status)
	err := d.writeBody(res)
	if err != nil {
		d.abort()
		return err
	}
	d.release()
	return nil
}

func (d *download) writeBody(res *backend.Response) error {
	r, w := d.c.Request(), d.c.Response()
	switch {
	case r.Method == http.MethodHead || res.Status == http.StatusNoContent || res.Status == http.StatusNotModified:
		return nil
	case res.Stream != nil:
		return d.copy(res.Stream, res.Size < 0)
	}
	var err error
	serve.Whole(w.Writer, r, len(res.Body), func() { _, err = w.Write(res.Body) })
	if err != nil {
		return d.route.fault(fault.Gone, err)
	}
	return nil
}

var buffers = sync.Pool{New: func() any { return new([32 << 10]byte) }}

// late is a piece that did not come at once: what comes then, or follows, may be long in coming.
const late = 10 * time.Millisecond

// copy copies the body in constant memory. With live, the client sees every piece at once, and
// without, those that are late.
func (d *download) copy(stream io.Reader, live bool) error {
	buf := buffers.Get().(*[32 << 10]byte)
	defer buffers.Put(buf)
	idle := time.AfterFunc(d.route.idle, func() { d.cancel(errIdle) })
	defer idle.Stop()
	if live {
		_ = d.conn.Flush() // the headers, however long the first piece takes
	}
	for {
		idle.Reset(d.route.idle)
		asked := time.Now()
		n, err := stream.Read(buf[:])
		idle.Stop()
		if n > 0 {
			if err := d.send(buf[:n], live || time.Since(asked) > late); err != nil {
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

// extend gives the client the idle time to take what is written next.
func (d *download) extend() {
	d.extended = true
	_ = d.conn.SetWriteDeadline(time.Now().Add(d.route.idle))
}

// send writes one piece, and perhaps all that has been written so far to the connection.
func (d *download) send(p []byte, now bool) error {
	d.extend()
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
