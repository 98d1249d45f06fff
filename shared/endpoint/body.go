package endpoint

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"os"
	"reflect"

	"github.com/go-json-experiment/json"
	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/fault"
)

// A body decodes the JSON fields of an input. It decodes into a struct of only these
// fields, so that a client cannot set the others.
type body struct {
	typ     reflect.Type
	form    *form
	fields  [][]int       // where typ's fields are in the input
	presets reflect.Value // a typ with its defaults
}

func newBody(fields []reflect.StructField) (*body, error) {
	b := &body{}
	var only []reflect.StructField
	for _, f := range fields {
		only = append(only, reflect.StructField{Name: f.Name, Type: f.Type, Tag: f.Tag})
		b.fields = append(b.fields, f.Index)
	}
	b.typ = reflect.StructOf(only)
	b.presets = reflect.New(b.typ).Elem()
	for i, f := range only {
		text, ok := f.Tag.Lookup("default")
		if !ok {
			continue
		}
		set, err := setter(f.Type)
		if err == nil {
			err = set(b.presets.Field(i), []string{text})
		}
		if err != nil {
			return nil, fmt.Errorf("field %s: default: %w", f.Name, err)
		}
	}
	b.form = formOf(b.typ)
	return b, nil
}

// decode reads the request's body into the input's JSON fields. It returns what is
// wrong inside the JSON, or an error when there is no such JSON.
func (b *body) decode(c echo.Context, config Config, in reflect.Value) ([]fault.Field, error) {
	data, err := readBody(c, config.MaxBody)
	if err != nil {
		return nil, err
	}
	if wrong := check(data, b.form, config.MaxDepth); len(wrong) > 0 {
		return wrong, nil
	}
	v := reflect.New(b.typ)
	v.Elem().Set(b.presets)
	if err := json.Unmarshal(data, v.Interface()); err != nil {
		return []fault.Field{undecodable(err)}, nil
	}
	for i, index := range b.fields {
		in.FieldByIndex(index).Set(v.Elem().Field(i))
	}
	return nil, nil
}

// readBody reads a JSON body of at most limit bytes.
func readBody(c echo.Context, limit int64) ([]byte, error) {
	r := c.Request()
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, &fault.Error{Kind: fault.Invalid, Status: http.StatusUnsupportedMediaType, Detail: "The body must be application/json."}
	}
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return nil, &fault.Error{Kind: fault.Invalid, Status: http.StatusUnsupportedMediaType, Detail: "The body must not be compressed."}
	}
	tooLarge := &fault.Error{
		Kind: fault.Invalid, Status: http.StatusRequestEntityTooLarge,
		Detail: fmt.Sprintf("The body must be at most %d bytes.", limit),
	}
	if r.ContentLength > limit {
		return nil, tooLarge
	}
	buf := bytes.NewBuffer(make([]byte, 0, max(r.ContentLength, 0)+bytes.MinRead))
	if _, err := buf.ReadFrom(http.MaxBytesReader(c.Response(), r.Body, limit)); err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, tooLarge
		}
		return nil, brokenBody(r, err)
	}
	return buf.Bytes(), nil
}

// brokenBody is a body that did not arrive whole, which is never a backend's fault.
func brokenBody(r *http.Request, err error) error {
	switch {
	case r.Context().Err() != nil:
		return &fault.Error{Kind: fault.Gone, Err: err}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &fault.Error{Kind: fault.Invalid, Status: http.StatusRequestTimeout, Detail: "The body did not arrive in time.", Err: err}
	}
	return &fault.Error{Kind: fault.Invalid, Detail: "The body broke off or is malformed.", Err: err}
}
