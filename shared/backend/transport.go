package backend

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/facet-bff/facet/shared/fault"
)

// TimeoutHeader tells a service how many milliseconds the request has left, so that it
// need not work on what nobody waits for.
const TimeoutHeader = "X-Request-Timeout"

// Connections are the settings of the connections to one service.
type Connections struct {
	MaxResponse  int64         `yaml:"max_response" default:"4MiB" unit:"bytes" validate:"min=1"`
	MaxConns     int           `yaml:"max_conns" default:"256" validate:"min=1"`
	MaxIdleConns int           `yaml:"max_idle_conns" default:"64" validate:"min=0"`
	IdleTimeout  time.Duration `yaml:"idle_timeout" default:"55s" validate:"min=0"`
	DialTimeout  time.Duration `yaml:"dial_timeout" default:"1s" validate:"gt=0"`
}

// NewRoundTripper returns a pool of connections. Close it with CloseIdleConnections.
func NewRoundTripper(c Connections) *http.Transport {
	dialer := &net.Dialer{Timeout: c.DialTimeout, KeepAlive: 30 * time.Second}
	return &http.Transport{
		DialContext:            dialer.DialContext,
		TLSHandshakeTimeout:    c.DialTimeout,
		MaxConnsPerHost:        c.MaxConns,
		MaxIdleConnsPerHost:    c.MaxIdleConns,
		IdleConnTimeout:        c.IdleTimeout,
		MaxResponseHeaderBytes: 64 << 10,
		DisableCompression:     true, // a compressed answer could be any size
		ForceAttemptHTTP2:      true,
	}
}

// Outgoing adds headers to every request just before it is sent: trace, request id.
// What it adds is no part of a request's Key, so answers must not depend on it.
type Outgoing func(ctx context.Context, h http.Header)

// Transport returns the Sender that speaks HTTP. It bounds complete answers to
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
	out, upload, err := t.request(ctx, req)
	if err != nil {
		return nil, err
	}
	res, err := t.rt.RoundTrip(out)
	if err != nil {
		return nil, failure(ctx, upload, err)
	}
	if failed := statusFault(req, res); failed != nil {
		drain(res.Body)
		return nil, failed
	}
	if req.Stream {
		return &Response{Status: res.StatusCode, Header: res.Header, Stream: res.Body, Size: res.ContentLength}, nil
	}
	return t.complete(ctx, req, res)
}

// complete reads the whole answer and has it checked.
func (t *transport) complete(ctx context.Context, req *Request, res *http.Response) (*Response, error) {
	defer res.Body.Close()
	body, err := readAll(res.Body, res.ContentLength, t.maxResponse)
	if err != nil {
		return nil, failure(ctx, nil, err)
	}
	complete := &Response{Status: res.StatusCode, Header: res.Header, Body: body}
	if req.Check != nil {
		if err := req.Check(complete); err != nil {
			return nil, &fault.Error{Kind: fault.Broken, Err: fmt.Errorf("decode: %w", err)}
		}
	}
	return complete, nil
}

func (t *transport) request(ctx context.Context, req *Request) (*http.Request, *upload, error) {
	u, err := url.Parse(req.Base + req.Path)
	if err != nil {
		return nil, nil, &fault.Error{Kind: fault.Bug, Err: err}
	}
	header := make(http.Header, len(req.Header)+4)
	for name, values := range req.Header {
		header[name] = values
	}
	if deadline, ok := ctx.Deadline(); ok {
		left := time.Until(deadline)
		if left < time.Millisecond {
			return nil, nil, &fault.Error{Kind: fault.TooSlow, Err: context.DeadlineExceeded}
		}
		header[TimeoutHeader] = []string{strconv.FormatInt(left.Milliseconds(), 10)}
	}
	if t.outgoing != nil {
		t.outgoing(ctx, header)
	}
	if header["User-Agent"] == nil {
		header["User-Agent"] = []string{"facet"}
	}
	out := &http.Request{Method: req.Method, URL: u, Host: u.Host, Header: header, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
	return withBody(out.WithContext(ctx), req)
}

func withBody(out *http.Request, req *Request) (*http.Request, *upload, error) {
	switch {
	case req.Upload != nil:
		body := &upload{r: req.Upload}
		out.Body, out.ContentLength = body, req.UploadSize
		return out, body, nil
	case len(req.Body) > 0:
		out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(req.Body)), int64(len(req.Body))
		out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(req.Body)), nil }
	}
	return out, nil, nil
}

// statusFault is the failure that an answer's status means, or nil.
func statusFault(req *Request, res *http.Response) *fault.Error {
	if res.StatusCode < 300 || req.Stream && res.StatusCode < 500 {
		return nil
	}
	kind, exposed := fault.FromStatus(res.StatusCode, req.Caller != "")
	return &fault.Error{
		Kind: kind, Status: exposed, RetryAfter: retryAfter(res.Header),
		Err: fmt.Errorf("status %d", res.StatusCode),
	}
}

// retryAfter reads Retry-After in seconds or as a date (RFC 9110, 10.2.3).
func retryAfter(h http.Header) time.Duration {
	v := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(v); err == nil && seconds > 0 {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(v); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}

// readAll reads at most limit bytes; more is the service's failure, not our memory.
func readAll(body io.Reader, size, limit int64) ([]byte, error) {
	if size > limit {
		return nil, tooLarge(limit)
	}
	buf := bytes.NewBuffer(make([]byte, 0, max(size, 512)+bytes.MinRead))
	n, err := buf.ReadFrom(io.LimitReader(body, limit+1))
	if err == nil && n > limit {
		err = tooLarge(limit)
	}
	return buf.Bytes(), err
}

func tooLarge(limit int64) error {
	return &fault.Error{Kind: fault.Broken, Err: fmt.Errorf("the answer is larger than %d bytes (connections.max_response)", limit)}
}

// drain makes the connection usable again when little is left to read.
func drain(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, 4<<10)
	_ = body.Close()
}
