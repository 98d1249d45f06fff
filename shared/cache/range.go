package cache

import (
	"net/http"
	"strconv"
	"strings"
)

// Range is the part that a request asks for of a body of that size, both ends included (RFC
// 9110, 14.1.2). It is false if that is not exactly one that is there: what to make of such a
// request is the service's to say.
func Range(request http.Header, size int) (first, last int, ok bool) {
	lines := request["Range"]
	if len(lines) != 1 || size == 0 {
		return 0, 0, false
	}
	spec, ok := strings.CutPrefix(strings.TrimSpace(lines[0]), "bytes=")
	from, to, dash := strings.Cut(strings.TrimSpace(spec), "-")
	if !ok || !dash {
		return 0, 0, false
	}
	if from == "" { // so many from the end
		n, valid := position(to)
		return max(0, size-n), size - 1, valid && n > 0
	}
	first, ok = position(from)
	last = size - 1
	if to != "" {
		end, valid := position(to)
		last, ok = min(last, end), ok && valid && end >= first
	}
	return first, last, ok && first < size
}

// position reads digits only.
func position(s string) (int, bool) {
	if s == "" || len(s) > 18 || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}
