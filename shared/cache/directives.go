package cache

import "strings"

// A directiveSet has the directives of Cache-Control by their lower-case name, each with
// every argument that it was given; "" stands for none.
type directiveSet map[string][]string

func (d directiveSet) has(name string) bool {
	_, ok := d[name]
	return ok
}

// directives reads the lines of a Cache-Control header (RFC 9111, 5.2). A directive that
// is restricted to some fields, as in private="x-a, x-b", counts as if it were not.
func directives(lines []string) directiveSet {
	if len(lines) == 0 {
		return nil
	}
	set := make(directiveSet)
	for _, line := range lines {
		for line != "" {
			var one string
			one, line = nextDirective(line)
			name, arg, _ := strings.Cut(one, "=")
			name = strings.ToLower(strings.TrimSpace(name))
			if name != "" {
				set[name] = append(set[name], unquote(strings.TrimSpace(arg)))
			}
		}
	}
	return set
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
