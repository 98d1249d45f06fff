package backend

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/facet-bff/facet/shared/backend/http1"
	"github.com/facet-bff/facet/shared/fault"
)

// Connections are the settings of the connections to one service.
type Connections struct {
	MaxResponse  int64         `yaml:"max_response" default:"4MiB" unit:"bytes" validate:"min=1"` // that is not streamed
	MaxConns     int           `yaml:"max_conns" default:"256" validate:"min=1"`                  // to one instance; more calls wait
	MaxIdleConns int           `yaml:"max_idle_conns" default:"64" validate:"min=0"`              // that are kept open, to one instance
	IdleTimeout  time.Duration `yaml:"idle_timeout" default:"55s" validate:"gt=0"`                // how long they are kept: less than the service keeps them
	DialTimeout  time.Duration `yaml:"dial_timeout" default:"1s" validate:"gt=0"`                 // to connect, and again for TLS

	// HTTP2 lets calls to https instances share connections. It costs more per call.
	HTTP2 bool `yaml:"http2"`

	// Host is what all instances are called, in the Host header and in certificates, where
	// their URLs have addresses instead. Whoever found them sets it.
	Host string `yaml:"-"`
}

// maxHeader bounds the head of an answer.
const maxHeader = 64 << 10

// A Pool is the connections to one service. It is safe for concurrent use.
//
// Requests that are in memory go through package http1, which costs a fraction of net/http;
// uploads, and HTTP/2, go through net/http.
type Pool struct {
	settings Connections
	lean     atomic.Pointer[map[string]*instance] // by base URL; never changed, but replaced
	adding   sync.Mutex
	general  *http.Transport
	upload   Sender
	outgoing Outgoing
}

// NewPool returns a pool of connections. A nil outgoing adds nothing. Close it when no call
// is under way.
func NewPool(c Connections, outgoing Outgoing) *Pool {
	p := &Pool{settings: c, general: newRoundTripper(c), outgoing: outgoing}
	p.lean.Store(new(map[string]*instance))
	p.upload = (&transport{rt: p.general, maxResponse: c.MaxResponse, outgoing: outgoing, host: c.Host}).send
	return p
}

// Send is a Sender.
func (p *Pool) Send(ctx context.Context, req *Request) (*Response, error) {
	if req.Upload != nil || p.settings.HTTP2 {
		return p.upload(ctx, req)
	}
	to, err := p.instance(req.Base)
	if err != nil {
		return nil, &fault.Error{Kind: fault.Bug, Err: err}
	}
	left, err := timeLeft(ctx)
	if err != nil {
		return nil, p.failure(ctx, err)
	}
	out := sendings.Get().(*sending)
	defer out.recycle()
	out.header.all(ctx, p.outgoing, req.Header, left)
	out.request = http1.Request{
		Method: req.Method, Host: cmp.Or(p.settings.Host, to.host), Target: to.prefix + req.Path, Header: out.header.lines, Body: req.Body,
		MaxBody: p.settings.MaxResponse, Idempotent: req.Safe, Stream: req.Stream, Prompt: req.Prompt,
		Buffer: &out.buffer,
	}
	if !req.Stream {
		out.request.Keep = isRead
	}
	res, err := to.client.Do(ctx, &out.request)
	if err != nil {
		return nil, p.failure(ctx, err)
	}
	return p.complete(req, res)
}

// A sending is what one exchange needs and nobody keeps: of an answer in its buffer, a copy
// is kept at most.
type sending struct {
	request http1.Request
	header  outgoingHeader
	buffer  []byte
}

var sendings = sync.Pool{New: func() any { return new(sending) }}

func (s *sending) recycle() {
	if cap(s.buffer) > 256<<10 || cap(s.header.lines) > 64<<10 {
		return
	}
	s.request = http1.Request{}
	s.header = outgoingHeader{lines: s.header.lines[:0], set: s.header.set[:0]}
	sendings.Put(s)
}

// complete judges an answer, and has it checked.
func (p *Pool) complete(req *Request, res http1.Response) (*Response, error) {
	if failed := statusFault(req, res.Status, res.Header); failed != nil {
		if res.Stream != nil {
			_ = res.Stream.Close()
		}
		return nil, failed
	}
	answer := &Response{Status: res.Status, Header: res.Header, Body: res.Body, Stream: res.Stream, Size: res.Size}
	if req.Stream {
		return answer, nil
	}
	answer, err := checked(req, answer)
	if err == nil && sameArray(answer.Body, res.Body) {
		answer.Body = bytes.Clone(answer.Body) // nobody has cut it
	}
	return answer, err
}

