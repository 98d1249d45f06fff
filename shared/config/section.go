package config

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// A schema has every struct type that a configuration can reach as a section.
type schema map[reflect.Type]*section

// A section is what the tags of a struct type say.
type section struct {
	fields []field // those of inlined structs among them
	inline [][]int // where those structs are
	short  string  // the key that a scalar in the section's place is the value of; empty: none
}

type field struct {
	name      string // its key
	goName    string
	index     []int // for reflect.Value.FieldByIndex
	typ       reflect.Type
	byDefault *node // nil without default tag
	options
}

// options travel with a value down to its scalars.
type options struct{ bytes, secret bool }

// A form is how a type is written.
type form uint8

const (
	impossible form = iota
	asScalar
	asSection
	asList
	asMap
	asPointer
)

var (
	duration    = reflect.TypeFor[time.Duration]()
	unmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)

func formOf(t reflect.Type) form {
	if reflect.PointerTo(t).Implements(unmarshaler) {
		return asScalar
	}
	switch t.Kind() {
	case reflect.Bool, reflect.String, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return asScalar
	case reflect.Struct:
		return asSection
	case reflect.Slice:
		return asList
	case reflect.Map:
		if t.Key().Kind() == reflect.String {
			return asMap
		}
	case reflect.Pointer:
		if t.Elem().Kind() != reflect.Pointer {
			return asPointer
		}
	}
	return impossible
}

// schemaOf panics when t, or what it reaches, cannot be a section.
func schemaOf(t reflect.Type) schema {
	if formOf(t) != asSection {
		panic(fmt.Sprintf("config: %v is not a struct", t))
	}
	s := schema{}
	s.reach(t, t.String())
	return s
}

// reach adds the sections below t. where is for the programmer.
func (s schema) reach(t reflect.Type, where string) {
	switch formOf(t) {
	case impossible:
		panic(fmt.Sprintf("config: %s: %v cannot be configured", where, t))
	case asList, asMap, asPointer:
		s.reach(t.Elem(), where)
	case asSection:
		if s[t] != nil {
			return
		}
		sec := &section{}
		s[t] = sec // before its fields: a section may contain itself, behind a pointer
		s.describe(sec, t, nil)
		for _, f := range sec.fields {
			s.reach(f.typ, t.String()+"."+f.goName)
			s.checkDefault(f, t)
		}
		checkRules(t)
	}
}

// describe adds the fields of t, which is at index in the section.
func (s schema) describe(sec *section, t reflect.Type, index []int) {
	for i := range t.NumField() {
		f := t.Field(i)
		tag, tagged := f.Tag.Lookup("yaml")
		name, option, _ := strings.Cut(tag, ",")
		at := append(slices.Clip(index), i)
		switch {
		case name == "-" || !f.IsExported() && !f.Anonymous:
		case option == "inline" && f.IsExported() && formOf(f.Type) == asSection:
			sec.inline = append(sec.inline, at)
			s.reach(f.Type, t.String()+"."+f.Name)
			s.describe(sec, f.Type, at)
		case !tagged || name == "" || option != "" && option != "short" || sec.field(name) != nil:
			panic(fmt.Sprintf("config: %v.%s: needs a yaml tag with a name of its own", t, f.Name))
		default:
			sec.fields = append(sec.fields, newField(f, name, at))
			if option == "short" {
				sec.short = name
			}
		}
	}
}

func newField(f reflect.StructField, name string, index []int) field {
	out := field{name: name, goName: f.Name, index: index, typ: f.Type, options: options{
		bytes:  f.Tag.Get("unit") == "bytes",
		secret: f.Tag.Get("secret") == "true",
	}}
	if text, ok := f.Tag.Lookup("default"); ok {
		out.byDefault = untypedNode(text, f.Type, position{})
	}
	return out
}

// untypedNode is the text of a variable or of a default tag: a scalar, or a list of
// scalars separated by commas.
func untypedNode(text string, t reflect.Type, pos position) *node {
	n := &node{kind: untyped, text: text, pos: pos}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if formOf(t) != asList {
		return n
	}
	list := &node{kind: sequence, pos: pos}
	if text == "" {
		return list
	}
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		list.items = append(list.items, &node{kind: untyped, text: part, pos: pos})
	}
	return list
}

func (s schema) checkDefault(f field, t reflect.Type) {
	if f.byDefault == nil {
		return
	}
	d := decoder{schema: s}
	d.decode(reflect.New(f.typ).Elem(), f.byDefault, place{options: f.options})
	if len(d.errs) > 0 {
		panic(fmt.Sprintf("config: %v.%s: default: %s", t, f.goName, d.errs[0].Message))
	}
}

// long is n as a mapping, if it is a scalar that may stand for one.
func (s *section) long(n *node) *node {
	if s.short == "" || n == nil || !n.scalar() {
		return n
	}
	m := newMapping(n.pos)
	m.entries[s.short] = entry{n.pos, n}
	return m
}

// field is the field of a key, or nil.
func (s *section) field(name string) *field {
	for i := range s.fields {
		if s.fields[i].name == name {
			return &s.fields[i]
		}
	}
	return nil
}

func (s *section) names() []string {
	names := make([]string, len(s.fields))
	for i, f := range s.fields {
		names[i] = f.name
	}
	return names
}
