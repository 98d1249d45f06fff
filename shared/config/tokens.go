package config

import "github.com/goccy/go-yaml/token"

var unsupported = map[token.Type]string{
	token.AnchorType:    "anchors are not supported; quote a value that starts with &",
	token.AliasType:     "aliases are not supported; quote a value that starts with *",
	token.TagType:       "tags are not supported; quote a value that starts with !",
	token.MergeKeyType:  "merge keys are not supported",
	token.DirectiveType: "directives are not supported",
}

// supported refuses, before the recursive parser sees it, what makes YAML dangerous:
// references, tags, deep nesting and very many keys.
func (p *yaml) supported(tokens token.Tokens) bool {
	before := len(p.errs)
	var nesting nesting
	keys := 0
	for i, t := range tokens {
		if message, ok := unsupported[t.Type]; ok {
			p.errs.add(p.at(t), "", "%s", message)
		}
		start := t
		if t.Type == token.MappingValueType && i > 0 {
			start = tokens[i-1]
			keys++
		}
		if keys > maxKeys {
			p.errs.add(p.at(t), "", "has more than %d keys", maxKeys)
			break
		}
		nesting.next(t.Type, start.Position.Column)
		if nesting.depth() > maxDepth {
			p.errs.add(p.at(t), "", "is nested deeper than %d levels", maxDepth)
			break
		}
	}
	return len(p.errs) == before
}

// nesting follows the depth of brackets and of indentation.
type nesting struct {
	flow    int
	columns []int // of the open block collections, ascending
}

func (n *nesting) depth() int { return n.flow + len(n.columns) }

func (n *nesting) next(t token.Type, column int) {
	switch t {
	case token.MappingStartType, token.SequenceStartType:
		n.flow++
	case token.MappingEndType, token.SequenceEndType:
		n.flow--
	case token.SequenceEntryType, token.MappingKeyType, token.MappingValueType:
		if n.flow > 0 {
			return
		}
		for len(n.columns) > 0 && n.columns[len(n.columns)-1] >= column {
			n.columns = n.columns[:len(n.columns)-1]
		}
		n.columns = append(n.columns, column)
	}
}
