package cache

import (
	"strings"
	"time"
)

// directives are those of Cache-Control (RFC 9111, 5.2) that this cache knows; any other is
// ignored (5.2.3). One that is restricted to some fields, as in private="x-a, x-b", counts as
// if it were not.
type directives struct {
	noStore, noCache, onlyIfCached bool

	private, public                 bool
	mustRevalidate, proxyRevalidate bool
	mustUnderstand                  bool

	maxAge, sMaxAge                    seconds
	staleWhileRevalidate, staleIfError seconds
	minFresh, maxStale                 seconds
}

// seconds is the argument of a directive. What is given twice has its smallest value, and what
// is malformed is 0 (RFC 9111, 4.2.1).
type seconds struct {
	given bool
	time.Duration
}

func (s *seconds) read(argument string) {
	d, _ := deltaSeconds(argument)
	if s.given {
		d = min(d, s.Duration)
	}
	*s = seconds{true, d}
}

// readDirectives reads the lines of a Cache-Control header.
func readDirectives(lines []string) (d directives) {
	for _, line := range lines {
		for line != "" {
			var one string
			one, line = nextDirective(line)
			name, argument, _ := strings.Cut(one, "=")
			d.add(strings.TrimSpace(name), unquote(strings.TrimSpace(argument)))
		}
	}
	return d
}

func (d *directives) add(name, argument string) {
	if flag := d.flag(name); flag != nil {
		*flag = true
		return
	}
	switch {
	case strings.EqualFold(name, "max-stale"):
		if argument == "" { // however stale
			argument = longest
		}
		d.maxStale.read(argument)
	default:
		if s := d.seconds(name); s != nil {
			s.read(argument)
		}
	}
}

const longest = "2147483648" // RFC 9111, 1.2.2

func (d *directives) flag(name string) *bool {
	for _, known := range [...]struct {
		name string
		flag *bool
	}{
		{"no-store", &d.noStore},
		{"no-cache", &d.noCache},
		{"private", &d.private},
		{"public", &d.public},
		{"must-revalidate", &d.mustRevalidate},
		{"proxy-revalidate", &d.proxyRevalidate},
		{"must-understand", &d.mustUnderstand},
		{"only-if-cached", &d.onlyIfCached},
	} {
		if strings.EqualFold(name, known.name) {
			return known.flag
		}
	}
	return nil
}

func (d *directives) seconds(name string) *seconds {
	for _, known := range [...]struct {
		name    string
		seconds *seconds
	}{
		{"max-age", &d.maxAge},
		{"s-maxage", &d.sMaxAge},
		{"stale-while-revalidate", &d.staleWhileRevalidate},
		{"stale-if-error", &d.staleIfError},
		{"min-fresh", &d.minFresh},
	} {
		if strings.EqualFold(name, known.name) {
			return known.seconds
		}
	}
	return nil
}

// nextDirective cuts at the first comma outside of a quoted string. A string that is not
// closed hides nothing: the line is cut at its commas all the same.
func nextDirective(line string) (one, rest string) {
	quoted, escaped := false, false
	for i := range len(line) {
		switch c := line[i]; {
		case escaped:
			escaped = false
		case quoted && c == '\\':
			escaped = true
		case c == '"':
			quoted = !quoted
		case c == ',' && !quoted:
			return line[:i], line[i+1:]
		}
	}
	if quoted {
		one, rest, _ = strings.Cut(line, ",")
		return one, rest
	}
	return line, ""
}

func unquote(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

// deltaSeconds reads what RFC 9111, 1.2.2, calls so; what is too large means a very long time.
func deltaSeconds(s string) (time.Duration, bool) {
	const most = 1 << 31
	if s == "" {
		return 0, false
	}
	var n int64
	for i := range len(s) {
		c := s[i]
		if c < '0' || c > '9' {
			return 0, false
		}
		n = min(n*10+int64(c-'0'), most)
	}
	return time.Duration(n) * time.Second, true
}
