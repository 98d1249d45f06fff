package endpoint

import (
	"cmp"
	"encoding"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
)

// A form is what JSON may look like for a Go type. Decoding alone would stop at the
// first mistake; holding the whole body against its form finds all of them.
//
// A form is stricter than json/v2: null is for pointers and interfaces only.
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

// formOf is the form of a type; the error names what JSON cannot be read into.
func formOf(t reflect.Type) (*form, error) {
	fs := forms{known: make(map[reflect.Type]*form)}
	return fs.of(t), fs.err
}

// forms holds the forms under construction, for types that contain themselves.
type forms struct {
	known map[reflect.Type]*form
	err   error // the first
}

func (fs *forms) of(t reflect.Type) *form {
	f, known := fs.known[t]
	if known {
		return f
	}
	f = &form{typ: t}
	fs.known[t] = f
	switch p := reflect.PointerTo(t); {
	case t.Kind() == reflect.Pointer:
		f.pointee, f.nullable = fs.of(t.Elem()), true
	case t == reflect.TypeFor[time.Time](): // json/v2 does not call its UnmarshalJSON either
		f.kind, f.set = text, setText
	case p.Implements(reflect.TypeFor[json.Unmarshaler]()), p.Implements(reflect.TypeFor[json.UnmarshalerFrom]()):
	case p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		f.kind, f.set = text, setText
	case t == reflect.TypeFor[time.Duration]():
		f.kind, f.set = text, setDuration
	default:
		fs.byKind(f, t)
	}
	return f
}

func (fs *forms) byKind(f *form, t reflect.Type) {
	switch t.Kind() {
	case reflect.Struct:
		f.kind, f.fields = object, make(map[string]*form)
		fs.addFields(f, t)
	case reflect.Map:
		f.kind, f.element = mapping, fs.of(t.Elem())
		if _, err := scalar(t.Key()); err != nil {
			fs.fail("a %s cannot be read from JSON: its keys have no text form", t)
		}
	case reflect.Slice, reflect.Array:
		f.kind, f.element = list, fs.of(t.Elem())
		if t.Elem() == reflect.TypeFor[byte]() {
			f.kind = str // base64; a named byte is a type like any other
		}
	case reflect.String:
		f.kind = str
	case reflect.Bool:
		f.kind = boolean
	default:
		var err error
		f.kind = number
		if f.set, err = scalar(t); err == nil {
			return
		}
		f.kind, f.nullable = anything, true
		if t.Kind() != reflect.Interface || t.NumMethod() > 0 {
			fs.fail("a %s cannot be read from JSON", t)
		}
	}
}

// addFields adds the members that stand for the fields of t.
func (fs *forms) addFields(f *form, t reflect.Type) {
	for sf := range t.Fields() {
		name := jsonName(sf)
		switch _, options, _ := strings.Cut(sf.Tag.Get("json"), ","); {
		case embedded(sf):
			fs.addFields(f, sf.Type)
			continue
		case name == "":
			continue
		case strings.ContainsAny(name, `'"\`+"`"), options != "" && options != "omitempty" && options != "omitzero":
			fs.fail("field %s: its json tag has what is not supported in an input", sf.Name)
		case f.fields[name] != nil:
			fs.fail("field %s: there are two of the JSON name %q", sf.Name, name)
		case sf.Anonymous && sf.Tag.Get("json") == "":
			fs.fail("field %s: only a struct can be embedded without a JSON name", sf.Name)
		}
		f.fields[name] = fs.of(sf.Type)
	}
}

func (fs *forms) fail(format string, args ...any) {
	fs.err = cmp.Or(fs.err, fmt.Errorf(format, args...))
}

// embedded reports whether f stands for the fields of an embedded struct.
func embedded(f reflect.StructField) bool {
	return f.Anonymous && f.Type.Kind() == reflect.Struct && f.Tag.Get("json") == ""
}

// jsonName is a field's name in JSON; empty when it has none.
func jsonName(f reflect.StructField) string {
	tag := f.Tag.Get("json")
	if !f.IsExported() || tag == "-" {
		return ""
	}
	name, _, _ := strings.Cut(tag, ",")
	return cmp.Or(name, f.Name)
}
