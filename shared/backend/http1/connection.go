package http1

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// A connection is used by one exchange at a time.
type connection struct {
	net    net.Conn // what is read and written
	raw    net.Conn // the same, or what is below its TLS
	reused bool     // it comes from the pool
	since  time.Time

	*probe // of its being idle
	watch  // of the exchange

	buf       []byte  // of this exchange; what has been read and not used is buf[r:w]
	kept      int     // what is kept of it: buf[:kept]
	pooled    *[]byte // where buf came from and goes to, of a stream
	r, w      int
	unsent    error // why not all of the request was sent; the answer may be there all the same
	got       int   // bytes of this exchange's answer
	most      int   // how large buf may become by doubling: more never has to fit
	maxHeader int
}

// readSize holds the head of nearly every answer and the whole of most.
const readSize = 8 << 10

func newConnection(conn, raw net.Conn, maxHeader int) *connection {
	return &connection{net: conn, raw: raw, maxHeader: maxHeader, probe: newProbe(raw), watch: newWatch(raw, conn == raw)}
}

func (c *connection) close() { _ = c.raw.Close() }

// untouched reports that nothing of an answer has come yet.
func (c *connection) untouched() bool { return c.got == 0 }

// exchange writes the request and reads the answer. An idle connection holds no memory.
func (c *connection) exchange(r *Request) (res Response, reusable bool, err error) {
	c.got, c.kept, c.r, c.w, c.unsent = 0, 0, 0, 0, nil
	c.most = int(min(r.MaxBody, 1<<40)) + readSize
	if err := c.write(r); err != nil {
		return Response{}, false, err
	}
	buffer := r.Buffer
	if r.Stream {
		buffer = buffers.Get().(*[]byte)
		c.pooled = buffer
	}
	if c.buf = (*buffer)[:cap(*buffer)]; len(c.buf) < readSize {
		c.buf = make([]byte, readSize)
	}
	if res, reusable, err = c.receive(r); err == nil && res.Stream != nil {
		return res, reusable, nil
	}
	if err != nil && c.unsent != nil {
		err = c.unsent
	}
	if r.Stream {
		if err == nil {
			res.Body = bytes.Clone(res.Body)
		}
		c.putBuffer()
	} else {
		*buffer, c.buf = c.buf, nil
	}
	return res, reusable, err
}

// buffers are for streams.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

func (c *connection) putBuffer() {
	if *c.pooled = c.buf; cap(c.buf) <= 64<<10 {
		buffers.Put(c.pooled)
	}
	c.buf, c.pooled = nil, nil
}

func (c *connection) receive(r *Request) (Response, bool, error) {
	for range 6 { // a few interim answers (1xx) may come first
		h, err := c.readHead(r.Keep)
		if err != nil {
			return Response{}, false, err
		}
		if h.status == 101 {
			return Response{}, false, protocol("it switches protocols, which nobody asked for")
		}
		if h.status >= 200 {
			return c.finish(h, r)
		}
	}
	return Response{}, false, protocol("too many interim answers")
}

var heads = sync.Pool{New: func() any { return new([]byte) }}

// write sends the whole request with one write.
func (c *connection) write(r *Request) error {
	pooled := heads.Get().(*[]byte)
	defer heads.Put(pooled)
	b := (*pooled)[:0]
	b = append(b, r.Method...)
	b = append(b, ' ')
	b = append(b, r.Target...)
	b = append(b, " HTTP/1.1\r\nHost: "...)
	b = append(b, r.Host...)
	b = append(b, "\r\n"...)
	b = append(b, r.Header...)
	if len(r.Body) > 0 || r.Method != http.MethodGet && r.Method != http.MethodHead {
		b = append(b, "Content-Length: "...)
		b = strconv.AppendInt(b, int64(len(r.Body)), 10)
		b = append(b, "\r\n"...)
	}
	b = append(b, "\r\n"...)
	b = append(b, r.Body...)
	if cap(b) <= 64<<10 {
		*pooled = b
	}
	n, err := c.send(b)
	if n > 0 && isClosed(err) {
		c.unsent, err = err, nil // of a request that it refuses, a service may read no more
	}
	return err
}

