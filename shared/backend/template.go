package backend

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// A template is the part of RFC 6570 that services need: literals and {var} in the
// path, then at most one {?a,b*} for the query.
type template struct {
	source string
	path   []segment
	query  []variable
}

// A segment is a literal, or a variable where name is set.
type segment struct {
	literal, name string
	number        bool // it is filled by a whole number, which has nothing to escape
}

type variable struct {
	name    string
	explode bool // one parameter per element instead of a comma-separated list
}

func parseTemplate(s string) (template, error) {
	t := template{source: s}
	if !strings.HasPrefix(s, "/") {
		return t, fmt.Errorf("path %q does not begin with a slash", s)
	}
	path, query, found := strings.Cut(s, "{?")
	if found {
		list, ok := strings.CutSuffix(query, "}")
		if !ok {
			return t, fmt.Errorf("path %q: {? must be closed at the end", s)
		}
		for name := range strings.SplitSeq(list, ",") {
			name, explode := strings.CutSuffix(name, "*")
			t.query = append(t.query, variable{name, explode})
		}
	}
	for path != "" {
		literal, rest, found := strings.Cut(path, "{")
		if literal != "" {
			t.path = append(t.path, segment{literal: literal})
		}
		if !found {
			break
		}
		name, after, ok := strings.Cut(rest, "}")
		if !ok {
			return t, fmt.Errorf("path %q: a { is not closed", s)
		}
		t.path = append(t.path, segment{name: name})
		path = after
	}
	return t, t.check(s)
}

// check refuses what would be lost or ambiguous.
func (t template) check(s string) error {
	var seen []string
	for _, name := range t.names() {
		switch {
		case name == "" || strings.ContainsAny(name, "+#./;?&=,!@|:*{} "):
			return fmt.Errorf("path %q: %q is not a variable's name", s, name)
		case slices.Contains(seen, name):
			return fmt.Errorf("path %q has {%s} twice", s, name)
		}
		seen = append(seen, name)
	}
	var plain strings.Builder
	for _, p := range t.path {
		if strings.ContainsAny(p.literal, "?#} ") {
			return fmt.Errorf("path %q: write a query as {?name}", s)
		}
		if strings.ContainsFunc(p.literal, func(r rune) bool { return r > unicode.MaxASCII }) {
			return fmt.Errorf("path %q is not plain ASCII: percent-encode it", s)
		}
		plain.WriteString(p.literal + p.name)
	}
	if _, err := url.ParseRequestURI(plain.String()); err != nil {
		return fmt.Errorf("path %q: %w", s, err)
	}
	return nil
}

// names are the variables in order.
func (t template) names() (names []string) {
	for _, p := range t.path {
		if p.literal == "" {
			names = append(names, p.name)
		}
	}
	for _, q := range t.query {
		names = append(names, q.name)
	}
	return names
}
