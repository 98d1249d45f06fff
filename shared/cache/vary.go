package cache

import (
	"crypto/sha256"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
)

// Vary is the list of request headers that an answer depends on (RFC 9111, 4.1), in a normal
// form; nil is none.
func Vary(h http.Header) []string {
	lines := h["Vary"]
	if len(lines) == 0 {
		return nil
	}
	var names []string
	for _, line := range lines {
		for name := range strings.SplitSeq(line, ",") {
			if name = strings.TrimSpace(name); name != "" {
				names = append(names, textproto.CanonicalMIMEHeaderKey(name))
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Variant names the request among those that get different answers because of the named
// headers. It does not tell what is in them: they may be credentials.
func Variant(names []string, request http.Header) string {
	var room [256]byte
	b := room[:0]
	part := func(s string) { // its length goes before it, so that no two parts run together
		b = strconv.AppendInt(b, int64(len(s)), 10)
		b = append(append(b, ':'), s...)
	}
	for _, name := range names {
		part(name)
		if values := request[name]; len(values) > 0 {
			part(normal(name, values))
		} else {
			b = append(b, '-')
		}
	}
	sum := sha256.Sum256(b)
	return string(sum[:])
}

var noSpace = strings.NewReplacer(" ", "", "\t", "")

// normal is the same for values that mean the same: in several lines or in one and, where
// the syntax is known, in any case and with any space between.
func normal(name string, values []string) string {
	all := strings.Join(values, ", ")
	switch name {
	case "Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language":
		return strings.ToLower(noSpace.Replace(all))
	}
	return all
}
