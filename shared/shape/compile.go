package shape

import "fmt"

// A plan gathers rules before they are compiled.
type plan struct {
	root     member
	camel    bool
	omitNull bool
}

// A member is what the rules say about one member, or about every member, of an object.
type member struct {
	path     string // as a JSON pointer, for messages
	name     string
	children []*member
	every    *member // what a "*" says

	selective bool // it keeps only children that are named
	kept      bool
	dropped   bool
	renamed   bool
	as        string // its new name, if renamed
	value     []byte // its default
}

// New compiles rules. Without any, the shape keeps all: it checks and compacts.
func New(rules ...Rule) (*Shape, error) {
	var p plan
	for _, rule := range rules {
		if err := rule(&p); err != nil {
			return nil, err
		}
	}
	c := compiler{camel: p.camel, whole: whole}
	if p.camel || p.omitNull {
		// Names and nulls are everywhere, so nothing can be copied in one piece.
		c.whole = &node{}
		c.whole.rest, c.whole.elem = c.whole, c.whole
	}
	root, err := c.compile(&p.root)
	if err != nil {
		return nil, err
	}
	return &Shape{root: root, pupil: newPupil(), depth: DefaultDepth, camel: p.camel, omitNull: p.omitNull}, nil
}

// identity checks and compacts.
var identity = &Shape{root: whole, depth: DefaultDepth}

// child returns what is said about the member of that name, or about all if every is set.
func (m *member) child(name string, every bool) *member {
	path := m.path + "/" + escapePointer.Replace(name)
	if every {
		if m.every == nil {
			m.every = &member{path: path, name: name}
		}
		return m.every
	}
	for _, c := range m.children {
		if c.name == name {
			return c
		}
	}
	c := &member{path: path, name: name}
	m.children = append(m.children, c)
	return c
}

// any reports whether f holds for m or for something below it.
func (m *member) any(f func(*member) bool) bool {
	if f(m) || m.every != nil && m.every.any(f) {
		return true
	}
	for _, c := range m.children {
		if c.any(f) {
			return true
		}
	}
	return false
}

func isKept(m *member) bool  { return m.kept }
func isNamed(m *member) bool { return m.kept || m.renamed || m.value != nil }

// A compiler turns members into nodes.
type compiler struct {
	camel bool
	whole *node // the node that keeps all
}

func (c *compiler) compile(m *member) (*node, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	m.selective = !m.kept && (m.selective || m.any(isKept))
	if len(m.children) == 0 && m.every == nil && !m.selective {
		return c.whole, nil
	}
	n := &node{}
	n.elem = n
	if !m.selective {
		n.rest = c.whole
	}
	if m.every != nil {
		every, err := c.compile(m.every)
		if err != nil {
			return nil, err
		}
		n.elem = every
		if !m.selective || m.every.any(isNamed) {
			n.rest = every
		}
	}
	for _, child := range m.children {
		f, err := c.field(m, child)
		if err != nil {
			return nil, err
		}
		n.fields = append(n.fields, f)
	}
	return n, n.index(m.path)
}

// field compiles the child of an object.
func (c *compiler) field(parent, m *member) (field, error) {
	f := field{name: m.name, as: m.name, value: m.value}
	switch {
	case m.renamed:
		f.as = m.as
	case c.camel:
		f.as = string(appendCamel(nil, []byte(m.name)))
	}
	sub, err := c.compile(m)
	if m.dropped || parent.selective && !m.any(isNamed) {
		return f, err
	}
	f.sub = sub
	return f, err
}

// check refuses rules that contradict each other.
func (m *member) check() error {
	if m.dropped && m.any(isNamed) {
		return fmt.Errorf("shape: %s is dropped, and it or a member of it is kept, renamed or given a default", m.path)
	}
	if e := m.every; e != nil && (e.dropped || e.renamed || e.value != nil) {
		return fmt.Errorf("shape: %s names every member: it can be kept, not dropped, renamed or given a default", e.path)
	}
	return nil
}
