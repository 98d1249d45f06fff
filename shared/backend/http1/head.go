package http1

import (
	"bytes"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// A head is the status line and the headers of an answer.
type head struct {
	status  int
	header  http.Header
	length  int64 // -1: not said
	chunked bool
	close   bool
}

var endOfHead = []byte("\r\n\r\n")

// readHead reads up to and with the empty line.
func (c *connection) readHead() (head, error) {
	from := 0
	for {
		if i := bytes.Index(c.buf[c.r+from:c.w], endOfHead); i >= 0 {
			end := c.r + from + i
			block := string(c.buf[c.r : end+2]) // the headers' names and values are parts of it
			c.r = end + len(endOfHead)
			return parseHead(block)
		}
		from = max(0, c.w-c.r-len(endOfHead)+1)
		if c.w-c.r > c.maxHeader {
			return head{}, ErrTooLarge
		}
		if err := c.fill(); err != nil {
			return head{}, err
		}
	}
}

// parseHead reads a head whose every line ends with CRLF.
func parseHead(block string) (head, error) {
	line, rest, _ := strings.Cut(block, "\r\n")
	h, minor, err := parseStatus(line)
	if err != nil {
		return h, err
	}
	count := strings.Count(rest, "\r\n")
	h.header = make(http.Header, count)
	values := make([]string, 0, count)
	for rest != "" {
		line, rest, _ = strings.Cut(rest, "\r\n")
		name, value, err := parseField(line)
		if err != nil {
			return h, err
		}
		if others, ok := h.header[name]; ok {
			h.header[name] = append(others, value)
			continue
		}
		values = append(values, value)
		h.header[name] = values[len(values)-1 : len(values) : len(values)]
	}
	return h, h.frame(minor)
}

// parseStatus reads a status line (RFC 9112, 4).
func parseStatus(line string) (h head, minor byte, err error) {
	if len(line) < 12 || !strings.HasPrefix(line, "HTTP/1.") || line[8] != ' ' || len(line) > 12 && line[12] != ' ' {
		return h, 0, protocol("the status line is malformed")
	}
	minor = line[7]
	h.status, err = strconv.Atoi(line[9:12])
	if err != nil || h.status < 100 || h.status > 599 || line[9] == '+' || minor != '0' && minor != '1' {
		return h, 0, protocol("the status line is malformed")
	}
	if !httpguts.ValidHeaderFieldValue(line[12:]) {
		return h, 0, protocol("the reason phrase has control characters")
	}
	return h, minor, nil
}

// parseField reads a header line (RFC 9112, 5). A folded line is refused.
func parseField(line string) (name, value string, err error) {
	name, value, ok := strings.Cut(line, ":")
	if !ok || !httpguts.ValidHeaderFieldName(name) {
		return "", "", protocol("a header's name is malformed")
	}
	value = strings.Trim(value, " \t")
	if !httpguts.ValidHeaderFieldValue(value) {
		return "", "", protocol("a header's value has control characters")
	}
	return textproto.CanonicalMIMEHeaderKey(name), value, nil
}

// frame finds out how long the body is (RFC 9112, 6.3). Two ways to say it are refused.
func (h *head) frame(minor byte) error {
	h.close = minor == '0' || httpguts.HeaderValuesContainsToken(h.header["Connection"], "close")
	h.length = -1
	codings, lengths := h.header["Transfer-Encoding"], h.header["Content-Length"]
	switch {
	case len(codings) > 0 && len(lengths) > 0:
		return protocol("it has both a Content-Length and a Transfer-Encoding")
	case len(codings) > 1 || len(codings) == 1 && (minor == '0' || !strings.EqualFold(codings[0], "chunked")):
		return protocol("its Transfer-Encoding is not just chunked")
	case len(lengths) > 1:
		return protocol("it has two Content-Lengths")
	case len(codings) == 1:
		h.chunked = true
		delete(h.header, "Transfer-Encoding") // of the connection, not of the answer
	case len(lengths) == 1:
		n, err := strconv.ParseUint(lengths[0], 10, 63)
		if err != nil || lengths[0][0] == '+' {
			return protocol("its Content-Length is not a number")
		}
		h.length = int64(n)
	}
	return nil
}