func sameArray(a, b []byte) bool {
	return cap(a) > 0 && cap(b) > 0 && &a[:1][0] == &b[:1][0]
}

func (p *Pool) failure(ctx context.Context, err error) error {
	x := &exchange{ctx: ctx}
	switch {
	case err == http1.ErrTooLarge:
		err = tooLarge(p.settings.MaxResponse)
	case errors.Is(err, http1.ErrRequest):
		err = &fault.Error{Kind: fault.Bug, Err: err}
	}
	x.seeking.Store(errors.Is(err, http1.ErrConnect))
	return x.failure(err)
}

// Close closes the connections, which must not be in use.
func (p *Pool) Close() {
	p.general.CloseIdleConnections()
	for _, i := range *p.lean.Load() {
		i.client.CloseIdle()
	}
}

// Forget closes the connections to an instance that are not in use, and the others when they
// no longer are. Calls may be under way; one that comes later makes new connections.
func (p *Pool) Forget(base string) {
	p.general.CloseIdleConnections() // to all instances: it does not tell them apart
	p.adding.Lock()
	gone, known := (*p.lean.Load())[base]
	left := maps.Clone(*p.lean.Load())
	delete(left, base)
	p.lean.Store(&left)
	p.adding.Unlock()
	if known {
		gone.client.Close()
	}
}

// An instance is one base URL of a service.
type instance struct {
	client *http1.Client
	host   string
	prefix string
}

// instance returns the one at base. There are as many as the service has.
func (p *Pool) instance(base string) (*instance, error) {
	if known, ok := (*p.lean.Load())[base]; ok {
		return known, nil
	}
	p.adding.Lock()
	defer p.adding.Unlock()
	if known, ok := (*p.lean.Load())[base]; ok {
		return known, nil
	}
	added, err := p.newInstance(base)
	if err != nil {
		return nil, err
	}
	all := map[string]*instance{base: added}
	maps.Copy(all, *p.lean.Load())
	p.lean.Store(&all)
	return added, nil
}

func (p *Pool) newInstance(base string) (*instance, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("%q is not the URL of an instance", base)
	}
	return &instance{
		host: u.Host, prefix: strings.TrimRight(u.EscapedPath(), "/"),
		client: http1.New(address(u), p.options(u, u.Scheme == "https")),
	}, nil
}

func (p *Pool) options(u *url.URL, secure bool) http1.Options {
	c := p.settings
	o := http1.Options{
		Dial: newDialer(c).DialContext, HandshakeTimeout: c.DialTimeout,
		MaxConns: c.MaxConns, MaxIdle: c.MaxIdleConns, IdleTimeout: c.IdleTimeout, MaxHeader: maxHeader,
	}
	if secure {
		o.TLS = &tls.Config{ServerName: cmp.Or(c.hostname(), u.Hostname()), MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
	}
	return o
}

// hostname is Host without its port.
func (c Connections) hostname() string { return (&url.URL{Host: c.Host}).Hostname() }

// address is the host and port to connect to.
func address(u *url.URL) string {
	port := u.Port()
	switch {
	case port != "":
	case u.Scheme == "https":
		port = "443"
	default:
		port = "80"
	}
	return net.JoinHostPort(u.Hostname(), port)
}

func newDialer(c Connections) *net.Dialer {
	return &net.Dialer{Timeout: c.DialTimeout, KeepAlive: 30 * time.Second}
}

func newRoundTripper(c Connections) *http.Transport {
	var secure *tls.Config // nil: the names of the URLs
	if c.Host != "" {
		secure = &tls.Config{ServerName: c.hostname(), MinVersion: tls.VersionTLS12}
	}
	return &http.Transport{
		TLSClientConfig:        secure,
		DialContext:            newDialer(c).DialContext,
		TLSHandshakeTimeout:    c.DialTimeout,
		MaxConnsPerHost:        c.MaxConns,
		MaxIdleConnsPerHost:    c.MaxIdleConns,
		IdleConnTimeout:        c.IdleTimeout,
		MaxResponseHeaderBytes: maxHeader,
		DisableCompression:     true, // a compressed answer could be any size
		ForceAttemptHTTP2:      c.HTTP2,
	}
}
