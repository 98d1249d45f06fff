package shape

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// Of derives a shape from the type T: it keeps the members that T's exported fields name,
// by their json tags and recursively, so that decoding a projection into T gives the same as
// decoding the source. What cannot be told from the type is kept whole: values of types with
// an unmarshal method, interfaces, and structs with tags that match other names than their
// own ("case:ignore"). The members of maps are all kept, each cut to the map's element type.
//
// Names are taken to be matched exactly, as by the second version of encoding/json, without
// options that change it and without unmarshal functions that are given to the decoder.
func Of[T any]() *Shape {
	o := origin{nodes: map[reflect.Type]*node{}, inside: map[reflect.Type]bool{}}
	return &Shape{root: o.node(reflect.TypeFor[T]()), pupil: newPupil(), depth: DefaultDepth}
}

// An origin makes nodes from types. Each struct has one node, so that recursive types end.
type origin struct {
	nodes  map[reflect.Type]*node
	inside map[reflect.Type]bool // slices, maps and so on whose node is being made
}

func (o *origin) node(t reflect.Type) *node {
	switch t.Kind() {
	case reflect.Struct:
		return o.object(t)
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
	default:
		return whole
	}
	if unmarshals(t) || o.inside[t] { // type list []list names nothing
		return whole
	}
	o.inside[t] = true
	defer delete(o.inside, t)
	elem := o.node(t.Elem())
	if t.Kind() != reflect.Map || elem == whole {
		return elem // a node goes through arrays
	}
	n := &node{rest: elem}
	n.elem = n
	return n
}

func (o *origin) object(t reflect.Type) *node {
	if n, ok := o.nodes[t]; ok {
		return n
	}
	members, ok := flatten(t)
	if !ok {
		return whole
	}
	n := &node{}
	n.elem = n
	o.nodes[t] = n
	if members.others {
		n.rest = whole
	}
	for _, name := range slices.Sorted(maps.Keys(members.types)) {
		sub := whole
		if types := members.types[name]; len(types) == 1 {
			sub = o.node(types[0])
		}
		n.fields = append(n.fields, field{name: name, as: name, sub: sub})
	}
	if n.index("") != nil { // there are too many
		*n = node{rest: whole, elem: n}
	}
	return n
}

// A memberList is what a struct reads from an object.
type memberList struct {
	types  map[string][]reflect.Type // several where embedded structs compete for a name
	others bool                      // it has a field for members of any name
}

// flatten lists the members of a struct and of those embedded in it. It is not ok if the
// struct reads an object in a way that its fields' names do not tell.
func flatten(root reflect.Type) (list memberList, ok bool) {
	list.types = make(map[string][]reflect.Type)
	queue := []reflect.Type{root}
	for i := 0; i < len(queue); i++ {
		t := queue[i]
		if unmarshals(t) {
			return list, false
		}
		for f := range t.Fields() {
			tag := f.Tag.Get("json")
			if tag == "-" || !f.IsExported() && !f.Anonymous {
				continue
			}
			name, rest, _ := strings.Cut(tag, ",")
			options := strings.Split(rest, ",")
			if strings.ContainsAny(tag, "\\'\"`") || !utf8.ValidString(name) || slices.Contains(options, "case:ignore") {
				return list, false
			}
			if !embeds(f, name, options) {
				name = cmp.Or(name, f.Name)
				list.types[name] = append(list.types[name], f.Type)
				continue
			}
			inner := f.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			switch {
			case inner.Kind() != reflect.Struct:
				list.others = true
			case !slices.Contains(queue, inner):
				queue = append(queue, inner)
			}
		}
	}
	return list, true
}

// embeds reports whether the members of f are members of the struct around it.
func embeds(f reflect.StructField, name string, options []string) bool {
	return f.Anonymous && name == "" || slices.Contains(options, "embed")
}

// unmarshals reports whether values of type t decode themselves. The methods are known by
// name alone, since one of them takes a type of a package that this one does not import.
func unmarshals(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	_, json := p.MethodByName("UnmarshalJSON")
	_, from := p.MethodByName("UnmarshalJSONFrom")
	_, text := p.MethodByName("UnmarshalText")
	return json || from || text
}
