package config

import "strconv"

// A node is a YAML value that remembers where it was written.
type node struct {
	kind    kind
	text    string           // of a scalar: what was written, without quotes
	entries map[string]entry // of a mapping
	items   []*node          // of a sequence
	pos     position
}

type entry struct {
	pos   position // of the key
	value *node
}

// A position is where something was written: a place in a file, or a variable.
type position struct {
	source       string
	line, column int
	variable     string
}

// A kind is what a node was written as.
type kind uint8

const (
	null kind = iota
	boolean
	integer
	float
	quotable // a string, quoted or plain
	mapping
	sequence
	untyped // the text of a variable or of a default tag: the target says what it is
)

func (k kind) String() string {
	return [...]string{
		"null", "true or false", "an integer", "a number", "a string",
		"a mapping", "a list", "other text",
	}[k]
}

// found says what the node is, and not its value.
func (n *node) found() string {
	if n.kind == untyped && n.text == "" {
		return "an empty value"
	}
	return n.kind.String()
}

func (n *node) scalar() bool {
	return n.kind != null && n.kind != mapping && n.kind != sequence
}

func newMapping(pos position) *node {
	return &node{kind: mapping, entries: map[string]entry{}, pos: pos}
}

// get is the value of a key; nil if the node, or the key, is not there.
func (n *node) get(key string) *node {
	if n == nil {
		return nil
	}
	return n.entries[key].value
}

// merge lays a stronger mapping over this one.
func (n *node) merge(strong *node) {
	n.pos = strong.pos
	for key, e := range strong.entries {
		switch e.value.kind {
		case null:
			delete(n.entries, key)
		case mapping:
			merged := n.get(key)
			if merged == nil || merged.kind != mapping {
				merged = newMapping(e.pos)
			}
			merged.merge(e.value)
			n.entries[key] = entry{e.pos, merged}
		default:
			n.entries[key] = e
		}
	}
}

// below is the path of a key in the section at path.
func below(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// item is the path of a list's item.
func item(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }
