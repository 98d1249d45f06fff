package backend

import (
	"encoding"
	"fmt"
	"net/http"
	"net/textproto"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"golang.org/x/net/http/httpguts"

	"github.com/facet-bff/facet/shared/fault"
)

// An encoder writes arguments of one type into requests. It is compiled once.
type encoder struct {
	method  string
	tmpl    template
	fields  map[string][]int // template variable -> field; nil when the argument is the only value
	headers []headerField
	body    reflect.Type // the struct of the JSON fields; nil when the argument is the body
	bodyAt  [][]int      // where body's fields are in the argument
	hasBody bool
}

type headerField struct {
	name  string
	index []int
}

func newEncoder[A any](method, path string) (*encoder, error) {
	tmpl, err := parseTemplate(path)
	if err != nil {
		return nil, err
	}
	e := &encoder{method: method, tmpl: tmpl}
	mayHaveBody := method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch
	t := reflect.TypeFor[A]()
	switch {
	case isStruct(t):
		err = e.compileStruct(t, mayHaveBody)
	case len(tmpl.names()) == 1:
		_, err = formatter(t)
	case len(tmpl.names()) == 0 && mayHaveBody:
		e.hasBody = true
	default:
		err = fmt.Errorf("path %q needs %d values, and %s is one", path, len(tmpl.names()), t)
	}
	return e, err
}

// compileStruct finds a use for every field and a field for every variable.
func (e *encoder) compileStruct(t reflect.Type, mayHaveBody bool) error {
	e.fields = make(map[string][]int)
	var body []reflect.StructField
	for _, f := range reflect.VisibleFields(t) {
		if f.Anonymous || !f.IsExported() {
			continue
		}
		variable, header, inBody := placeOf(f)
		switch {
		case variable != "":
			if _, err := formatter(f.Type); err != nil {
				return fmt.Errorf("field %s: %w", f.Name, err)
			}
			e.fields[variable] = f.Index
		case header != "":
			if _, err := formatter(f.Type); err != nil {
				return fmt.Errorf("field %s: %w", f.Name, err)
			}
			e.headers = append(e.headers, headerField{textproto.CanonicalMIMEHeaderKey(header), f.Index})
		case inBody && mayHaveBody:
			body = append(body, reflect.StructField{Name: f.Name, Type: f.Type, Tag: f.Tag})
			e.bodyAt = append(e.bodyAt, f.Index)
		case f.Tag.Get("json") == "-":
		default:
			return fmt.Errorf("field %s of %s is not sent: give it a param, query, header or (with a body) json tag", f.Name, t)
		}
	}
	for _, name := range e.tmpl.names() {
		if _, ok := e.fields[name]; !ok {
			return fmt.Errorf("{%s} is no field of %s", name, t)
		}
	}
	for name := range e.fields {
		if !slices.Contains(e.tmpl.names(), name) {
			return fmt.Errorf("the path has no {%s}, which %s would fill", name, t)
		}
	}
	if len(body) > 0 {
		e.hasBody, e.body = true, reflect.StructOf(body)
	}
	return nil
}

func placeOf(f reflect.StructField) (variable, header string, inBody bool) {
	for _, tag := range []string{"param", "query"} {
		if v, ok := f.Tag.Lookup(tag); ok {
			return v, "", false
		}
	}
	if v, ok := f.Tag.Lookup("header"); ok {
		return "", v, false
	}
	v, ok := f.Tag.Lookup("json")
	return "", "", ok && v != "-"
}

func isStruct(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && !t.Implements(reflect.TypeFor[encoding.TextMarshaler]())
}

