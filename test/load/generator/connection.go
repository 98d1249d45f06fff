package generator

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// A Request is a whole GET request as it is sent.
type Request []byte

// NewRequest returns a GET of target from host. Each header is a line without its end.
func NewRequest(host, target string, headers ...string) Request {
	var b strings.Builder
	b.WriteString("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\nUser-Agent: load\r\nAccept: application/json\r\n")
	for _, h := range headers {
		b.WriteString(h + "\r\n")
	}
	return Request(b.String() + "\r\n")
}

const (
	dialTimeout = 2 * time.Second
	timeout     = 10 * time.Second // of one exchange
)

// A connection carries one exchange after the other and is dialled when it is needed.
type connection struct {
	address string
	conn    net.Conn // nil: there is none
	in      *bufio.Reader
}

func (c *connection) close() {
	if c.conn != nil {
		_ = c.conn.Close()
		c.conn = nil
	}
}

// exchange sends a request and reads the answer, of which it keeps nothing.
func (c *connection) exchange(ctx context.Context, r Request) (status, size int, err error) {
	if c.conn == nil {
		dialer := net.Dialer{Timeout: dialTimeout}
		if c.conn, err = dialer.DialContext(ctx, "tcp", c.address); err != nil {
			return 0, 0, err
		}
		c.in = bufio.NewReaderSize(c.conn, 64<<10)
	}
	_ = c.conn.SetDeadline(time.Now().Add(timeout))
	if _, err = c.conn.Write(r); err != nil {
		c.close()
		return 0, 0, err
	}
	status, size, last, err := readAnswer(c.in)
	if last || err != nil {
		c.close()
	}
	return status, size, err
}

// readAnswer reads an answer to its end; last says that the connection ends with it.
func readAnswer(in *bufio.Reader) (status, size int, last bool, err error) {
	line, err := in.ReadSlice('\n')
	if err != nil {
		return 0, 0, false, err
	}
	if _, rest, ok := bytes.Cut(line, []byte(" ")); ok && len(rest) >= 3 {
		status, _ = strconv.Atoi(string(rest[:3]))
	}
	length, chunked := -1, false
	for {
		if line, err = in.ReadSlice('\n'); err != nil {
			return 0, 0, false, err
		}
		name, value, ok := bytes.Cut(bytes.TrimRight(line, "\r\n"), []byte(":"))
		if !ok {
			break // the empty line
		}
		switch value = bytes.TrimSpace(value); {
		case is(name, "content-length"):
			length, err = strconv.Atoi(string(value))
		case is(name, "transfer-encoding"):
			chunked = is(value, "chunked")
		case is(name, "connection"):
			last = is(value, "close")
		}
		if err != nil {
			return 0, 0, false, err
		}
	}
	switch {
	case chunked:
		size, err = discardChunks(in)
	case length >= 0:
		size, err = in.Discard(length)
	default:
		err = fmt.Errorf("an answer of status %d does not say where it ends", status)
	}
	return status, size, last, err
}

// is compares what HTTP compares without regard to case, and allocates nothing.
func is(got []byte, want string) bool {
	return len(got) == len(want) && strings.EqualFold(string(got), want)
}

func discardChunks(in *bufio.Reader) (size int, err error) {
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return size, err
		}
		digits, _, _ := bytes.Cut(bytes.TrimRight(line, "\r\n"), []byte(";"))
		n, err := strconv.ParseUint(string(digits), 16, 31)
		if err != nil {
			return size, err
		}
		if _, err := in.Discard(int(n) + len("\r\n")); err != nil {
			return size, err
		}
		if size += int(n); n == 0 {
			return size, nil
		}
	}
}
