package route

import (
	"errors"
	"fmt"
	"strings"
)

// A target makes the service's path of what a template matched.
type target []piece

// A piece is one segment of the target, or with rest all the last ones.
type piece struct {
	literal string // escaped
	index   int    // of the segment to copy; -1: the literal
	rest    bool   // and those after it
}

var errRest = errors.New("rewrite: the rest must be the last segment")

// newTarget compiles a rewrite; the empty one leaves paths as they are.
func newTarget(t template, rewrite string) (target, error) {
	if rewrite == "" {
		return target{{rest: true}}, nil
	}
	parts, err := split(rewrite)
	if err != nil {
		return nil, fmt.Errorf("rewrite: %w", err)
	}
	var out target
	for i, part := range parts {
		p := piece{literal: escape(part), index: -1}
		if v := variable.FindStringSubmatch(part); v != nil {
			if p, err = t.piece(v[1]); err != nil {
				return nil, err
			}
		}
		if p.rest && i < len(parts)-1 {
			return nil, errRest
		}
		out = append(out, p)
	}
	return out, nil
}

// piece finds a variable in the template.
func (t template) piece(name string) (piece, error) {
	if t.rest == name {
		return piece{index: len(t.segments), rest: true}, nil
	}
	for i, s := range t.segments {
		if s.name == name {
			return piece{index: i}, nil
		}
	}
	return piece{}, fmt.Errorf("rewrite: {%s} is not in the path to match", name)
}

// path is the escaped path for segments that the template has matched.
func (t target) path(segments []string) string {
	var b strings.Builder
	for _, p := range t {
		switch {
		case p.rest:
			for _, s := range segments[p.index:] {
				b.WriteByte('/')
				b.WriteString(escape(s))
			}
		case p.index >= 0:
			b.WriteByte('/')
			b.WriteString(escape(segments[p.index]))
		default:
			b.WriteByte('/')
			b.WriteString(p.literal)
		}
	}
	if b.Len() == 0 {
		return "/"
	}
	return b.String()
}

// prefixes are how the same paths begin at the service and for clients, where a rewrite
// only replaces the beginning.
func (t target) prefixes(from template) (inside, outside string) {
	last := len(t) - 1
	if !t[last].rest || t[last].index < len(from.segments) {
		return "", ""
	}
	var ours, theirs strings.Builder
	for _, p := range t[:last] {
		if p.index >= 0 {
			return "", ""
		}
		theirs.WriteByte('/')
		theirs.WriteString(p.literal)
	}
	for _, s := range from.segments {
		if s.name != "" {
			return "", ""
		}
		ours.WriteByte('/')
		ours.WriteString(escape(s.literal))
	}
	return theirs.String(), ours.String()
}
