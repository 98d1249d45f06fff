package codec

import (
	"cmp"
	"reflect"
	"strings"
	"sync/atomic"
	"unsafe"

	"github.com/go-json-experiment/json/jsontext"
)

// An object is what a node knows of a struct.
type object struct {
	fields []field
	index  map[string]int // fields by name, counted from one

	// follow says which field comes after which, counted from one; 0 is unknown, as is what
	// comes before the first. It is learned from the first objects that are read: a backend
	// that has written its members in one order does so again.
	follow []atomic.Int32
}

// maxFields is how many fields one word has bits for.
const maxFields = 64

// A field is a member of an object.
type field struct {
	name   string
	quoted string // `,"name":`
	offset uintptr
	node   *node

	omitEmpty bool
	isZero    func(unsafe.Pointer) bool // nil: it is written all the same
}

// record gathers the fields of a struct. It reports false if the library has to read and
// write it: because the library does more for it than is done here, or refuses it.
func (c *compiler) record(n *node) bool {
	fields, ok := c.fields(nil, n.typ, 0)
	if !ok || len(fields) > maxFields {
		return false
	}
	n.fields, n.index = fields, make(map[string]int, len(fields))
	n.follow = make([]atomic.Int32, len(fields)+1)
	for i, f := range fields {
		n.index[f.name] = i + 1
	}
	return len(n.index) == len(fields) // names that compete are the library's
}

// fields appends the fields of t, which begins at offset, and of the structs embedded in it.
func (c *compiler) fields(all []field, t reflect.Type, offset uintptr) (_ []field, ok bool) {
	meant := t.NumField() == 0 // a struct without a field that could be meant is refused
	for sf := range t.Fields() {
		tag, tagged := sf.Tag.Lookup("json")
		switch {
		case tag == "-":
			meant = true
		case sf.Anonymous:
			meant = true
			if tagged || sf.Type.Kind() != reflect.Struct || hasMethods(sf.Type) {
				return nil, false
			}
			if all, ok = c.fields(all, sf.Type, offset+sf.Offset); !ok {
				return nil, false
			}
		case sf.IsExported():
			meant = true
			f, ok := newField(sf, tag)
			if !ok {
				return nil, false
			}
			f.offset, f.node = offset+sf.Offset, c.node(sf.Type)
			all = append(all, f)
		case tagged:
			return nil, false
		}
	}
	return all, meant
}

// newField reads the tag of a field. It is not ok if that says more than a name and when to
// leave the member out.
func newField(sf reflect.StructField, tag string) (f field, ok bool) {
	name, rest, more := strings.Cut(tag, ",")
	if strings.ContainsAny(name, "\\'\"`") {
		return f, false
	}
	f.name = cmp.Or(name, sf.Name)
	quoted, err := jsontext.AppendQuote([]byte{','}, f.name)
	if err != nil {
		return f, false
	}
	f.quoted = string(quoted) + ":"
	if !more {
		return f, true
	}
	for option := range strings.SplitSeq(rest, ",") {
		switch {
		case option == "omitempty" && !f.omitEmpty:
			f.omitEmpty = true
		case option == "omitzero" && f.isZero == nil:
			f.isZero = zeroOf(sf.Type)
		default:
			return f, false
		}
	}
	return f, true
}

type zeroer interface{ IsZero() bool }

// zeroOf returns how it is told that a value of a type is zero.
func zeroOf(t reflect.Type) func(unsafe.Pointer) bool {
	zeroers := reflect.TypeFor[zeroer]()
	nillable := t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface
	switch {
	case nillable && t.Implements(zeroers):
		return func(p unsafe.Pointer) bool {
			v := reflect.NewAt(t, p).Elem()
			return isNil(v) || v.Interface().(zeroer).IsZero()
		}
	case !nillable && reflect.PointerTo(t).Implements(zeroers):
		return func(p unsafe.Pointer) bool { return reflect.NewAt(t, p).Interface().(zeroer).IsZero() }
	}
	return func(p unsafe.Pointer) bool { return reflect.NewAt(t, p).Elem().IsZero() }
}

// isNil reports whether a pointer or an interface, or a pointer in an interface, is nil.
func isNil(v reflect.Value) bool {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	return !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil()
}
