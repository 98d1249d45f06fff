package route

import (
	"net/url"
	"slices"
	"strings"

	"github.com/facet-bff/facet/shared/fault"
)

// A query says which parameters pass.
type query struct {
	all   bool
	names map[string]bool
}

func newQuery(names []string) query {
	q := query{all: slices.Contains(names, "*"), names: map[string]bool{}}
	for _, name := range names {
		q.names[name] = true
	}
	return q
}

// pass returns what passes of a raw query, in its order and encoded anew, with the
// question mark; empty if nothing is left. Also what does not pass must be well-formed.
func (q query) pass(raw string) (string, error) {
	var b strings.Builder
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		key, value, assigned := strings.Cut(pair, "=")
		name, badName := url.QueryUnescape(key)
		text, badValue := url.QueryUnescape(value)
		if badName != nil || badValue != nil || strings.Contains(pair, ";") {
			return "", &fault.Error{Kind: fault.Invalid, Detail: "The query is malformed."}
		}
		if !q.all && !q.names[name] {
			continue
		}
		if b.Len() == 0 {
			b.WriteByte('?')
		} else {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(name))
		if assigned {
			b.WriteByte('=')
			b.WriteString(url.QueryEscape(text))
		}
	}
	return b.String(), nil
}
