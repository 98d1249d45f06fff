package route

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/overload"
)

// errTimeout is what is made of a failure that only means that.
var errTimeout = &fault.Error{Kind: fault.TooSlow, Err: errors.New("the answer did not begin within the route's timeout")}

var errIdle = errors.New("the service's body paused for longer than the route's idle_timeout")

// Serve passes the request through and writes the answer. It is to be called for requests
// that Match gave the route, after its Access and its Limiter were asked.
//
// The error is a *fault.Error. When the client has got some of the answer, its connection is
// broken off as well, so that what is there does not look complete; else the error is to be
// its answer.
func (r *Route) Serve(c echo.Context) error {
	req, place, err := r.enter(c)
	if err != nil {
		if hasBody(c.Request()) {
			closeAfter(c)
		}
		return err
	}
	began := time.Now()
	conn := http.NewResponseController(c.Response().Writer)
	// The server's timeouts are for bodies that fit into memory. Here reads and writes have
	// deadlines of their own.
	_ = conn.SetReadDeadline(time.Time{})
	up := newUpload(c.Request(), conn, r.maxBody, r.idle)
	if up != nil {
		_ = conn.SetWriteDeadline(time.Time{})
		defer up.stop()
		req.Upload, req.UploadSize = up, c.Request().ContentLength
	}
	ctx, cancel := context.WithCancelCause(c.Request().Context())
	defer cancel(nil)

	res, err := r.send(ctx, req, place)
	d := &download{route: r, c: c, conn: conn, ctx: ctx, cancel: cancel}
	if up != nil || time.Since(began) > quick {
		d.extend()
	}
	if up.unread() {
		closeAfter(c)
	}
	if err != nil {
		if err = r.failure(c.Request(), up, err); fault.From(err).Kind == fault.Gone {
			breakOff(conn)
		}
		return err
	}
	return d.write(res)
}

// quick is a call after which the server's own deadline is still far away.
const quick = 100 * time.Millisecond

// closeAfter ends the connection with the answer instead of waiting for the rest of a body.
func closeAfter(c echo.Context) {
	if c.Request().ProtoMajor == 1 { // HTTP/2 would end the other streams, too
		c.Response().Header().Set("Connection", "close")
	}
}

// enter makes the request for the service, if there is room for it. Its place is given back
// when the answer begins: a stream may go on for days. A request with a body does not keep
// its place even so long, for that is the client's doing.
func (r *Route) enter(c echo.Context) (*backend.Request, overload.Place, error) {
	req, err := r.call(c)
	if err != nil {
		return nil, overload.Place{}, err
	}
	place, err := r.gate.Enter(c.Request())
	if err == nil && hasBody(c.Request()) {
		place.Leave(overload.Untold)
		return req, overload.Place{}, nil
	}
	return req, place, err
}

// call is the request for the service, still without its body.
func (r *Route) call(c echo.Context) (*backend.Request, error) {
	in := c.Request()
	if reads(in) && hasBody(in) {
		return nil, &fault.Error{Kind: fault.Invalid, Detail: "A " + in.Method + " must not have a body."}
	}
	if in.ContentLength > r.maxBody {
		return nil, tooLarge(r.maxBody)
	}
	var few segments
	path, err := segmentsOf(in.URL, &few)
	if err != nil {
		return nil, err
	}
	query, err := r.query.pass(in.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	header, err := r.request.pass(c)
	if err != nil {
		return nil, err
	}
	req := &backend.Request{
		Op: r.name, Method: in.Method, Path: r.target.path(path) + query, Header: header,
		Control: control(in.Header), Safe: reads(in), Stream: true, Pause: r.idle,
	}
	if header["Authorization"] != nil || header["Cookie"] != nil {
		req.Caller = "client" // its credentials are in the headers, and so in the key
	}
	return req, nil
}

// send bounds the time until the answer's headers are there, and not that of its body.
func (r *Route) send(ctx context.Context, req *backend.Request, place overload.Place) (res *backend.Response, err error) {
	defer func() {
		run := overload.Untold
		if res != nil {
			run = overload.Whole
		}
		place.Leave(run)
	}()
	if r.timeout == 0 {
		return r.service.Send(ctx, req)
	}
	until := time.Now().Add(r.timeout)
	res, err = r.service.Send(backend.WithDeadline(ctx, until), req)
	if err != nil && fault.From(err).Kind == fault.TooSlow && !time.Now().Before(until) {
		return nil, errTimeout
	}
	return res, err
}

// failure is the error of a call that brought no answer. What the client has broken goes
// before what may only follow from it.
func (r *Route) failure(in *http.Request, up *upload, err error) error {
	if in.Context().Err() != nil {
		up.settle()
	}
	f := brokenBody(in, r.maxBody, up.failed())
	if f == nil {
		f = fault.From(err)
	}
	if f.Service != "" || f.Kind == fault.Invalid {
		return f
	}
	own := *f
	own.Service, own.Op = r.Service(), r.name
	return &own
}

func (r *Route) fault(kind fault.Kind, err error) *fault.Error {
	return &fault.Error{Kind: kind, Service: r.Service(), Op: r.name, Err: err}
}
