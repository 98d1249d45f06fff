package route

import (
	"fmt"
	"regexp"
	"strings"
)

// A class is a kind of path, the most specific first.
type class int

const (
	exact class = iota
	pattern
	prefix
)

// A template is a path to match. A trailing slash is a last, empty segment.
type template struct {
	class    class
	segments []segment
	rest     string // the name of what follows; empty: nothing may follow
}

// A segment is a literal, or a variable where name is set.
type segment struct{ literal, name string }

// restOfPrefix is how a rewrite calls what follows a prefix.
const restOfPrefix = "rest"

var variable = regexp.MustCompile(`^\{([A-Za-z][A-Za-z0-9_]*)(\.\.\.)?\}$`)

func parseTemplate(path string, c class) (template, error) {
	t := template{class: c}
	if c == prefix {
		t.rest = restOfPrefix
		if path == "/" {
			return t, nil
		}
		path = strings.TrimSuffix(path, "/")
	}
	parts, err := split(path)
	if err != nil {
		return t, err
	}
	for i, part := range parts {
		v := variable.FindStringSubmatch(part)
		switch {
		case v == nil:
			t.segments = append(t.segments, segment{literal: part})
		case c != pattern:
			return t, fmt.Errorf("%s stands for itself only in match.pattern", part)
		case v[2] == "":
			t.segments = append(t.segments, segment{name: v[1]})
		case i < len(parts)-1:
			return t, fmt.Errorf("%s must be the last segment", part)
		default:
			t.rest = v[1]
		}
	}
	return t, t.checkNames()
}

// split returns a configured path's segments.
func split(path string) ([]string, error) {
	if !strings.HasPrefix(path, "/") {
		return nil, fmt.Errorf("%q must begin with a slash", path)
	}
	if strings.ContainsAny(path, "%?#*") {
		return nil, fmt.Errorf("%q must be a plain path: decoded, without query, with {name} or {name...} for *", path)
	}
	parts := strings.Split(path[1:], "/")
	for i, part := range parts {
		if why := suspicious(part); why != "" {
			return nil, fmt.Errorf("%q %s", path, why)
		}
		if part == "" && i < len(parts)-1 {
			return nil, fmt.Errorf("%q has an empty segment", path)
		}
		if strings.ContainsAny(part, "{}") && !variable.MatchString(part) {
			return nil, fmt.Errorf("%q: a variable is a whole segment, {name} or {name...}", path)
		}
	}
	return parts, nil
}

func (t template) checkNames() error {
	seen := map[string]bool{t.rest: t.rest != ""}
	for _, s := range t.segments {
		if s.name != "" && seen[s.name] {
			return fmt.Errorf("{%s} stands there twice", s.name)
		}
		seen[s.name] = true
	}
	return nil
}

// literals counts the segments that are not variable.
func (t template) literals() (n int) {
	for _, s := range t.segments {
		if s.name == "" {
			n++
		}
	}
	return n
}

// overlaps reports whether a path can match both of two templates of equal specificity.
func (t template) overlaps(other template) bool {
	for i, a := range t.segments {
		b := other.segments[i]
		switch {
		case a.name == "" && b.name == "":
			if a.literal != b.literal {
				return false
			}
		case a.name == "" && a.literal == "", b.name == "" && b.literal == "":
			return false // a variable is not empty
		}
	}
	return true
}
