package facettest

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// conforms says how a JSON value departs from the shape that a Go type always has:
// every member is there, none is unknown, lists and objects are never null. It returns
// nothing when it does not.
func conforms(value jsontext.Value, t reflect.Type) (departures []string) {
	return departuresAt("", value, t)
}

func departuresAt(at string, value jsontext.Value, t reflect.Type) []string {
	kind := value.Kind()
	switch {
	case t.Kind() == reflect.Pointer:
		if kind == 'n' {
			return nil
		}
		return departuresAt(at, value, t.Elem())
	case reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		return expect(at, kind, "\"")
	}
	switch t.Kind() {
	case reflect.Struct:
		return departuresOfObject(at, value, t)
	case reflect.Slice, reflect.Array:
		var list []jsontext.Value
		if kind != '[' || json.Unmarshal(value, &list) != nil {
			return expect(at, kind, "[")
		}
		var all []string
		for i, v := range list {
			all = append(all, departuresAt(fmt.Sprintf("%s/%d", at, i), v, t.Elem())...)
		}
		return all
	case reflect.Map:
		var members map[string]jsontext.Value
		if kind != '{' || json.Unmarshal(value, &members) != nil {
			return expect(at, kind, "{")
		}
		var all []string
		for name, v := range members {
			all = append(all, departuresAt(at+"/"+name, v, t.Elem())...)
		}
		return all
	case reflect.String:
		return expect(at, kind, "\"")
	case reflect.Bool:
		return expect(at, kind, "tf")
	case reflect.Interface:
		return nil
	}
	return expect(at, kind, "0")
}

func departuresOfObject(at string, value jsontext.Value, t reflect.Type) (all []string) {
	var members map[string]jsontext.Value
	if value.Kind() != '{' || json.Unmarshal(value, &members) != nil {
		return expect(at, value.Kind(), "{")
	}
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || !f.IsExported() || name == "-" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		member, ok := members[name]
		delete(members, name)
		switch {
		case ok:
			all = append(all, departuresAt(at+"/"+name, member, f.Type)...)
		case !strings.Contains(options, "omit"):
			all = append(all, at+"/"+name+" is missing")
		}
	}
	for name := range members {
		all = append(all, at+"/"+name+" is unknown")
	}
	return all
}

func expect(at string, got jsontext.Kind, want string) []string {
	if strings.ContainsRune(want, rune(got)) {
		return nil
	}
	return []string{fmt.Sprintf("%s is %s", at, got)}
}
