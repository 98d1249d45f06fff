package serve

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
)

// A connection to a client can hold back what is written to it. net/http has a buffer of
// 4 KiB per connection, so that it would send every larger answer in several pieces, each
// at the price of a system call.
type connection struct {
	net.Conn
	held *[]byte // nil: nothing is held back
}

var held = sync.Pool{New: func() any { return new([]byte) }}

// maxHeld is how much memory an answer may take that is held back.
const maxHeld = 1 << 20

func (c *connection) Write(p []byte) (int, error) {
	if c.held == nil {
		return c.Conn.Write(p)
	}
	if len(*c.held)+len(p) > maxHeld {
		if err := c.release(); err != nil {
			return 0, err
		}
		return c.Conn.Write(p)
	}
	*c.held = append(*c.held, p...)
	return len(p), nil
}

// CloseWrite tells the client that the answer is over while it may still be sending, for
// net/http, which asks for it where a mere close could reset the connection (RFC 9112, 9.6).
func (c *connection) CloseWrite() error {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok {
		return errors.ErrUnsupported
	}
	return half.CloseWrite()
}

// release sends what has been held back.
func (c *connection) release() error {
	if c.held == nil {
		return nil
	}
	all := c.held
	c.held = nil
	_, err := c.Conn.Write(*all)
	*all = (*all)[:0]
	held.Put(all)
	return err
}

type connectionKey struct{}

// small is an answer that fits with its headers into net/http's buffer, in one piece.
const small = 2 << 10

// Whole calls write, which writes a whole answer with a body of that size, and sends all of it
// at once. It must be called on the goroutine of the request, and at most once for an answer.
// Where the answer does not go to a connection of a [Server] it only calls write.
func Whole(w http.ResponseWriter, r *http.Request, size int, write func()) {
	if size < small {
		write()
		return
	}
	c, _ := r.Context().Value(connectionKey{}).(*connection)
	if c == nil || r.ProtoMajor != 1 {
		write()
		return
	}
	c.held = held.Get().(*[]byte)
	defer func() { _ = c.release() }() // the client went away: net/http finds out by itself
	write()
	_ = http.NewResponseController(w).Flush()
}

func withConnection(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, c)
}

// A listener makes connections of what it accepts.
type listener struct{ net.Listener }

func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &connection{Conn: c}, nil
}
