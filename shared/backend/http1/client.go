// Package http1 is an HTTP/1.1 client for requests that are in memory. Answers are complete,
// or come as a stream. It runs on the caller's goroutine over pooled connections, without
// goroutines or channels of its own per connection or exchange, which makes it several times
// cheaper than a general client.
//
// It is strict: an answer whose length could be read in two ways is refused (RFC 9112,
// section 6), as is everything that net/http refuses.
package http1

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"
)

// Options are the limits of a Client. All must be positive, but for MaxIdle; without TLS
// there is no HandshakeTimeout.
type Options struct {
	Dial             func(ctx context.Context, network, address string) (net.Conn, error)
	TLS              *tls.Config   // nil: plain connections
	HandshakeTimeout time.Duration // of TLS
	MaxConns         int           // exchanges at a time; more wait
	MaxIdle          int           // connections kept open while unused
	IdleTimeout      time.Duration // how long they are kept
	MaxHeader        int           // bytes of an answer's head
}

// A Client exchanges requests for answers with one address. It is safe for concurrent use.
type Client struct {
	options Options
	address string
	places  chan struct{} // one for each exchange
	pool    pool
}

// New returns a client of the server at address, a host and port.
func New(address string, o Options) *Client {
	return &Client{
		options: o, address: address, places: make(chan struct{}, o.MaxConns),
		pool: pool{max: o.MaxIdle, timeout: o.IdleTimeout},
	}
}

// A Request is what is sent. Do does not keep it.
type Request struct {
	Method string
	Host   string // the Host header
	Target string // escaped path and query
	Body   []byte

	// Header is header lines, each "Name: value\r\n". Host, Content-Length and Connection
	// are not among them.
	Header []byte

	// MaxBody bounds the body of a complete answer, in bytes.
	MaxBody int64

	// Stream asks for the answer's body as it comes: Response.Stream instead of Body, unless
	// all of it has come with the head.
	Stream bool

	// Keep says by its canonical name whether a header of the answer is wanted. Nil wants all.
	// Date, by which others are understood, comes along with any.
	Keep func(name string) bool

	// Prompt has the end of the context noticed at once; else it takes a moment.
	Prompt bool

	// Buffer is memory for the answer. The body of a complete one is a part of it, so that
	// it may be used again when the body is not needed any more. Do replaces it by a larger
	// one if need be. Nil is none.
	Buffer *[]byte

	// Idempotent says that the request may be sent again if an idle connection turns out
	// to be closed before a byte of the answer came.
	Idempotent bool
}

// size is about how many bytes are sent.
func (r *Request) size() int { return len(r.Target) + len(r.Header) + len(r.Body) }

// A Response is the answer. The receiver owns it.
type Response struct {
	Status int
	Header http.Header // by canonical names; nil if none is kept
	Body   []byte

	// Stream is what is left of a streamed answer, or nil; the receiver closes it. Size is
	// its length, or -1 when that is unknown.
	Stream io.ReadCloser
	Size   int64
}

// Errors that are not the connection's own.
var (
	// ErrRequest is a request that cannot be written: it would not be one.
	ErrRequest = errors.New("the request's target is not a path of visible ASCII characters")
	// ErrConnect is wrapped around what prevented a connection: nothing has been sent.
	ErrConnect = errors.New("no connection")
	// ErrTooLarge is an answer with more bytes than MaxBody. It is wrapped where it is not the
	// body that is too large, but its head or what frames its chunks.
	ErrTooLarge = errors.New("the answer is too large")
	// ErrProtocol is an answer that is not HTTP/1.1, or not unambiguously.
	ErrProtocol = errors.New("the answer is not valid HTTP/1.1")
)

var (
	errHead   = fmt.Errorf("%w: its head", ErrTooLarge)
	errFrames = fmt.Errorf("%w: its chunks, beside what is in them", ErrTooLarge)
)

// errStale is an idle connection that the server had closed.
var errStale = errors.New("an idle connection was closed by the server")

// Do exchanges a request for an answer. When ctx is done, or its deadline has passed, it
// returns ctx.Err() within a moment of 10 ms, or context.DeadlineExceeded at once, and the
// connection is closed. A stream may take longer than the deadline, and breaks off when ctx is
// done.
func (c *Client) Do(ctx context.Context, r *Request) (Response, error) {
	if !isTarget(r.Target) {
		return Response{}, ErrRequest
	}
	if err := ctx.Err(); err != nil {
		return Response{}, err
	}
	if r.Buffer == nil {
		r.Buffer = new([]byte)
	}
	if err := c.enter(ctx); err != nil {
		return Response{}, err
	}
	res, err := c.do(ctx, r)
	if res.Stream == nil {
		c.leave()
	}
	return res, err
}

