package backend

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"time"

	"github.com/facet-bff/facet/shared/fault"
)

// TimeoutHeader tells a service how many milliseconds the request has left, so that it
// need not work on what nobody waits for.
const TimeoutHeader = "X-Request-Timeout"

// Outgoing sets headers of every request just before it is sent: trace, request id. It
// may change the map, but not the slices that are in it. What it sets is no part of a
// request's Key, so answers must not depend on it.
type Outgoing func(ctx context.Context, h http.Header)

// Transport returns the Sender that speaks HTTP through any RoundTripper. It bounds complete answers to
// maxResponse bytes and streams the others; redirects are not followed. Every failure
// has its kind. A nil outgoing adds nothing.
func Transport(rt http.RoundTripper, maxResponse int64, outgoing Outgoing) Sender {
	t := &transport{rt: rt, maxResponse: maxResponse, outgoing: outgoing}
	return t.send
}

type transport struct {
	rt          http.RoundTripper
	maxResponse int64
	outgoing    Outgoing
}

func (t *transport) send(ctx context.Context, req *Request) (*Response, error) {
	x := &exchange{ctx: ctx}
	out, err := t.request(x, req)
	if err != nil {
		return nil, err
	}
	res, err := t.rt.RoundTrip(out)
	if err != nil {
		return nil, x.failure(err)
	}
	if failed := statusFault(req, res.StatusCode, res.Header); failed != nil {
		drain(res.Body)
		return nil, failed
	}
	if req.Stream {
		return &Response{Status: res.StatusCode, Header: res.Header, Stream: res.Body, Size: res.ContentLength}, nil
	}
	return t.complete(x, req, res)
}

// complete reads the whole answer and has it checked.
func (t *transport) complete(x *exchange, req *Request, res *http.Response) (*Response, error) {
	defer res.Body.Close()
	body, err := readAll(res.Body, res.ContentLength, t.maxResponse)
	if err != nil {
		return nil, x.failure(err)
	}
	return checked(req, &Response{Status: res.StatusCode, Header: res.Header, Body: body})
}

// checked is a complete answer, once whoever asked has looked at it.
func checked(req *Request, complete *Response) (*Response, error) {
	if req.Check != nil {
		if err := req.Check(complete); err != nil {
			return nil, &fault.Error{Kind: fault.Broken, Err: fmt.Errorf("decode: %w", err)}
		}
	}
	return complete, nil
}

// request makes what net/http sends of req.
func (t *transport) request(x *exchange, req *Request) (*http.Request, error) {
	header, err := outgoingHeader(x.ctx, req, t.outgoing)
	if err != nil {
		return nil, x.failure(err)
	}
	var body io.Reader
	switch {
	case req.Upload != nil:
		x.upload = &upload{r: req.Upload}
		body = x.upload
	case len(req.Body) > 0:
		body = bytes.NewReader(req.Body)
	}
	out, err := http.NewRequestWithContext(httptrace.WithClientTrace(x.ctx, x.trace()), req.Method, req.Base+req.Path, body)
	if err != nil {
		return nil, &fault.Error{Kind: fault.Bug, Err: err}
	}
	if req.Upload != nil {
		out.ContentLength = req.UploadSize
	}
	out.Header = header
	return out, nil
}

// outgoingHeader is what the service sees: req's own headers, which others may be reading, and
// what the transport adds.
func outgoingHeader(ctx context.Context, req *Request, outgoing Outgoing) (http.Header, error) {
	header := make(http.Header, len(req.Header)+4)
	maps.Copy(header, req.Header)
	if deadline, ok := ctx.Deadline(); ok {
		left := time.Until(deadline)
		if left < time.Millisecond {
			return nil, context.DeadlineExceeded
		}
		header[TimeoutHeader] = []string{strconv.FormatInt(left.Milliseconds(), 10)}
	}
	if outgoing != nil {
		outgoing(ctx, header)
	}
	if header["User-Agent"] == nil {
		header["User-Agent"] = []string{"facet"}
	}
	return header, nil
}
