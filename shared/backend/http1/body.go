package http1

import (
	"errors"
	"io"
	"strings"
)

// readLength reads a body whose length is known, into body if there is room.
func (c *connection) readLength(body []byte, length, limit int64) ([]byte, error) {
	if length > limit {
		return nil, ErrTooLarge
	}
	return c.readN(grow(body, int(length)), int(length))
}

// readN appends the next n bytes to dst, which has room for them. Large bodies are read
// past the buffer.
func (c *connection) readN(dst []byte, n int) ([]byte, error) {
	from := len(dst)
	buffered := min(n, c.w-c.r)
	dst = append(dst, c.buf[c.r:c.r+buffered]...)
	c.r += buffered
	dst = dst[:from+n]
	read, err := io.ReadFull(c.net, dst[from+buffered:])
	c.got += read
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return dst, err
}

// maxChunkLine bounds a chunk's size line with its extensions, and a trailer's line.
const maxChunkLine = 4 << 10

// readChunked reads a chunked body (RFC 9112, 7.1). Trailers are read and dropped.
func (c *connection) readChunked(body []byte, limit int64) ([]byte, error) {
	chunks := chunks{connection: c}
	for {
		size, err := chunks.next()
		if err != nil || size == 0 {
			return body, err
		}
		if size > limit-int64(len(body)) {
			return nil, ErrTooLarge
		}
		if body, err = c.readN(grow(body, int(size)), int(size)); err != nil {
			return nil, err
		}
	}
}

// Chunks are those of one body.
type chunks struct {
	*connection

	begun    bool
	overhead int
}

// next reads up to the data of the next chunk, which may be read once, and returns its size.
// Behind the last one, of size 0, nothing is left of the body.
func (c *chunks) next() (int64, error) {
	if c.begun {
		if end, err := c.readLine(2); err != nil || len(end) > 0 {
			return 0, errors.Join(protocol("a chunk is longer than it says"), err)
		}
	}
	c.begun = true
	line, err := c.readLine(maxChunkLine)
	if err != nil {
		return 0, err
	}
	size, err := chunkSize(line)
	if err != nil {
		return 0, err
	}
	if size == 0 {
		return 0, c.skipTrailers()
	}
	// A body in tiny chunks, or with long extensions, costs more than it is worth.
	if c.overhead += len(line) - int(min(size, 1<<20)); c.overhead > 64<<10 {
		return 0, ErrTooLarge
	}
	c.overhead = max(c.overhead, 0)
	return size, nil
}

func grow(b []byte, n int) []byte {
	if cap(b)-len(b) >= n {
		return b
	}
	bigger := make([]byte, len(b), max(2*cap(b), len(b)+n))
	copy(bigger, b)
	return bigger
}

// chunkSize reads a chunk's size: at most 15 hexadecimal digits, then perhaps extensions,
// which are ignored.
func chunkSize(line []byte) (size int64, err error) {
	digits, _, _ := strings.Cut(string(line), ";")
	digits = strings.TrimRight(digits, " \t")
	if digits == "" || len(digits) > 15 {
		return 0, protocol("a chunk's size is malformed")
	}
	for _, d := range []byte(digits) {
		switch {
		case '0' <= d && d <= '9':
			d -= '0'
		case 'a' <= d && d <= 'f':
			d -= 'a' - 10
		case 'A' <= d && d <= 'F':
			d -= 'A' - 10
		default:
			return 0, protocol("a chunk's size is malformed")
		}
		size = size<<4 | int64(d)
	}
	return size, nil
}

// skipTrailers reads up to and with the empty line that ends a chunked body.
func (c *connection) skipTrailers() error {
	for total := 0; ; {
		line, err := c.readLine(maxChunkLine)
		if err != nil || len(line) == 0 {
			return err
		}
		if _, _, err := parseField(string(line)); err != nil {
			return err
		}
		if total += len(line); total > c.maxHeader {
			return ErrTooLarge
		}
	}
}

// readToEnd reads a body that ends with its connection.
func (c *connection) readToEnd(limit int64) ([]byte, error) {
	body := append([]byte(nil), c.buf[c.r:c.w]...)
	c.r = c.w
	rest, err := io.ReadAll(io.LimitReader(c.net, limit+1-int64(min(len(body), int(limit)+1))))
	body = append(body, rest...)
	if int64(len(body)) > limit {
		return nil, ErrTooLarge
	}
	return body, err
}
