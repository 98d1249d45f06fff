package http1

import (
	"cmp"
	"errors"
	"io"
	"math"
)

// A stream is a body that is read as it comes. It holds its connection until it is closed.
// It is not safe for concurrent use.
type stream struct {
	conn   *connection
	chunks *chunks // nil: the body has a length, or ends with its connection
	left   int64   // of the body or of the chunk
	toEnd  bool    // the body ends with its connection
	close  bool    // the connection ends with the body

	client *Client

	err    error // io.EOF: it has been read to its end
	closed bool
}

func newStream(c *connection, h head) *stream {
	s := &stream{conn: c, left: h.length, close: h.close}
	switch {
	case h.chunked:
		s.chunks, s.left = &chunks{connection: c}, 0
	case h.length < 0:
		s.left, s.toEnd, s.close = math.MaxInt64, true, true
	}
	return s
}

// Read returns io.EOF only behind the whole body.
func (s *stream) Read(p []byte) (n int, err error) {
	if s.err == nil {
		n, s.err = s.read(p)
	}
	for s.err == nil && n < len(p) && s.left == 0 && s.chunks.more() {
		var more int
		more, s.err = s.read(p[n:])
		n += more
	}
	return n, s.err
}

func (s *stream) read(p []byte) (int, error) {
	if s.chunks != nil && s.left == 0 {
		size, err := s.chunks.next()
		if err != nil {
			return 0, s.reason(err)
		}
		if size == 0 {
			return 0, io.EOF
		}
		s.left = size
	}
	n, err := s.conn.read(p[:min(int64(len(p)), s.left)])
	s.left -= int64(n)
	switch {
	case s.left == 0 && s.chunks == nil:
		return n, io.EOF
	case s.toEnd && errors.Is(err, io.EOF):
		return n, io.EOF
	case err != nil:
		return n, s.reason(err)
	}
	return n, nil
}

// reason is why a stream broke off.
func (s *stream) reason(err error) error {
	switch {
	case s.conn.ctx.Err() != nil:
		return s.conn.ctx.Err()
	case errors.Is(err, io.EOF):
		return io.ErrUnexpectedEOF
	}
	return err
}

// Close gives the connection back if the whole body was read.
func (s *stream) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	undisturbed := s.conn.end()
	s.conn.putBuffer()
	s.client.giveBack(s.conn, undisturbed && s.err == io.EOF && !s.close && s.conn.r == s.conn.w)
	s.client.leave()
	s.err = cmp.Or(s.err, errClosed)
	return nil
}

var errClosed = errors.New("the stream is closed")
