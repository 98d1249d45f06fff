package config

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// An environment is the strongest layer. It needs the schema and the layers below: a
// variable's name has lost the case of the keys.
type environment struct {
	prefix string
	schema schema
	errs   Errors
}

// apply sets in the tree of a t what the variables say.
func (e environment) apply(variables []string, t reflect.Type, root *node) Errors {
	if e.prefix == "" {
		return nil
	}
	for _, variable := range variables {
		name, value, _ := strings.Cut(variable, "=")
		rest, ours := strings.CutPrefix(name, e.prefix+"_")
		if !ours {
			continue
		}
		pos := position{source: "environment", variable: name}
		if !utf8.ValidString(value) {
			e.errs.add(pos, "", "is not UTF-8")
			continue
		}
		v := variableName{segments: strings.Split(rest, "__"), pos: pos, environment: &e}
		if target := v.resolve(t, root); target != nil {
			v.set(root, untypedNode(value, target, pos))
		}
	}
	return e.errs
}

// A variableName is resolved level by level, to the keys that its segments stand for.
type variableName struct {
	segments []string
	keys     []string // of the segments resolved so far
	pos      position
	*environment
}

// resolve finds what the rest of the name stands for, below a value of type t for which
// n is there, if not nil. It is nil when there is nothing to set.
func (v *variableName) resolve(t reflect.Type, n *node) reflect.Type {
	depth := len(v.keys)
	rest := v.segments[depth:]
	switch formOf(t) {
	case asPointer:
		return v.resolve(t.Elem(), n)
	case asSection, asMap:
		if len(rest) == 0 {
			v.errs.add(v.pos, "", "names a section; set one of its keys, as in %s__KEY", v.pos.variable)
			return nil
		}
	case asList:
		if len(rest) == 0 && v.scalars(t) {
			return t
		}
		v.errs.add(v.pos, "", "names a list; only a list of scalars can be set, as a whole")
		return nil
	default:
		if len(rest) > 0 {
			v.errs.add(v.pos, "", "has nothing below %s", strings.TrimSuffix(v.name(depth), "__"))
			return nil
		}
		return t
	}
	if formOf(t) == asMap {
		key := mapKey(rest[0], n)
		v.keys = append(v.keys, key)
		return v.resolve(t.Elem(), n.get(key))
	}
	return v.field(t, n)
}

// scalars reports whether a list may be written as scalars.
func (v *variableName) scalars(list reflect.Type) bool {
	sec := v.schema[list.Elem()]
	return formOf(list.Elem()) == asScalar || sec != nil && sec.short != ""
}

func (v *variableName) field(t reflect.Type, n *node) reflect.Type {
	depth := len(v.keys)
	var names []string
	for _, f := range v.schema[t].fields {
		name := variableCase(f.name)
		names = append(names, name)
		if name == v.segments[depth] {
			v.keys = append(v.keys, f.name)
			return v.resolve(f.typ, n.get(f.name))
		}
	}
	hint := ""
	if near := nearest(v.segments[depth], names); near != "" {
		hint = "; did you mean " + v.name(depth) + near + "?"
	}
	v.errs.add(v.pos, "", "names no known key%s", hint)
	return nil
}

// name is the variable's name up to a depth, with what separates the next segment.
func (v *variableName) name(depth int) string {
	name := v.prefix + "_" + strings.Join(v.segments[:depth], "__")
	if 0 < depth && depth < len(v.segments) {
		name += "__"
	}
	return name
}

// set puts the value where the keys say, and leaves alone what is wrongly no mapping.
func (v *variableName) set(n *node, value *node) {
	last := len(v.keys) - 1
	for _, key := range v.keys[:last] {
		child := n.get(key)
		if child == nil {
			child = newMapping(position{source: v.pos.source})
			n.entries[key] = entry{child.pos, child}
		}
		if child.kind != mapping {
			return
		}
		n = child
	}
	n.entries[v.keys[last]] = entry{v.pos, value}
}

// mapKey is the key of the mapping n, which may be nil, that a segment stands for; by
// default the segment in lower case.
func mapKey(segment string, n *node) string {
	if n != nil {
		for _, key := range slices.Sorted(maps.Keys(n.entries)) {
			if variableCase(key) == strings.ToUpper(segment) {
				return key
			}
		}
	}
	return strings.ToLower(segment)
}

func variableCase(key string) string {
	return strings.ToUpper(strings.ReplaceAll(key, "-", "_"))
}
