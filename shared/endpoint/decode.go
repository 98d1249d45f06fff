package endpoint

import (
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/identity"
)

// maxWrong is how many mistakes are reported at most.
const maxWrong = 20

// A decoder fills the inputs of one endpoint. It never changes.
type decoder struct {
	values   []valueField
	identity []identityField
	body     *body // nil: the input has no JSON fields
}

// vary lists the request's headers that answers depend on.
func (d *decoder) vary() string {
	names := []string{"Accept-Encoding"}
	for _, f := range d.values {
		if f.in == "header" {
			names = append(names, http.CanonicalHeaderKey(f.name))
		}
	}
	return strings.Join(names, ", ")
}

// decode fills in, a pointer to the input, from the request, then checks it against its
// validate tags. The error names everything that is wrong.
func (d *decoder) decode(c echo.Context, config Config, in any) error {
	v := reflect.ValueOf(in).Elem()
	wrong, err := d.decodeValues(c, v)
	if err != nil {
		return err
	}
	for i := range d.identity {
		d.identity[i].take(identity.From(c.Request().Context()), v)
	}
	if d.body != nil {
		inBody, err := d.body.decode(c, config, v)
		if err != nil {
			return err
		}
		wrong = append(wrong, inBody...)
	}
	wrong = append(wrong, unlessKnown(validate(in), wrong)...)
	if len(wrong) == 0 {
		return nil
	}
	return &fault.Error{
		Kind: fault.Invalid, Detail: "See errors for what is wrong with the request.",
		Fields: wrong[:min(len(wrong), maxWrong)],
	}
}

func (d *decoder) decodeValues(c echo.Context, v reflect.Value) (wrong []fault.Field, err error) {
	query, err := parseQuery(c.Request().URL.RawQuery)
	if err != nil {
		return nil, &fault.Error{Kind: fault.Invalid, Detail: "The query string is malformed.", Err: err}
	}
	for i := range d.values {
		f := &d.values[i]
		values, err := f.find(c, query)
		if err != nil {
			return nil, err
		}
		if err := f.decode(v.FieldByIndex(f.index), values); err != nil {
			wrong = append(wrong, fault.Field{In: f.in, Name: f.name, Detail: err.Error()})
		}
	}
	return wrong, nil
}

// parseQuery makes no map of nothing.
func parseQuery(raw string) (url.Values, error) {
	if raw == "" {
		return nil, nil
	}
	return url.ParseQuery(raw)
}

// unlessKnown leaves out broken rules of what could not be read at all: of a body, once
// anything in it is wrong, and of a value that is wrong.
func unlessKnown(broken, wrong []fault.Field) []fault.Field {
	return slices.DeleteFunc(broken, func(b fault.Field) bool {
		return slices.ContainsFunc(wrong, func(w fault.Field) bool {
			return w.In == b.In && (w.In == "body" || w.Name == b.Name)
		})
	})
}

// A valueField takes its value from the path, the query or a header.
type valueField struct {
	in, name string
	index    []int
	set      set
	preset   []string // the default, like values of a request; nil: none
}

func (f *valueField) find(c echo.Context, query url.Values) ([]string, error) {
	switch f.in {
	case "path":
		value, err := pathValue(c, f.name)
		return []string{value}, err
	case "query":
		return query[f.name], nil
	}
	return c.Request().Header.Values(f.name), nil
}

// pathValue is one whole segment of the path. The router is not that strict: it also
// matches nothing between slashes, and a path that goes on after its last parameter.
func pathValue(c echo.Context, name string) (string, error) {
	value := c.Param(name)
	if value == "" || strings.Contains(value, "/") {
		return "", &fault.Error{Kind: fault.NoRoute, Err: echo.ErrNotFound}
	}
	if c.Request().URL.RawPath == "" {
		return value, nil // the router was given the decoded path
	}
	value, err := url.PathUnescape(value)
	if err != nil {
		return "", &fault.Error{Kind: fault.Invalid, Detail: "The path is malformed.", Err: err}
	}
	return value, nil
}

func (f *valueField) decode(target reflect.Value, values []string) error {
	if len(values) == 0 {
		values = f.preset
	}
	if len(values) == 0 {
		return nil
	}
	return f.set(target, values)
}
