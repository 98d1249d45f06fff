package config

import "reflect"

// A decoder makes values of a tree and collects what is wrong with it.
type decoder struct {
	schema schema
	whole  bool // every layer is in the tree; if not, what is missing from it tells nothing
	errs   Errors
}

// A place is where a value belongs.
type place struct {
	path string
	pos  position // of the value, or of the nearest section that is there
	options
}

// decode sets v. It reports false when v has not got what the tree says.
func (d *decoder) decode(v reflect.Value, n *node, at place) bool {
	at.pos = n.pos
	switch formOf(v.Type()) {
	case asPointer:
		v.Set(reflect.New(v.Type().Elem()))
		return d.decode(v.Elem(), n, at)
	case asSection:
		return d.section(v, n, at)
	case asList:
		return d.list(v, n, at)
	case asMap:
		return d.table(v, n, at)
	default:
		return d.scalar(v, n, at)
	}
}

func (d *decoder) list(v reflect.Value, n *node, at place) bool {
	if n.kind != sequence {
		return d.mismatch(n, at, "a list")
	}
	ok := true
	v.Set(reflect.MakeSlice(v.Type(), len(n.items), len(n.items)))
	for i, child := range n.items {
		below := place{path: item(at.path, i), options: at.options}
		ok = d.decode(v.Index(i), child, below) && ok
	}
	return ok
}

func (d *decoder) table(v reflect.Value, n *node, at place) bool {
	if n.kind != mapping {
		return d.mismatch(n, at, "a mapping")
	}
	ok := true
	v.Set(reflect.MakeMapWithSize(v.Type(), len(n.entries)))
	for key, e := range n.entries {
		value := reflect.New(v.Type().Elem()).Elem()
		ok = d.decode(value, e.value, place{path: below(at.path, key), options: at.options}) && ok
		v.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), value)
	}
	return ok
}

// section decodes n into the struct v, or the defaults alone if n is nil, and checks the
// rules of what it could decode.
func (d *decoder) section(v reflect.Value, n *node, at place) bool {
	sec := d.schema[v.Type()]
	n = sec.long(n)
	if n != nil && n.kind != mapping {
		return d.mismatch(n, at, "a mapping")
	}
	failed := map[string]bool{}
	for _, f := range sec.fields {
		if !d.field(v.FieldByIndex(f.index), f, n, at) {
			failed[f.name] = true
		}
	}
	d.unknown(sec, n, at)
	d.check(v, sec, n, at, failed)
	return len(failed) == 0
}

func (d *decoder) field(v reflect.Value, f field, n *node, at place) bool {
	child := n.get(f.name)
	inner := place{path: below(at.path, f.name), pos: at.pos, options: f.options}
	switch {
	case child != nil:
		return d.decode(v, child, inner)
	case f.byDefault != nil:
		return d.decode(v, f.byDefault, inner)
	case formOf(f.typ) == asSection:
		return d.section(v, nil, inner)
	}
	return true
}

func (d *decoder) unknown(sec *section, n *node, at place) {
	if n == nil {
		return
	}
	for key, e := range n.entries {
		if sec.field(key) == nil {
			d.errs.add(e.pos, below(at.path, key), "unknown key%s", didYouMean(key, sec.names()))
		}
	}
}

// mismatch reports a wrong type, and is false.
func (d *decoder) mismatch(n *node, at place, expected string) bool {
	d.errs.add(n.pos, at.path, "expected %s, found %s", expected, n.found())
	return false
}
