package config

import (
	"regexp"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// node makes our tree of the parser's. It is nil for what cannot be configuration.
func (p *yaml) node(n ast.Node, path string) *node {
	pos := p.at(n.GetToken())
	switch n := n.(type) {
	case *ast.MappingNode:
		return p.mapping(n.Values, pos, path)
	case *ast.MappingValueNode:
		return p.mapping([]*ast.MappingValueNode{n}, pos, path)
	case *ast.SequenceNode:
		return p.sequence(n, pos, path)
	case *ast.NullNode:
		return &node{kind: null, pos: pos}
	case *ast.BoolNode:
		return &node{kind: boolean, text: n.Token.Value, pos: pos}
	case *ast.IntegerNode:
		return &node{kind: integer, text: n.Token.Value, pos: pos}
	case *ast.FloatNode:
		return &node{kind: float, text: n.Token.Value, pos: pos}
	case *ast.InfinityNode:
		return &node{kind: float, text: n.Token.Value, pos: pos}
	case *ast.NanNode:
		return &node{kind: float, text: n.Token.Value, pos: pos}
	case *ast.StringNode:
		return &node{kind: plain(n), text: n.Value, pos: pos}
	case *ast.LiteralNode:
		return &node{kind: quotable, text: n.Value.Value, pos: pos}
	}
	p.errs.add(pos, path, "is not supported here")
	return nil
}

var (
	wholeNumber = regexp.MustCompile(`^[-+]?[0-9]+$`)
	realNumber  = regexp.MustCompile(`^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$`)
)

// plain is the kind of a string: the parser takes 1e3, and integers beyond 64 bits, for
// strings.
func plain(n *ast.StringNode) kind {
	switch {
	case n.Token.Type != token.StringType:
		return quotable
	case wholeNumber.MatchString(n.Value):
		return integer
	case realNumber.MatchString(n.Value):
		return float
	}
	return quotable
}

func (p *yaml) mapping(values []*ast.MappingValueNode, pos position, path string) *node {
	m := newMapping(pos)
	for i, v := range values {
		key, at, ok := p.key(v.Key, path)
		if i == 0 {
			m.pos = at // the parser's own position is the first colon's
		}
		if !ok {
			continue
		}
		path := below(path, key)
		if first, twice := m.entries[key]; twice {
			p.errs.add(at, path, "duplicate key; first given in line %d", first.pos.line)
			continue
		}
		value := p.node(v.Value, path)
		if value == nil {
			continue
		}
		if !value.scalar() {
			value.pos = at
		}
		m.entries[key] = entry{at, value}
	}
	return m
}

func (p *yaml) key(n ast.MapKeyNode, path string) (key string, pos position, ok bool) {
	pos = p.at(n.GetToken())
	if complexKey, isComplex := n.(*ast.MappingKeyNode); isComplex {
		scalar, isScalar := complexKey.Value.(ast.MapKeyNode)
		if !isScalar {
			p.errs.add(pos, path, "a key must be a scalar")
			return "", pos, false
		}
		n = scalar
	}
	if s, isString := n.(*ast.StringNode); isString {
		return s.Value, pos, true
	}
	if n.GetToken() == nil {
		p.errs.add(pos, path, "a key is missing")
		return "", pos, false
	}
	return n.GetToken().Value, pos, true
}

func (p *yaml) sequence(n *ast.SequenceNode, pos position, path string) *node {
	s := &node{kind: sequence, pos: pos}
	for i, v := range n.Values {
		if value := p.node(v, item(path, i)); value != nil {
			s.items = append(s.items, value)
		}
	}
	return s
}
