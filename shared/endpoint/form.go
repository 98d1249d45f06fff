package endpoint

import (
	"encoding"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// A form is what JSON may look like for a Go type. Decoding alone would stop at the
// first mistake; holding the whole body against its form finds all of them.
type form struct {
	kind     formKind
	nullable bool
	pointee  *form            // of a pointer: the form to use instead
	fields   map[string]*form // of an object
	element  *form            // of a list or map
	set      func(reflect.Value, string) error
	typ      reflect.Type // what set sets
}

type formKind uint8

const (
	anything formKind = iota
	object
	mapping
	list
	text // a string that the type reads itself
	str
	number
	boolean
)

// whatever accepts any JSON.
var whatever = &form{nullable: true}

func formOf(t reflect.Type) *form { return forms{}.of(t) }

// forms holds the forms under construction, for types that contain themselves.
type forms map[reflect.Type]*form

func (fs forms) of(t reflect.Type) *form {
	if f, ok := fs[t]; ok {
		return f
	}
	f := &form{typ: t}
	fs[t] = f
	switch p := reflect.PointerTo(t); {
	case t.Kind() == reflect.Pointer:
		f.pointee, f.nullable = fs.of(t.Elem()), true
		return f
	case p.Implements(reflect.TypeFor[json.Unmarshaler]()), p.Implements(reflect.TypeFor[json.UnmarshalerFrom]()):
		return f
	case p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		f.kind, f.set = text, setText
		return f
	}
	switch t.Kind() {
	case reflect.Struct:
		f.kind, f.fields = object, fs.fieldsOf(t)
	case reflect.Map:
		f.kind, f.element = mapping, fs.of(t.Elem())
	case reflect.Slice, reflect.Array:
		f.kind, f.element = list, fs.of(t.Elem())
	case reflect.String:
		f.kind = str
	case reflect.Bool:
		f.kind = boolean
	case reflect.Interface:
		f.nullable = true
	default:
		f.kind = number
		f.set, _ = scalar(t)
	}
	return f
}

func (fs forms) fieldsOf(t reflect.Type) map[string]*form {
	fields := make(map[string]*form)
	for _, f := range reflect.VisibleFields(t) {
		if name := jsonName(f); name != "" {
			fields[name] = fs.of(f.Type)
		}
	}
	return fields
}

// jsonName is a field's name in JSON; empty when it has none.
func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	switch {
	case f.Anonymous || !f.IsExported() || name == "-":
		return ""
	case name == "":
		return f.Name
	}
	return name
}

// member is the form of an object's member; nil when there is no such member.
func (f *form) member(name string) *form {
	switch f.kind {
	case object:
		return f.fields[name]
	case mapping:
		return f.element
	}
	return whatever
}

// elements is the form of a list's elements.
func (f *form) elements() *form {
	if f.kind == list {
		return f.element
	}
	return whatever
}

// refuse says what is wrong with a scalar; empty means nothing.
func (f *form) refuse(tok jsontext.Token) string {
	kind := tok.Kind()
	if kind == 'n' && f.nullable {
		return ""
	}
	if f.pointee != nil {
		return f.pointee.refuse(tok)
	}
	switch {
	case kind == 'n':
	case f.kind == anything, kind == '"' && f.kind == str, (kind == 't' || kind == 'f') && f.kind == boolean:
		return ""
	case kind == '"' && f.kind == text, kind == '0' && f.kind == number:
		if err := f.set(reflect.New(f.typ).Elem(), tok.String()); err != nil {
			return err.Error()
		}
		return ""
	}
	return f.expectation()
}

func (f *form) expectation() string {
	switch f.kind {
	case object, mapping:
		return "must be an object"
	case list:
		return "must be an array"
	case str:
		return "must be a string"
	case text:
		return "must be a string: a valid " + textName(f.typ)
	case boolean:
		return "must be true or false"
	case number:
		return "must be a number"
	}
	return "must not be null"
}
