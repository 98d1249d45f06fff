package endpoint

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/facet-bff/facet/shared/identity"
	"github.com/facet-bff/facet/shared/identity/access"
)

// sources are the tags that say which part of a request a field comes from.
var sources = []struct{ tag, in string }{
	{"param", "path"}, {"query", "query"}, {"header", "header"}, {"json", "body"}, {"identity", "identity"},
}

// newDecoder reads the declaration of an input. Whatever a programmer can do wrong in it
// is an error here, so that no request meets it.
func newDecoder[In any](method, path string, rule access.Rule) (*decoder, error) {
	t := reflect.TypeFor[In]()
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("the input %s is not a struct", t)
	}
	d := &decoder{}
	inBody, err := d.addFields(t, rule)
	if err != nil {
		return nil, err
	}
	if err := checkPath(path, d.values); err != nil {
		return nil, err
	}
	if len(inBody) > 0 {
		if method == http.MethodGet || method == http.MethodDelete {
			return nil, fmt.Errorf("%s has json fields, and a %s has no body", t, method)
		}
		if d.body, err = newBody(inBody); err != nil {
			return nil, fmt.Errorf("%s: %w", t, err)
		}
	}
	return d, tryRules(t)
}

// addFields finds the source of every field. It returns those that the body has.
func (d *decoder) addFields(t reflect.Type, rule access.Rule) (inBody []reflect.StructField, err error) {
	for _, f := range reflect.VisibleFields(t) {
		if f.Anonymous && f.Type.Kind() == reflect.Struct && f.Tag == "" {
			continue // its fields are visible too
		}
		in, name, err := sourceOf(f)
		switch {
		case err != nil:
		case in == "body":
			inBody = append(inBody, f)
		case in == "identity":
			err = d.addIdentity(f, name, rule)
		default:
			err = d.addValue(f, in, name)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: field %s: %w", t, f.Name, err)
		}
	}
	return inBody, nil
}

// sourceOf is the one source of a field, and the field's name there.
func sourceOf(f reflect.StructField) (in, name string, err error) {
	for _, s := range sources {
		value, ok := f.Tag.Lookup(s.tag)
		switch {
		case !ok || s.tag == "json" && value == "-":
		case in != "":
			return "", "", errors.New("it has two sources")
		case value == "":
			return "", "", fmt.Errorf("its %s tag is empty", s.tag)
		default:
			in, name = s.in, value
		}
	}
	switch {
	case in == "":
		return "", "", errors.New("say where it comes from: param, query, header, json or identity")
	case !f.IsExported():
		return "", "", errors.New("it must be exported")
	}
	return in, name, nil
}

func (d *decoder) addValue(f reflect.StructField, in, name string) error {
	if in == "header" && identity.IsIdentityHeader(name) {
		return fmt.Errorf("no request has the header %s: take the identity", name)
	}
	v := valueField{in: in, name: name, index: f.Index}
	var err error
	if v.set, err = setter(f.Type); err != nil {
		return err
	}
	if v.preset, err = preset(f, v.set); err != nil {
		return err
	}
	d.values = append(d.values, v)
	return nil
}

// preset is a field's default, which every input is given afresh: it may be a list or
// a pointer, and inputs must not share those.
func preset(f reflect.StructField, set set) ([]string, error) {
	text, ok := f.Tag.Lookup("default")
	if !ok {
		return nil, nil
	}
	values := []string{text}
	if err := set(reflect.New(f.Type).Elem(), values); err != nil {
		return nil, fmt.Errorf("default: %w", err)
	}
	return values, nil
}

// checkPath holds the path's parameters against the fields.
func checkPath(path string, fields []valueField) error {
	if !strings.HasPrefix(path, "/") {
		return errors.New("the path does not begin with a slash")
	}
	var free []string
	for _, f := range fields {
		if f.in == "path" {
			free = append(free, f.name)
		}
	}
	for segment := range strings.SplitSeq(path[1:], "/") {
		name := strings.TrimSuffix(strings.TrimPrefix(segment, "{"), "}")
		i := slices.Index(free, name)
		switch {
		case strings.ContainsAny(name, "{}:*?#") || name != segment && segment != "{"+name+"}":
			return fmt.Errorf("the segment %s of the path is neither plain nor one {parameter}", segment)
		case name == segment:
		case i < 0:
			return fmt.Errorf("no field takes %s of the path", segment)
		default:
			free = slices.Delete(free, i, i+1)
		}
	}
	if len(free) > 0 {
		return fmt.Errorf("the path has no {%s} left for a field", free[0])
	}
	return nil
}
