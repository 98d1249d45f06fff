package shape

import (
	"fmt"
	"strconv"
)

// An Error says why a source was refused. It quotes names of the source but no values, and
// is meant for a log.
type Error struct {
	// Offset is the index of the byte at which the source went wrong.
	Offset int
	// Pointer is the JSON pointer (RFC 6901) of the value around that byte; empty for
	// the outermost one, and where it would take more than 1 KiB.
	Pointer string
	// Reason says what is wrong.
	Reason string
}

// Error describes the failure.
func (e *Error) Error() string {
	at := ""
	if e.Pointer != "" {
		at = fmt.Sprintf(" in %q", e.Pointer)
	}
	return fmt.Sprintf("shape: invalid JSON at byte %d%s: %s", e.Offset, at, e.Reason)
}

// err is the failure that was recorded.
func (s *scanner) err() *Error {
	e := &Error{Offset: s.failedAt, Reason: s.reason}
	if p := s.pointer(e.Offset); len(p) <= 1<<10 {
		e.Pointer = p
	}
	return e
}

// pointer finds where an offset lies by reading the source again up to it. All before it is
// known to be well-formed. An error is rare; keeping track of the path all the time is not.
func (s *scanner) pointer(offset int) string {
	type level struct {
		array bool
		index int
		named bool
		name  string
	}
	var path []level
	for i := 0; i < offset; {
		top := len(path) - 1
		switch s.src[i] {
		case '{', '[':
			path = append(path, level{array: s.src[i] == '['})
		case '}', ']':
			path = path[:top]
		case ',':
			path[top].index++
			path[top].named = false
		case '"':
			end, form := s.text(i)
			if end < 0 || end > offset {
				i = offset
				continue
			}
			if top >= 0 && s.at(s.space(end)) == ':' {
				path[top].named = true
				path[top].name = string(s.spell(name{at: int32(i + 1), size: int32(end - i - 2), form: form}))
			}
			i = end
			continue
		}
		i++
	}
	var p []byte
	for _, l := range path {
		switch {
		case l.array:
			p = strconv.AppendInt(append(p, '/'), int64(l.index), 10)
		case l.named:
			p = append(append(p, '/'), escapePointer.Replace(l.name)...)
		}
	}
	return string(p)
}
