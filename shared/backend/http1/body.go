package http1

import (
	"bytes"
	"errors"
	"io"
	"strings"
)

// readLength reads a body whose length is known.
func (c *connection) readLength(length, limit int64) ([]byte, error) {
	if length > limit {
		return nil, ErrTooLarge
	}
	if err := c.need(int(length)); err != nil {
		return nil, err
	}
	body := c.buf[c.r : c.r+int(length) : c.r+int(length)]
	c.r += int(length)
	return body, nil
}

// believed is how much memory there is for a body that is only announced.
const believed = 1 << 20

// need reads until there are n bytes. Where they are not, it makes the buffer as large as
// they are at once, to be filled with few reads; a very large one only when much has come.
func (c *connection) need(n int) error {
	for c.w-c.r < n {
		if least := min(c.kept+n, max(believed, 2*c.w)); least > len(c.buf) {
			c.grow(max(least, c.doubled()))
		}
		if c.r+n <= len(c.buf) { // nothing has to move
			if err := c.readMore(); err != nil {
				return err
			}
		} else if err := c.fill(); err != nil {
			return err
		}
	}
	return nil
}

// maxChunkLine bounds a chunk's size line with its extensions, and a trailer's line.
const maxChunkLine = 4 << 10

// readChunked reads a chunked body (RFC 9112, 7.1). Its data moves together in the buffer.
// Trailers are read and dropped.
func (c *connection) readChunked(limit int64) ([]byte, error) {
	chunks := chunks{connection: c}
	for {
		size, err := chunks.next()
		if err != nil {
			return nil, err
		}
		if size == 0 {
			return c.buf[:c.kept:c.kept], nil
		}
		if size > limit-int64(c.kept) {
			return nil, ErrTooLarge
		}
		if err := c.need(int(size)); err != nil {
			return nil, err
		}
		copy(c.buf[c.kept:], c.buf[c.r:c.r+int(size)])
		c.kept += int(size)
		c.r += int(size)
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
	// A body with long extensions costs more than it is worth. Tiny chunks may be meant so.
	c.overhead = max(0, c.overhead+len(line)-16-2*int(min(size, 1<<20)))
	if c.overhead > 16<<10 {
		return 0, errFrames
	}
	return size, nil
}

// more reports behind a chunk that the beginning of another one's data is there, or of what
// follows the last.
func (c *chunks) more() bool {
	_, there, _ := bytes.Cut(c.buf[c.r:c.w], lineFeed) // the end of the data before
	_, there, _ = bytes.Cut(there, lineFeed)
	return len(there) > 0
}

var lineFeed = []byte("\n")

// chunkSize reads a chunk's size: at most 15 hexadecimal digits, then perhaps extensions,
// which are ignored.
func chunkSize(line []byte) (size int64, err error) {
	digits, _, _ := strings.Cut(strings.TrimRight(string(line), " \t"), ";")
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
			return errFrames
		}
	}
}

// readToEnd reads a body that ends with its connection.
func (c *connection) readToEnd(limit int64) ([]byte, error) {
	for int64(c.w-c.r) <= limit {
		switch err := c.fill(); {
		case errors.Is(err, io.ErrUnexpectedEOF):
			body := c.buf[c.r:c.w:c.w]
			c.r = c.w
			return body, nil
		case err != nil:
			return nil, err
		}
	}
	return nil, ErrTooLarge
}
