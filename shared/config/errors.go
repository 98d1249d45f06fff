package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// An Error is one thing that is wrong with a configuration. Its message has no value from
// the configuration, which might be a secret, but for what others say: a section's own
// Validate, and UnmarshalText of a field that is not tagged as secret.
type Error struct {
	Source       string // a file's path, the default's name, or "environment"
	Line, Column int    // from 1; 0 where there is no text, as in the environment
	Path         string // as services.catalog.url or routes[0].path; or a variable's name
	Message      string
}

func (e Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Source)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", e.Line, e.Column)
	}
	if e.Path != "" {
		b.WriteString(": " + e.Path)
	}
	b.WriteString(": " + e.Message)
	return b.String()
}

// Errors is everything that is wrong, ordered by source and line. It is never empty
// where it is returned.
type Errors []Error

// Error is one line for each.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, err := range e {
		lines[i] = err.Error()
	}
	return strings.Join(lines, "\n")
}

func (e *Errors) add(pos position, path, format string, args ...any) {
	if pos.variable != "" {
		path = pos.variable
	}
	*e = append(*e, Error{
		Source: pos.source, Line: pos.line, Column: pos.column,
		Path: path, Message: fmt.Sprintf(format, args...),
	})
}

func (e Errors) sort() {
	slices.SortFunc(e, func(a, b Error) int {
		return cmp.Or(
			cmp.Compare(a.Source, b.Source),
			cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Path, b.Path),
			cmp.Compare(a.Message, b.Message),
		)
	})
}
