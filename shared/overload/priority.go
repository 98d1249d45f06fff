package overload

import (
	"fmt"
	"net/http"
	"strings"
)

// A Priority says who is refused first. The zero value goes by the method: what changes
// something is Write, the rest is Read.
type Priority uint8

const (
	byMethod Priority = iota
	// Critical requests are never refused.
	Critical
	// Write is what changes something: who does that has spent time on it already.
	Write
	// Read is what somebody waits for.
	Read
	// Background is what nobody waits for.
	Background

	priorities
)

var names = [priorities]string{"", "critical", "write", "read", "background"}

// String is the priority's name, in configuration and metrics.
func (p Priority) String() string { return names[p] }

// MarshalText writes the priority's name.
func (p Priority) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads a priority's name.
func (p *Priority) UnmarshalText(text []byte) error {
	for i, name := range names {
		if name != "" && name == string(text) {
			*p = Priority(i)
			return nil
		}
	}
	return fmt.Errorf("%q is not a priority; use critical, write, read or background", text)
}

// of is the priority of one request. A browser that only guesses what will be asked for
// says so.
func (p Priority) of(r *http.Request) Priority {
	if p == byMethod {
		p = Write
		switch r.Method {
		case http.MethodGet, http.MethodHead, http.MethodOptions:
			p = Read
		}
	}
	if p == Read && prefetched(r.Header["Sec-Purpose"]) {
		return Background
	}
	return p
}

// prefetched looks for the token prefetch, which may have parameters.
func prefetched(values []string) bool {
	for _, value := range values {
		for member := range strings.SplitSeq(value, ",") {
			token, _, _ := strings.Cut(member, ";")
			if strings.EqualFold(strings.TrimSpace(token), "prefetch") {
				return true
			}
		}
	}
	return false
}