// send writes to the network. What takes long is watched from then on.
func (c *connection) send(b []byte) (int, error) {
	n, err := c.net.Write(b)
	if c.overdue(err) {
		c.start()
		var more int
		more, err = c.net.Write(b[n:])
		n += more
	}
	return n, err
}

// finish reads the body that a head announces, or begins to stream it.
func (c *connection) finish(h head, r *Request) (Response, bool, error) {
	res := Response{Status: h.status, Header: h.header}
	h.close = h.close || c.unsent != nil
	reusable := !h.close
	var err error
	switch {
	case r.Method == http.MethodHead || h.status == 304:
	case h.status == 204:
		reusable = reusable && !h.chunked && h.length <= 0 // or a body may still come
	case r.Stream && !c.has(h):
		res.Stream, res.Size = newStream(c, h), h.length
	case r.Stream:
		res.Body, err = c.readLength(h.length, h.length)
	case h.chunked:
		res.Body, err = c.readChunked(r.MaxBody)
	case h.length >= 0:
		res.Body, err = c.readLength(h.length, r.MaxBody)
	default:
		reusable = false
		res.Body, err = c.readToEnd(r.MaxBody)
	}
	// What follows a whole answer belongs to nothing that we have asked.
	return res, reusable && c.r == c.w, err
}

// has reports whether all of the body is in the buffer already.
func (c *connection) has(h head) bool { return h.length >= 0 && int64(c.w-c.r) >= h.length }

// fill reads more into the buffer.
func (c *connection) fill() error {
	if c.r > c.kept {
		c.w = c.kept + copy(c.buf[c.kept:], c.buf[c.r:c.w])
		c.r = c.kept
	}
	if c.w == len(c.buf) {
		c.grow(max(c.doubled(), len(c.buf)+readSize))
	}
	return c.readMore()
}

// readMore reads behind what there is.
func (c *connection) readMore() error {
	n, err := c.receiveInto(c.buf[c.w:])
	c.w += n
	c.got += n
	if n > 0 {
		return nil
	}
	if err == io.EOF && c.got > 0 {
		return io.ErrUnexpectedEOF
	}
	return err
}

// doubled is how large to make the buffer for what may come. The last step is to the most.
func (c *connection) doubled() int {
	if n := 2 * len(c.buf); 2*n <= c.most {
		return n
	}
	return c.most
}

// grow makes the buffer n bytes long.
func (c *connection) grow(n int) {
	bigger := make([]byte, n)
	copy(bigger, c.buf[:c.w])
	c.buf = bigger
}

// read reads what there is, from the buffer first.
func (c *connection) read(p []byte) (int, error) {
	if c.r < c.w {
		n := copy(p, c.buf[c.r:c.w])
		c.r += n
		return n, nil
	}
	return c.receiveInto(p)
}

// receiveInto reads from the network. What takes long is watched from then on.
func (c *connection) receiveInto(p []byte) (int, error) {
	n, err := c.net.Read(p)
	if n == 0 && c.overdue(err) {
		c.start()
		n, err = c.net.Read(p)
	}
	return n, err
}

// readLine returns the next line without its end (CRLF), which is less than limit bytes. The
// line is valid until the next read.
func (c *connection) readLine(limit int) ([]byte, error) {
	from := 0
	for {
		if i := bytes.IndexByte(c.buf[c.r+from:c.w], '\n'); i >= 0 {
			line := c.buf[c.r : c.r+from+i]
			c.r += from + i + 1
			if at := bytes.IndexByte(line, '\r'); at < 0 || at != len(line)-1 {
				return nil, protocol("a line does not end with CRLF, or has another CR")
			}
			if len(line) > limit {
				return nil, errFrames
			}
			return line[:len(line)-1], nil
		}
		from = c.w - c.r
		if from > limit {
			return nil, errFrames
		}
		if err := c.fill(); err != nil {
			return nil, err
		}
	}
}

func protocol(what string) error { return fmt.Errorf("%w: %s", ErrProtocol, what) }
