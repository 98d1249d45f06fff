package http1

import (
	"errors"
	"io"
	"net"
	"os"
)

// silent looks whether TLS has read more of an idle connection than anybody asked for. What is
// still to be read, alive knows.
func (c *connection) silent() bool {
	if c.plain {
		return true
	}
	_ = c.raw.SetDeadline(longAgo) // nothing is waited for; TLS lets a read come too late, unlike a write
	var one [1]byte
	n, err := c.net.Read(one[:])
	return n == 0 && errors.Is(err, os.ErrDeadlineExceeded)
}

// An announced connection is below TLS. It keeps apart the two ends that a connection may have:
// crypto/tls takes both for the end of what was sent, and only one of them is its sender's.
type announced struct{ net.Conn }

// errCut is the end of a connection that was not announced (RFC 8446, 6.1). It may cut off an
// answer that ends with its connection (RFC 9112, 9.8).
var errCut = errors.New("the connection ended without the end of its TLS")

func (a announced) Read(p []byte) (int, error) {
	n, err := a.Conn.Read(p)
	if err == io.EOF {
		err = errCut
	}
	return n, err
}
