package backend

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"

	"github.com/go-json-experiment/json"
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
	t := reflect.TypeFor[A]()
	if err := e.compile(t); err != nil {
		return nil, err
	}
	for i, p := range tmpl.path {
		if p.name != "" {
			tmpl.path[i].number = isNumber(e.variableType(t, p.name))
		}
	}
	return e, nil
}

func (e *encoder) compile(t reflect.Type) error {
	names := e.tmpl.names()
	switch {
	case isStruct(t):
		return e.compileStruct(t)
	case t.Kind() == reflect.Pointer && isStruct(t.Elem()):
		return fmt.Errorf("take %s itself and not a pointer to it", t.Elem())
	case len(names) == 1:
		return e.checkVariable(names[0], t)
	case len(names) == 0 && e.mayHaveBody():
		e.hasBody = true
		return nil
	}
	return fmt.Errorf("path %q needs %d values, and %s is one", e.tmpl.source, len(names), t)
}

// variableType is the type of what fills a variable.
func (e *encoder) variableType(arg reflect.Type, name string) reflect.Type {
	if e.fields == nil {
		return arg
	}
	return arg.FieldByIndex(e.fields[name]).Type
}

func (e *encoder) mayHaveBody() bool {
	return e.method == http.MethodPost || e.method == http.MethodPut || e.method == http.MethodPatch
}

// compileStruct finds a use for every field and a field for every variable.
func (e *encoder) compileStruct(t reflect.Type) error {
	e.fields = make(map[string][]int)
	var body []reflect.StructField
	for _, f := range reflect.VisibleFields(t) {
		switch {
		case f.Anonymous && f.Type.Kind() == reflect.Pointer:
			return fmt.Errorf("%s embeds a pointer, which may be nil: embed %s itself", t, f.Type.Elem())
		case f.Anonymous && isStruct(f.Type) && f.Tag == "", !f.IsExported():
			continue // the fields of what is embedded follow
		}
		inBody, err := e.place(f)
		if err != nil {
			return fmt.Errorf("field %s of %s: %w", f.Name, t, err)
		}
		if inBody {
			body = append(body, reflect.StructField{Name: f.Name, Type: f.Type, Tag: f.Tag})
			e.bodyAt = append(e.bodyAt, f.Index)
		}
	}
	for _, name := range e.tmpl.names() {
		if _, ok := e.fields[name]; !ok {
			return fmt.Errorf("{%s} is no field of %s", name, t)
		}
	}
	return e.compileBody(body)
}

// place finds the place in the request that f's tags name.
func (e *encoder) place(f reflect.StructField) (inBody bool, err error) {
	if f.Anonymous && isStruct(f.Type) {
		return false, errors.New("embedded and with a tag: give it a name or take the tag away")
	}
	for _, tag := range []string{"param", "query"} {
		if name, ok := f.Tag.Lookup(tag); ok {
			return false, e.placeVariable(name, f)
		}
	}
	if name, ok := f.Tag.Lookup("header"); ok {
		return false, e.placeHeader(name, f)
	}
	switch tag, ok := f.Tag.Lookup("json"); {
	case tag == "-":
		return false, nil
	case ok && e.mayHaveBody():
		return true, nil
	}
	return false, errors.New("not sent: give it a param, query, header or (with a body) json tag")
}

func (e *encoder) placeVariable(name string, f reflect.StructField) error {
	if !slices.Contains(e.tmpl.names(), name) {
		return fmt.Errorf("the path has no {%s}, which it would fill", name)
	}
	if _, taken := e.fields[name]; taken {
		return fmt.Errorf("another field fills {%s} already", name)
	}
	e.fields[name] = f.Index
	return e.checkVariable(name, f.Type)
}

func (e *encoder) placeHeader(name string, f reflect.StructField) error {
	name, err := headerName(name)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(e.headers, func(h headerField) bool { return h.name == name }) {
		return fmt.Errorf("another field is header %s already", name)
	}
	e.headers = append(e.headers, headerField{name, f.Index})
	return checkText(f.Type)
}

// checkVariable refuses types that cannot fill a variable.
func (e *encoder) checkVariable(name string, t reflect.Type) error {
	if isList(t) && slices.ContainsFunc(e.tmpl.path, func(s segment) bool { return s.name == name }) {
		return fmt.Errorf("%s is a list, and {%s} in the path is one value", t, name)
	}
	return checkText(t)
}

// compileBody makes the type of a body of these fields.
func (e *encoder) compileBody(fields []reflect.StructField) error {
	if len(fields) == 0 {
		return nil
	}
	e.hasBody, e.body = true, reflect.StructOf(fields)
	if err := json.Unmarshal([]byte("{}"), reflect.New(e.body).Interface()); err != nil {
		return fmt.Errorf("the json tags are wrong: %w", err)
	}
	return nil
}