// encode fills in the method, path, headers and body of req.
func (e *encoder) encode(req *Request, arg any) (err error) {
	v := reflect.ValueOf(arg)
	req.Method = e.method
	if req.Path, err = e.path(v); err != nil {
		return err
	}
	if err = e.setHeaders(req, v); err != nil || !e.hasBody {
		return err
	}
	if e.body != nil {
		part := reflect.New(e.body).Elem()
		for i, index := range e.bodyAt {
			part.Field(i).Set(v.FieldByIndex(index))
		}
		arg = part.Interface()
	}
	if req.Body, err = json.Marshal(arg); err != nil {
		return fmt.Errorf("encode the body: %w", err)
	}
	return nil
}

func (e *encoder) path(arg reflect.Value) (string, error) {
	var b strings.Builder
	for _, p := range e.tmpl.path {
		if p.literal != "" {
			b.WriteString(p.literal)
			continue
		}
		values, err := e.values(arg, p.name)
		if err != nil {
			return "", err
		}
		if len(values) != 1 || values[0] == "" || values[0] == "." || values[0] == ".." {
			return "", &fault.Error{Kind: fault.Invalid, Fields: []fault.Field{{In: "path", Name: p.name, Detail: "names nothing"}}}
		}
		escape(&b, values[0])
	}
	sep := byte('?')
	for _, q := range e.tmpl.query {
		values, err := e.values(arg, q.name)
		if err != nil {
			return "", err
		}
		for i, value := range values {
			if i == 0 || q.explode {
				b.WriteByte(sep)
				escape(&b, q.name)
				b.WriteByte('=')
				sep = '&'
			} else {
				b.WriteByte(',')
			}
			escape(&b, value)
		}
	}
	return b.String(), nil
}

func (e *encoder) setHeaders(req *Request, arg reflect.Value) error {
	if len(e.headers) == 0 {
		return nil
	}
	req.Header = req.Header.Clone()
	for _, h := range e.headers {
		values, err := format(arg.FieldByIndex(h.index), true)
		if err != nil {
			return err
		}
		for _, value := range values {
			if !httpguts.ValidHeaderFieldValue(value) {
				return &fault.Error{Kind: fault.Invalid, Fields: []fault.Field{{In: "header", Name: h.name, Detail: "has a character that a header cannot carry"}}}
			}
			req.Header.Add(h.name, value)
		}
	}
	return nil
}

// values are the elements of a variable; none when it is undefined.
func (e *encoder) values(arg reflect.Value, name string) ([]string, error) {
	if e.fields == nil {
		return format(arg, false)
	}
	return format(arg.FieldByIndex(e.fields[name]), true)
}

// escape writes s with everything escaped that is not unreserved (RFC 3986, 2.3), so
// that no value can end its segment or parameter.
func escape(b *strings.Builder, s string) {
	const hex = "0123456789ABCDEF"
	for i := range len(s) {
		c := s[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~' {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
}

// formatter refuses types that have no text.
func formatter(t reflect.Type) (reflect.Type, error) {
	elem := t
	if elem.Kind() == reflect.Slice {
		elem = elem.Elem()
	}
	if elem.Kind() == reflect.Pointer {
		elem = elem.Elem()
	}
	if elem.Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
		return t, nil
	}
	switch elem.Kind() {
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		return t, nil
	}
	return nil, fmt.Errorf("%s cannot be written as text", t)
}

// format writes a value as text: one element, one per element of a list, or none for
// nil and, where skipZero is set, for a zero value.
func format(v reflect.Value, skipZero bool) ([]string, error) {
	switch {
	case v.Kind() == reflect.Pointer && v.IsNil():
		return nil, nil
	case v.Kind() == reflect.Pointer:
		return format(v.Elem(), false)
	case skipZero && v.IsZero():
		return nil, nil
	case v.Kind() == reflect.Slice && !v.Type().Implements(reflect.TypeFor[encoding.TextMarshaler]()):
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
	if m, ok := v.Interface().(encoding.TextMarshaler); ok {
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
	if v.CanInt() {
		return strconv.FormatInt(v.Int(), 10), nil
	}
	return strconv.FormatUint(v.Uint(), 10), nil
}
