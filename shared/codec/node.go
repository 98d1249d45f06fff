package codec

import (
	"reflect"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/facet-bff/facet/shared/shape"
)

// A node is how the values of one type are read and written. Nodes of recursive types point
// back at themselves.
type node struct {
	kind kind
	size uintptr // of a number, or of an element of a list, in bytes
	typ  reflect.Type
	elem *node // of a list, a map or a pointer
	opts json.Options

	object
}

type kind uint8

const (
	foreign kind = iota // the library's
	verbatim
	boolean
	text
	integer
	natural
	float
	instant
	list
	dict
	record
	pointer
)

// A compiler makes nodes from types, one for each.
type compiler struct {
	nodes map[reflect.Type]*node
	opts  json.Options
}

func compile(t reflect.Type, opts json.Options) *node {
	c := compiler{nodes: map[reflect.Type]*node{}, opts: opts}
	return c.node(t)
}

func (c *compiler) node(t reflect.Type) *node {
	if n := c.nodes[t]; n != nil {
		return n
	}
	n := &node{typ: t, opts: c.opts}
	c.nodes[t] = n
	switch {
	case t == reflect.TypeFor[shape.JSON]():
		n.kind = verbatim
	case t == reflect.TypeFor[time.Time]():
		n.kind = instant
	case t != reflect.TypeFor[time.Duration]() && !hasMethods(t):
		c.plain(n)
	}
	return n
}

// plain finds the kind of a node whose type neither has methods nor is special to the library.
func (c *compiler) plain(n *node) {
	switch t := n.typ; t.Kind() {
	case reflect.Bool:
		n.kind = boolean
	case reflect.String:
		n.kind = text
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n.kind, n.size = integer, t.Size()
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		n.kind, n.size = natural, t.Size()
	case reflect.Float32, reflect.Float64:
		n.kind, n.size = float, t.Size()
	case reflect.Pointer:
		n.kind, n.elem = pointer, c.node(t.Elem())
	case reflect.Slice:
		if t.Elem().Kind() != reflect.Uint8 { // bytes are a string in base64
			n.kind, n.size, n.elem = list, t.Elem().Size(), c.node(t.Elem())
		}
	case reflect.Map:
		if key := t.Key(); key.Kind() == reflect.String && !hasMethods(key) {
			n.kind, n.elem = dict, c.node(t.Elem())
		}
	case reflect.Struct:
		if c.record(n) {
			n.kind = record
		}
	}
}

// methods are those by which a type says itself how it is read or written.
var methods = []string{
	"MarshalJSON", "MarshalJSONTo", "MarshalText", "AppendText",
	"UnmarshalJSON", "UnmarshalJSONFrom", "UnmarshalText",
}

// hasMethods goes by the names: what has one of them is at least unusual. Those of what a
// pointer or an interface leads to are looked at there.
func hasMethods(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface {
		return false
	}
	return slices.ContainsFunc(methods, func(name string) bool {
		_, ok := reflect.PointerTo(t).MethodByName(name)
		return ok
	})
}
