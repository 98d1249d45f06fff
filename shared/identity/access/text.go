package access

import (
	"fmt"
	"strings"
)

// String describes the rule for a table or a document: "public", "user",
// "scope orders:write", "all(role support, scope orders:write)"; "nobody" for the zero Rule.
func (r Rule) String() string {
	switch r.kind {
	case public:
		return "public"
	case user:
		return "user"
	case scope:
		return "scope " + r.name
	case role:
		return "role " + r.name
	case all:
		return "all(" + list(r.rules) + ")"
	case anyOf:
		return "any(" + list(r.rules) + ")"
	}
	return "nobody"
}

func list(rules []Rule) string {
	names := make([]string, len(rules))
	for i, r := range rules {
		names[i] = r.String()
	}
	return strings.Join(names, ", ")
}

// MarshalText is [Rule.String].
func (r Rule) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads a rule from a configuration: public, user, nobody, scope:NAME or
// role:NAME. It also reads back what [Rule.String] makes of those.
func (r *Rule) UnmarshalText(text []byte) error {
	s := string(text)
	switch s {
	case "public":
		*r = Public
		return nil
	case "user":
		*r = User
		return nil
	case "nobody":
		*r = Rule{}
		return nil
	}
	var k kind
	i := strings.IndexAny(s, ": ")
	switch s[:max(i, 0)] {
	case "scope":
		k = scope
	case "role":
		k = role
	default:
		return fmt.Errorf("access: %q is not a rule; use public, user, scope:NAME or role:NAME", s)
	}
	rule, err := named(k, s[i+1:])
	if err == nil {
		*r = rule
	}
	return err
}