// enter waits for a place.
func (c *Client) enter(ctx context.Context) error {
	select {
	case c.places <- struct{}{}:
		return nil
	default:
	}
	ctx, cancel := ending(ctx)
	defer cancel()
	select {
	case c.places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *Client) leave() { <-c.places }

// ending returns a context that is done at ctx's deadline, which may come before ctx is done.
func ending(ctx context.Context) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, deadline)
	}
	return ctx, func() {}
}

func (c *Client) do(ctx context.Context, r *Request) (Response, error) {
	if conn := c.idle(); conn != nil {
		conn.begin(ctx, r)
		res, err := c.exchange(ctx, conn, r)
		if !errors.Is(err, errStale) || !r.Idempotent {
			return res, err
		}
	}
	conn, err := c.dial(ctx)
	if err != nil {
		return Response{}, fmt.Errorf("%w: %w", ErrConnect, err)
	}
	conn.begin(ctx, r)
	return c.exchange(ctx, conn, r)
}

// idle returns an idle connection on which nothing has come meanwhile, or nil: an answer that
// nobody has asked for must not become that of the next request.
func (c *Client) idle() *connection {
	for {
		conn := c.pool.get()
		if conn == nil || conn.alive() && conn.silent() {
			return conn
		}
		conn.close()
	}
}

// isTarget accepts what can stand in a request line (RFC 9112, 3.2.1).
func isTarget(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return strings.HasPrefix(s, "/")
}

// CloseIdle closes the connections that are not in use.
func (c *Client) CloseIdle() { c.pool.closeAll(false) }

// Close closes the connections that are not in use, and from then on each as soon as its
// exchange is over.
func (c *Client) Close() { c.pool.closeAll(true) }

func (c *Client) dial(ctx context.Context) (*connection, error) {
	ctx, cancel := ending(ctx) // whoever resolves names or shakes hands waits for its end
	defer cancel()
	raw, err := c.options.Dial(ctx, "tcp", c.address)
	if err != nil {
		return nil, err
	}
	if c.options.TLS == nil {
		return newConnection(raw, raw, c.options.MaxHeader), nil
	}
	ctx, stop := context.WithTimeout(ctx, c.options.HandshakeTimeout)
	defer stop()
	secure := tls.Client(announced{raw}, c.options.TLS)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = raw.Close()
		return nil, err
	}
	return newConnection(secure, raw, c.options.MaxHeader), nil
}

// exchange makes one exchange on a connection that watches already, and gives it back if it can be used again.
func (c *Client) exchange(ctx context.Context, conn *connection, r *Request) (Response, error) {
	res, reusable, err := conn.exchange(r)
	if err == nil && res.Stream != nil {
		conn.lift()
		res.Stream.(*stream).client = c
		return res, nil
	}
	c.giveBack(conn, conn.end() && err == nil && reusable)
	if err != nil && conn.dumb(ctx) {
		c.pool.closeOlder(conn.began)
	}
	switch {
	case err == nil:
		return res, nil
	case ctx.Err() != nil:
		return Response{}, ctx.Err()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return Response{}, context.DeadlineExceeded
	case conn.reused && conn.untouched() && isClosed(err):
		return Response{}, errStale
	}
	return Response{}, err
}

func (c *Client) giveBack(conn *connection, reusable bool) {
	if reusable {
		c.pool.put(conn)
	} else {
		conn.close()
	}
}

// long is how long a service that works is silent at most, as a rule.
const long = 100 * time.Millisecond

// dumb reports that an idle connection has brought nothing for long when its time was over.
// Either the service is slow, or what is between has forgotten the connection without a word,
// and then those that have been idle for longer as well.
func (c *connection) dumb(ctx context.Context) bool {
	return c.reused && c.untouched() && !errors.Is(ctx.Err(), context.Canceled) && time.Since(c.began) >= long
}

// isClosed reports the errors of a connection that the other side has closed.
func isClosed(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, os.ErrClosed) ||
		errors.Is(err, errCut)
}
