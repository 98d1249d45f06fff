package endpoint

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/identity"
	"github.com/facet-bff/facet/shared/identity/access"
)

// A decoder fills the inputs of one endpoint. It is compiled once.
type decoder struct {
	values   []valueField
	identity []identityField
	body     *body
	rules    bool // the input is a struct, which may have validate tags
}

// A valueField takes its value from the path, the query or a header.
type valueField struct {
	in, name string
	index    []int
	set      func(reflect.Value, []string) error
	preset   reflect.Value // the default; invalid when there is none
}

type identityField struct {
	index []int
	read  func(*identity.Principal) any
}

// sources are the tags that say where a field comes from.
var sources = map[string]string{"param": "path", "query": "query", "header": "header"}

func newDecoder[In any](method, path string, rule access.Rule) (*decoder, error) {
	t := reflect.TypeFor[In]()
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("the input %s is not a struct", t)
	}
	d := &decoder{rules: t.NumField() > 0}
	var inBody []reflect.StructField
	for _, f := range reflect.VisibleFields(t) {
		if f.Anonymous || !f.IsExported() {
			continue
		}
		isBody, err := d.compile(f, rule)
		if err != nil {
			return nil, fmt.Errorf("field %s of %s: %w", f.Name, t, err)
		}
		if isBody {
			inBody = append(inBody, f)
		}
	}
	if err := d.checkPath(path); err != nil {
		return nil, err
	}
	if len(inBody) == 0 {
		return d, nil
	}
	if method == http.MethodGet || method == http.MethodDelete {
		return nil, fmt.Errorf("%s has json fields, and a %s has no body", t, method)
	}
	var err error
	d.body, err = newBody(inBody)
	return d, err
}

// compile finds the source of one field, and reports whether that is the body.
func (d *decoder) compile(f reflect.StructField, rule access.Rule) (isBody bool, err error) {
	for tag, in := range sources {
		if name, ok := f.Tag.Lookup(tag); ok {
			v, err := newValueField(f, in, name)
			d.values = append(d.values, v)
			return false, err
		}
	}
	if claim, ok := f.Tag.Lookup("identity"); ok {
		read, err := identityReader(f.Type, claim, rule)
		d.identity = append(d.identity, identityField{f.Index, read})
		return false, err
	}
	if name, ok := f.Tag.Lookup("json"); ok && name != "-" {
		return true, nil
	}
	return false, errors.New("say where it comes from: param, query, header, json or identity")
}

func newValueField(f reflect.StructField, in, name string) (valueField, error) {
	v := valueField{in: in, name: name, index: f.Index}
	var err error
	if v.set, err = setter(f.Type); err != nil {
		return v, err
	}
	if text, ok := f.Tag.Lookup("default"); ok {
		v.preset = reflect.New(f.Type).Elem()
		if err := v.set(v.preset, []string{text}); err != nil {
			return v, fmt.Errorf("default: %w", err)
		}
	}
	return v, nil
}

// checkPath holds the path's parameters against the fields.
func (d *decoder) checkPath(path string) error {
	rest := path
	for _, v := range d.values {
		if v.in != "path" {
			continue
		}
		if !strings.Contains(rest, "{"+v.name+"}") {
			return fmt.Errorf("the path has no {%s}", v.name)
		}
		rest = strings.Replace(rest, "{"+v.name+"}", "", 1)
	}
	if strings.ContainsAny(rest, "{}:*") {
		return fmt.Errorf("the path has a parameter that no field takes: %s", rest)
	}
	return nil
}

var identityReaders = map[string]func(*identity.Principal) any{
	"subject": func(p *identity.Principal) any { return p.Subject },
	"tenant":  func(p *identity.Principal) any { return p.Tenant },
	"client":  func(p *identity.Principal) any { return p.Client },
	"scopes":  func(p *identity.Principal) any { return p.Scopes },
	"roles":   func(p *identity.Principal) any { return p.Roles },
}

func identityReader(t reflect.Type, claim string, rule access.Rule) (func(*identity.Principal) any, error) {
	read, ok := identityReaders[claim]
	if !ok {
		return nil, fmt.Errorf("identity has no %q: there are subject, tenant, client, scopes and roles", claim)
	}
	if got := reflect.TypeOf(read(&identity.Principal{})); !got.ConvertibleTo(t) || got.Kind() != t.Kind() {
		return nil, fmt.Errorf("identity %s is a %s", claim, got)
	}
	if !rule.NeedsUser() {
		return nil, fmt.Errorf("it reads the identity, and access %s lets requests in that have none", rule)
	}
	return read, nil
}

// decode fills in from the request, then checks it against its validate tags. The error
// names everything that is wrong.
func (d *decoder) decode(c echo.Context, config Config, in any) error {
	v := reflect.ValueOf(in).Elem()
	query, err := url.ParseQuery(c.Request().URL.RawQuery)
	if err != nil {
		return &fault.Error{Kind: fault.Invalid, Detail: "The query string is malformed.", Err: err}
	}
	var wrong []fault.Field
	for i := range d.values {
		f := &d.values[i]
		if err := f.decode(v.FieldByIndex(f.index), f.find(c, query)); err != nil {
			wrong = append(wrong, fault.Field{In: f.in, Name: f.name, Detail: err.Error()})
		}
	}
	if p := identity.From(c.Request().Context()); p != nil {
		for _, f := range d.identity {
			target := v.FieldByIndex(f.index)
			target.Set(reflect.ValueOf(f.read(p)).Convert(target.Type()))
		}
	}
	if d.body != nil {
		more, err := d.body.decode(c, config, v)
		if err != nil {
			return err
		}
		wrong = append(wrong, more...)
	}
	if d.rules && len(wrong) == 0 {
		wrong = validate(in)
	}
	if len(wrong) > 0 {
		return &fault.Error{Kind: fault.Invalid, Detail: "See errors for what is wrong with the request.", Fields: wrong}
	}
	return nil
}

func (f *valueField) find(c echo.Context, query url.Values) []string {
	switch f.in {
	case "path":
		return []string{pathValue(c, f.name)}
	case "query":
		return query[f.name]
	}
	return c.Request().Header.Values(f.name)
}

// pathValue is a decoded path parameter. The router leaves it escaped when the path has
// a spelling that its decoded form would lose, such as %2F.
func pathValue(c echo.Context, name string) string {
	value := c.Param(name)
	if c.Request().URL.RawPath == "" {
		return value
	}
	if decoded, err := url.PathUnescape(value); err == nil {
		return decoded
	}
	return value
}

func (f *valueField) decode(target reflect.Value, values []string) error {
	if len(values) == 0 {
		if f.preset.IsValid() {
			target.Set(f.preset)
		}
		return nil
	}
	return f.set(target, values)
}
