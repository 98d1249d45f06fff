package shape

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Rule says one thing about a projection. The order of rules does not matter.
//
// Paths name members from the outside in: "id", "price.amount", "lines.sku". A "*" stands
// for every member of an object and every element of an array: "pricesByShop.*.amount".
// Members that a rule names are not affected by rules with a star in that place. A path that
// begins with a slash is a JSON pointer (RFC 6901), for names that contain a dot or are a
// star: "/a.b/c".
type Rule func(*plan) error

// Keep keeps the members at the paths, whole unless further rules cut them. An object of
// which a path names members keeps no others; one that no path leads into keeps all.
// Keep() without paths keeps nothing, so that an empty list never means everything.
func Keep(paths ...string) Rule {
	return func(p *plan) error {
		p.root.selective = true
		return p.each(paths, func(m *member) { m.kept = true })
	}
}

// Drop leaves out the members at the paths.
func Drop(paths ...string) Rule {
	return func(p *plan) error {
		return p.each(paths, func(m *member) { m.dropped = true })
	}
}

// Rename keeps the member at path under another name. Another member that already has that
// name and is kept only because nothing names it gives way.
func Rename(path, name string) Rule {
	return func(p *plan) error {
		if !utf8.ValidString(name) {
			return fmt.Errorf("shape: rename %s: the new name is not UTF-8", path)
		}
		return p.each([]string{path}, func(m *member) { m.as, m.renamed = name, true })
	}
}

// Default keeps the member at path, and writes value, which is JSON, where an object lacks
// it. It adds a member to objects that are there; it does not make the objects around it.
func Default(path, value string) Rule {
	return func(p *plan) error {
		raw, err := identity.Append(nil, []byte(value))
		if err != nil {
			return fmt.Errorf("shape: default of %s: %w", path, err)
		}
		return p.each([]string{path}, func(m *member) { m.value = raw })
	}
}

// Camel writes every name that is kept in camel case: user_name becomes userName. Only an
// underscore between two letters or digits is taken out, and only before a lower-case letter
// or a digit, so that _id and MAX_SIZE stay. Names given by [Rename] stay as they are. Of two
// members of one object that would get the same name, the later one gives way.
func Camel() Rule {
	return func(p *plan) error {
		p.camel = true
		return nil
	}
}

// OmitNull leaves out members whose value is null; a [Default] takes their place. Elements
// of arrays stay, since their position means something.
func OmitNull() Rule {
	return func(p *plan) error {
		p.omitNull = true
		return nil
	}
}

// each applies a rule to the member at each path.
func (p *plan) each(paths []string, apply func(*member)) error {
	for _, path := range paths {
		names, pointer, err := split(path)
		if err != nil {
			return err
		}
		m := &p.root
		for _, name := range names {
			m = m.child(name, name == "*" && !pointer)
		}
		apply(m)
	}
	return nil
}

// split returns the names of a path, and whether it is a JSON pointer.
func split(path string) (names []string, pointer bool, err error) {
	if !utf8.ValidString(path) {
		return nil, false, fmt.Errorf("shape: path %q is not UTF-8", path)
	}
	if rest, ok := strings.CutPrefix(path, "/"); ok {
		names = strings.Split(rest, "/")
		for i, name := range names {
			names[i] = unescapePointer.Replace(name)
		}
		return names, true, nil
	}
	names = strings.Split(path, ".")
	if slices.Contains(names, "") {
		return nil, false, fmt.Errorf("shape: path %q has an empty name; write it as a JSON pointer if it is meant", path)
	}
	return names, false, nil
}

var (
	escapePointer   = strings.NewReplacer("~", "~0", "/", "~1")
	unescapePointer = strings.NewReplacer("~1", "/", "~0", "~")
)
