package endpoint

import (
	"reflect"

	"github.com/go-json-experiment/json/jsontext"
)

// whatever accepts any JSON.
var whatever = &form{nullable: true}

// opens reports whether a value that begins with kind, '{' or '[', is of the form.
func (f *form) opens(kind jsontext.Kind) bool {
	if kind == '{' {
		return f.kind == object || f.kind == mapping || f.kind == anything
	}
	return f.kind == list || f.kind == anything
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
	switch {
	case kind == 'n' && f.nullable, kind != 'n' && f.kind == anything:
		return ""
	case kind == '"' && f.kind == str, (kind == 't' || kind == 'f') && f.kind == boolean:
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
		return "must be a string: a " + textName(f.typ)
	case boolean:
		return "must be true or false"
	case number:
		return "must be a number"
	}
	return "must not be null"
}
