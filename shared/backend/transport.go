package backend

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"time"

	"github.com/facet-bff/facet/shared/fault"
)

// timeoutHeader tells a service how many milliseconds the request has left, so that it
// need not work on what nobody waits for.
const timeoutHeader = "X-Request-Timeout"

// Outgoing sets headers of every request just before it is sent: trace, request id. It calls
// Set with a canonical name and a value in place of what the request says; an empty value
// takes the header away. What it sets is no part of a request's Key, so answers must not
// depend on it.
type Outgoing func(ctx context.Context, header interface{ Set(name, value string) })

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
	host        string // of every request; empty: its URL's
}

func (t *transport) send(ctx context.Context, req *Request) (*Response, error) {
	x := &exchange{ctx: ctx}
	until := newAttempt(ctx)
	res, err := t.begin(until, x, req)
	if err != nil {
		until.over()
		return nil, err
	}
	if !req.Stream {
		defer until.over()
		return t.complete(x, req, res)
	}
	if !until.lift() {
		until.over()
		_ = res.Body.Close()
		return nil, x.failure(context.DeadlineExceeded)
	}
	return &Response{Status: res.StatusCode, Header: res.Header, Stream: download{res.Body, until}, Size: res.ContentLength}, nil
}

// begin sends the request and waits for the head of its answer.
func (t *transport) begin(until attempt, x *exchange, req *Request) (*http.Response, error) {
	out, err := t.request(until, x, req)
	if err != nil {
		return nil, err
	}
	res, err := t.rt.RoundTrip(out)
	if err != nil {
		return nil, x.failure(err)
	}
	if failed := statusFault(req, res.StatusCode, res.Header); failed != nil {
		defer time.AfterFunc(soon, func() { until.end(nil) }).Stop()
		drain(res.Body)
		return nil, failed
	}
	return res, nil
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
	if req.Checker != nil && complete.Status != http.StatusNotModified {
		if err := req.Checker.Check(complete); err != nil {
			return nil, &fault.Error{Kind: fault.Broken, Err: fmt.Errorf("decode: %w", err)}
		}
	}
	return complete, nil
}

// request makes what net/http sends of req.
func (t *transport) request(ctx context.Context, x *exchange, req *Request) (*http.Request, error) {
	left, err := timeLeft(x.ctx)
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
	out, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, x.trace()), req.Method, req.Base+req.Path, body)
	if err != nil {
		return nil, &fault.Error{Kind: fault.Bug, Err: err}
	}
	if t.host != "" {
		out.Host = t.host
	}
	if req.Upload != nil {
		out.ContentLength = req.UploadSize
	}
	out.Header = make(http.Header, len(req.Header)+4)
	header := outgoingHeader{write: func(name, value string) {
		out.Header[name] = append(out.Header[name], value)
	}}
	header.all(x.ctx, t.outgoing, req.Header, left)
	return out, nil
}
