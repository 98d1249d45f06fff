package endpoint

import (
	"fmt"
	"reflect"

	"github.com/go-json-experiment/json"
	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/fault"
)

// A body decodes the JSON fields of an input. It decodes into a struct of only these
// fields, so that a client cannot set the others.
type body struct {
	typ    reflect.Type
	form   *form
	fields []bodyField // those of typ, in order
}

type bodyField struct {
	index  []int // in the input
	set    set
	preset []string // the default; nil: none
}

func newBody(fields []reflect.StructField) (*body, error) {
	b := &body{fields: make([]bodyField, len(fields))}
	only := make([]reflect.StructField, len(fields))
	for i, f := range fields {
		only[i] = reflect.StructField{Name: f.Name, Type: f.Type, Tag: f.Tag}
		b.fields[i].index = f.Index
		if _, ok := f.Tag.Lookup("default"); !ok {
			continue
		}
		var err error
		if b.fields[i].set, err = setter(f.Type); err == nil {
			b.fields[i].preset, err = preset(f, b.fields[i].set)
		}
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", f.Name, err)
		}
	}
	b.typ = reflect.StructOf(only)
	var err error
	b.form, err = formOf(b.typ)
	return b, err
}

// decode reads the request's body into the input's JSON fields. It returns what is
// wrong inside the JSON, or an error when there is no such JSON.
func (b *body) decode(c echo.Context, config Config, in reflect.Value) ([]fault.Field, error) {
	data, err := readBody(c, config.MaxBody)
	if err != nil {
		return nil, err
	}
	return b.unmarshal(data, config.MaxDepth, in), nil
}

func (b *body) unmarshal(data []byte, maxDepth int, in reflect.Value) (wrong []fault.Field) {
	if wrong := check(data, b.form, maxDepth); len(wrong) > 0 {
		return wrong
	}
	v := reflect.New(b.typ)
	for i, f := range b.fields {
		if f.preset != nil {
			_ = f.set(v.Elem().Field(i), f.preset) // it was tried when it was declared
		}
	}
	if err := json.Unmarshal(data, v.Interface(), wire); err != nil {
		return []fault.Field{undecodable(err)}
	}
	for i, f := range b.fields {
		in.FieldByIndex(f.index).Set(v.Elem().Field(i))
	}
	return nil
}
