package route

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/facet-bff/facet/shared/fault"
)

// segments are those of most paths.
type segments [12]string

// segmentsOf returns the decoded segments of a URL's path, in few if there are no more than
// fit; a trailing slash makes a last empty one. It refuses every path that two parties could
// read in different ways: what it returns has one meaning, no matter how often somebody
// decodes it.
func segmentsOf(u *url.URL, few *segments) ([]string, error) {
	decoded := few[:0]
	for rest, more := strings.TrimPrefix(u.EscapedPath(), "/"), true; more; {
		var raw string
		raw, rest, more = strings.Cut(rest, "/")
		segment, err := url.PathUnescape(raw)
		switch {
		case err != nil:
			return nil, refused("is not percent-encoded correctly")
		case segment == "" && more:
			return nil, refused("has an empty segment")
		}
		if why := suspicious(segment); why != "" {
			return nil, refused(why)
		}
		decoded = append(decoded, segment)
	}
	return decoded, nil
}

// suspicious says what is wrong with a decoded segment; empty is nothing. As nothing in
// it may be decoded once more, further decodings cannot bring up what is refused here.
func suspicious(segment string) string {
	switch {
	case segment == "." || segment == "..":
		return "has a dot segment"
	case strings.ContainsAny(segment, `/\;`):
		return "has a slash, backslash or semicolon inside a segment"
	case !utf8.ValidString(segment):
		return "is not UTF-8"
	case strings.ContainsFunc(segment, unicode.IsControl):
		return "has a control character"
	case encoded(segment):
		return "is encoded twice"
	}
	return ""
}

// encoded reports whether s has a percent-encoded byte.
func encoded(s string) bool {
	for i := range max(0, len(s)-2) {
		if s[i] == '%' && isHex(s[i+1]) && isHex(s[i+2]) {
			return true
		}
	}
	return false
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func refused(why string) error {
	return &fault.Error{Kind: fault.Invalid, Detail: "The path " + why + "."}
}

// escape encodes a segment so that equal segments look the same: what may stand in a
// segment as it is (RFC 3986, 3.3) is left, everything else is encoded.
func escape(segment string) string {
	clean := true
	for i := range len(segment) {
		clean = clean && isPathChar(segment[i])
	}
	if clean {
		return segment
	}
	const hex = "0123456789ABCDEF"
	b := make([]byte, 0, 3*len(segment))
	for i := range len(segment) {
		if c := segment[i]; isPathChar(c) {
			b = append(b, c)
		} else {
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return string(b)
}

func isPathChar(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	return strings.IndexByte("-._~!$&'()*+,=:@", c) >= 0
}
