package route

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/facet-bff/facet/shared/fault"
)

var (
	errTooLarge = errors.New("the client's body is larger than the route's max_body")
	errStopped  = errors.New("the request is over")
)

// An upload is the client's body on its way to the service. The connection to the service
// may go on reading after the answer has been written; once it is stopped, an upload
// touches nothing of a request that is over.
type upload struct {
	body io.Reader
	idle time.Duration

	reading sync.Mutex // while a Read is under way
	left    int64      // that the body may still have

	mu   sync.Mutex
	conn *http.ResponseController // nil: stopped
	over bool                     // read to its end
	err  error
}

// newUpload returns nil for a request without body.
func newUpload(r *http.Request, conn *http.ResponseController, limit int64, idle time.Duration) *upload {
	if !hasBody(r) {
		return nil
	}
	// Services may answer before they have read everything. Without this the server
	// would first read the body to its end, in competition with us.
	_ = conn.EnableFullDuplex()
	return &upload{body: r.Body, idle: idle, left: limit, conn: conn}
}

// Read never blocks for longer than idle.
func (u *upload) Read(p []byte) (int, error) {
	u.reading.Lock()
	defer u.reading.Unlock()
	if u.left < 0 {
		return 0, errTooLarge
	}
	if !u.deadline(time.Now().Add(u.idle)) {
		return 0, errStopped
	}
	// One byte more than allowed tells that there is too much.
	n, err := u.body.Read(p[:min(int64(len(p)), u.left+1)])
	u.deadline(time.Time{})
	if u.left -= int64(n); u.left < 0 {
		n, err = n-1, errTooLarge
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case err == io.EOF:
		u.over = true
	case err != nil:
		u.err = err
	}
	return n, err
}

// deadline sets the time until which a read may block. It reports whether there is still
// a request to read from.
func (u *upload) deadline(at time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.conn != nil {
		_ = u.conn.SetReadDeadline(at)
	}
	return u.conn != nil
}

// stop ends it, and a Read that is under way. What the client still sends is left to the
// server to discard, which must not take for ever either.
func (u *upload) stop() {
	u.mu.Lock()
	conn, over := u.conn, u.over
	u.conn = nil
	u.mu.Unlock()
	if over {
		return
	}
	_ = conn.SetReadDeadline(time.Unix(1, 0))
	u.settle()
	_ = conn.SetReadDeadline(time.Now().Add(u.idle))
}

// unread reports whether there may be more of the body. The connection must then not be
// used for another request: behind a malformed body none can be found, and net/http panics
// when it meets a body's end as late as that (full duplex only, Go 1.26).
func (u *upload) unread() bool {
	if u == nil {
		return false
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	return !u.over
}

// failed is the error of reading, or nil. A nil upload has none.
func (u *upload) failed() error {
	if u == nil {
		return nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.err
}

// settle waits for a Read that is under way. It is for when the client's connection has
// failed: the request's context is done before the Read that met the failure returns.
func (u *upload) settle() {
	if u != nil {
		u.reading.Lock()
		defer u.reading.Unlock()
	}
}

// brokenBody is a body that did not arrive whole, which is never the service's fault.
// Without a cause in the body it is the client who has gone.
func brokenBody(r *http.Request, limit int64, err error) *fault.Error {
	gone := r.Context().Err() != nil
	switch {
	case errors.Is(err, errTooLarge):
		return tooLarge(limit)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &fault.Error{
			Kind: fault.Invalid, Status: http.StatusRequestTimeout, Detail: "The body did not arrive in time.", Err: err,
		}
	case err != nil && (!gone || errors.Is(err, io.ErrUnexpectedEOF)):
		return &fault.Error{Kind: fault.Invalid, Detail: "The body broke off or is malformed.", Err: err}
	case gone:
		return &fault.Error{Kind: fault.Gone, Err: r.Context().Err()}
	}
	return nil
}

func tooLarge(limit int64) *fault.Error {
	return &fault.Error{
		Kind: fault.Invalid, Status: http.StatusRequestEntityTooLarge,
		Detail: fmt.Sprintf("The body must be at most %d bytes.", limit),
	}
}
