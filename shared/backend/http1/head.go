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
	header  http.Header // what is kept of it; nil if that is nothing
	length  int64       // -1: not said
	chunked bool
	close   bool
}

var endOfHead = []byte("\r\n\r\n")

// readHead reads up to and with the empty line.
func (c *connection) readHead(keep func(string) bool) (head, error) {
	from := 0
	for {
		if i := bytes.Index(c.buf[c.r+from:c.w], endOfHead); i >= 0 {
			end := c.r + from + i
			if end+len(endOfHead)-c.r > c.maxHeader {
				return head{}, errHead
			}
			block := string(c.buf[c.r : end+2]) // the headers' names and values are parts of it
			c.r = end + len(endOfHead)
			return parseHead(block, keep)
		}
		from = max(0, c.w-c.r-len(endOfHead)+1)
		switch {
		case !mayBecomeHead(c.buf[c.r:c.w]):
			return head{}, protocol("it does not begin with a status line")
		case c.w-c.r > c.maxHeader:
			return head{}, errHead
		}
		if err := c.fill(); err != nil {
			return head{}, err
		}
	}
}

// mayBecomeHead looks at the beginning of what is not a head yet: who speaks another protocol
// may never send the rest.
func mayBecomeHead(b []byte) bool {
	const start = "HTTP/1."
	n := min(len(b), len(start))
	lf := bytes.IndexByte(b, '\n')
	return string(b[:n]) == start[:n] && (lf < 0 || b[lf-1] == '\r')
}

// A field is one header line.
type field struct{ name, value string }

// parseHead reads a head whose last line ends with CRLF, as all have to. A nil keep keeps every
// header.
func parseHead(block string, keep func(string) bool) (head, error) {
	line, rest := cutLine(block)
	h, minor, err := parseStatus(line)
	if err != nil {
		return h, err
	}
	var few [12]field
	kept, date, f := few[:0], field{}, framing{}
	for rest != "" {
		line, rest = cutLine(rest)
		name, value, err := parseField(line)
		if err != nil {
			return h, err
		}
		f.add(name, value)
		switch {
		case name == "Transfer-Encoding": // the connection's, not the answer's
		case keep == nil || keep(name):
			kept = append(kept, field{name, value})
		case name == "Date":
			date = field{name, value}
		}
	}
	if date.name != "" && len(kept) > 0 {
		kept = append(kept, date)
	}
	h.header = collect(kept)
	return h, h.frame(minor, f)
}

// cutLine cuts the first line off, without its CRLF. One that ends otherwise keeps its LF, which
// is valid nowhere.
func cutLine(block string) (line, rest string) {
	end := strings.IndexByte(block, '\n') + 1
	if line = block[:end]; strings.HasSuffix(line, "\r\n") {
		line = line[:end-2]
	}
	return line, block[end:]
}

// collect makes headers of lines.
func collect(fields []field) http.Header {
	if len(fields) == 0 {
		return nil
	}
	header, values := make(http.Header, len(fields)), make([]string, 0, len(fields))
	for _, f := range fields {
		if others, ok := header[f.name]; ok {
			header[f.name] = append(others, f.value)
			continue
		}
		values = append(values, f.value)
		header[f.name] = values[len(values)-1 : len(values) : len(values)]
	}
	return header
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
	colon, canonical := scanName(line)
	if colon <= 0 {
		return "", "", protocol("a header's name is malformed")
	}
	if name = line[:colon]; !canonical {
		name = textproto.CanonicalMIMEHeaderKey(name)
	}
	value = trimmed(line[colon+1:])
	if !httpguts.ValidHeaderFieldValue(value) {
		return "", "", protocol("a header's value has control characters")
	}
	return name, value, nil
}

// Kinds of the bytes of a name, which is a token (RFC 9110, 5.6.2).
const (
	noToken byte = iota
	lower
	upper
	other
)

var kinds = func() (kinds [256]byte) {
	for c := range kinds {
		switch b := byte(c); {
		case 'a' <= b && b <= 'z':
			kinds[c] = lower
		case 'A' <= b && b <= 'Z':
			kinds[c] = upper
		case httpguts.IsTokenRune(rune(c)):
			kinds[c] = other
		}
	}
	return kinds
}()

// scanName returns where the colon behind a name is, or -1 if what is before it is none, and
// whether the name is spelled as [textproto.CanonicalMIMEHeaderKey] does: most are.
func scanName(line string) (colon int, canonical bool) {
	canonical = true
	wrong := lower // at the beginning of a word
	for i := range len(line) {
		c := line[i]
		if c == ':' {
			return i, canonical
		}
		switch kinds[c] {
		case noToken:
			return -1, false
		case wrong:
			canonical = false
		}
		if wrong = upper; c == '-' {
			wrong = lower
		}
	}
	return -1, false
}

// trimmed is s without the whitespace around it.
func trimmed(s string) string {
	for s != "" && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	for s != "" && (s[len(s)-1] == ' ' || s[len(s)-1] == '\t') {
		s = s[:len(s)-1]
	}
	return s
}

// A framing is what the headers say of the body's length.
type framing struct {
	lengths, codings int // how many there are of each
	length, coding   string
	trailing         bool // there may be more of it behind the body
	close            bool
}

func (f *framing) add(name, value string) {
	switch name {
	case "Content-Length":
		f.lengths++
		f.length = value
	case "Transfer-Encoding":
		f.codings++
		f.coding = value
	case "Trailer":
		for _, name := range [...]string{"Content-Length", "Transfer-Encoding", "Trailer"} {
			f.trailing = f.trailing || httpguts.HeaderValuesContainsToken([]string{value}, name)
		}
	case "Connection":
		f.close = f.close || httpguts.HeaderValuesContainsToken([]string{value}, "close")
	}
}

// frame finds out how long the body is (RFC 9112, 6.3). Two ways to say it are refused.
func (h *head) frame(minor byte, f framing) error {
	h.close = minor == '0' || f.close
	h.length = -1
	switch {
	case f.codings > 0 && f.lengths > 0:
		return protocol("it has both a Content-Length and a Transfer-Encoding")
	case f.codings > 1 || f.codings == 1 && (minor == '0' || !strings.EqualFold(f.coding, "chunked")):
		return protocol("its Transfer-Encoding is not just chunked")
	case f.codings == 1 && f.trailing:
		return protocol("it announces a trailer that would frame it")
	case f.lengths > 1:
		return protocol("it has two Content-Lengths")
	case f.codings == 1:
		h.chunked = true
	case f.lengths == 1:
		n, err := strconv.ParseUint(f.length, 10, 63)
		if err != nil || f.length[0] == '+' {
			return protocol("its Content-Length is not a number")
		}
		h.length = int64(n)
	}
	return nil
}
