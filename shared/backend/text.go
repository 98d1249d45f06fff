package backend

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
)

var textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()

// format writes a value as text: one element, one per element of a list, or none for
// nil and, where skipZero is set, for a zero value. Its type has passed checkText.
func format(v reflect.Value, skipZero bool) ([]string, error) {
	switch {
	case v.Kind() == reflect.Pointer && v.IsNil():
		return nil, nil
	case v.Kind() == reflect.Pointer:
		return format(v.Elem(), false)
	case skipZero && v.IsZero():
		return nil, nil
	case isList(v.Type()):
		list := make([]string, 0, v.Len())
		for i := range v.Len() {
			one, err := format(v.Index(i), false)
			if err != nil {
				return nil, err
			}
			list = append(list, one...)
		}
		return list, nil
	}
	s, err := text(v)
	return []string{s}, err
}

func text(v reflect.Value) (string, error) {
	if m, ok := reflect.TypeAssert[encoding.TextMarshaler](v); ok {
		b, err := m.MarshalText()
		return string(b), err
	}
	switch v.Kind() {
	case reflect.String:
		return v.String(), nil
	case reflect.Bool:
		return strconv.FormatBool(v.Bool()), nil
	case reflect.Float32, reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'f', -1, v.Type().Bits()), nil
	}
	return string(appendNumber(nil, v)), nil
}

// isNumber reports a whole number that does not marshal itself.
func isNumber(t reflect.Type) bool {
	return t.Kind() >= reflect.Int && t.Kind() <= reflect.Uint64 && !t.Implements(textMarshaler)
}

func appendNumber(b []byte, v reflect.Value) []byte {
	if v.CanInt() {
		return strconv.AppendInt(b, v.Int(), 10)
	}
	return strconv.AppendUint(b, v.Uint(), 10)
}

// checkText refuses types that have no text: all but scalars and what marshals itself,
// pointers to them, and lists of them.
func checkText(t reflect.Type) error {
	elem := t
	if isList(elem) {
		elem = elem.Elem()
	}
	if elem.Kind() == reflect.Pointer {
		elem = elem.Elem()
	}
	switch kind := elem.Kind(); {
	case kind != reflect.Interface && elem.Implements(textMarshaler),
		kind >= reflect.Bool && kind <= reflect.Float64 && kind != reflect.Uintptr,
		kind == reflect.String:
		return nil
	}
	return fmt.Errorf("a %s cannot be written as text", t)
}

// isStruct reports a struct that is not one value, as a time.Time is.
func isStruct(t reflect.Type) bool { return t.Kind() == reflect.Struct && !t.Implements(textMarshaler) }

func isList(t reflect.Type) bool { return t.Kind() == reflect.Slice && !t.Implements(textMarshaler) }

// appendEscaped appends s with everything escaped that is not unreserved (RFC 3986, 2.3), so
// that no value can end its segment or parameter.
func appendEscaped(b []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(s) {
		c := s[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~' {
			b = append(b, c)
			continue
		}
		b = append(b, '%', hex[c>>4], hex[c&15])
	}
	return b
}
