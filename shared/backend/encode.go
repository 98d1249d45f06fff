package backend

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/net/http/httpguts"

	"github.com/facet-bff/facet/shared/fault"
)

// encode fills in the method, path, headers and body of req. A value that cannot be sent
// is Invalid, and the error names it.
func (e *encoder) encode(req *Request, arg reflect.Value) (err error) {
	req.Method = e.method
	if req.Path, err = e.path(arg); err != nil {
		return err
	}
	if err = e.setHeaders(req, arg); err != nil || !e.hasBody {
		return err
	}
	req.Body, err = e.encodeBody(arg)
	return err
}

func (e *encoder) path(arg reflect.Value) (string, error) {
	var room [128]byte
	b := room[:0]
	for _, p := range e.tmpl.path {
		if p.literal != "" {
			b = append(b, p.literal...)
			continue
		}
		v := e.value(arg, p.name)
		if p.number {
			b = appendNumber(b, v)
			continue
		}
		values, err := format(v, false)
		if err != nil {
			return "", err
		}
		if len(values) != 1 || !isSegment(values[0]) {
			return "", invalid("path", p.name, "names nothing")
		}
		b = appendEscaped(b, values[0])
	}
	b, err := e.query(b, arg)
	return string(b), err
}

// isSegment refuses what a server may take for something else than a name, even escaped:
// dots for steps up the path, and a lone slash for the path's end, as net/http.ServeMux does.
func isSegment(s string) bool { return s != "" && s != "." && s != ".." && s != "/" }

func (e *encoder) query(b []byte, arg reflect.Value) ([]byte, error) {
	sep := byte('?')
	for _, q := range e.tmpl.query {
		values, err := format(e.value(arg, q.name), true)
		if err != nil {
			return nil, err
		}
		for i, value := range values {
			if i == 0 || q.explode {
				b = append(b, sep)
				b = appendEscaped(b, q.name)
				b = append(b, '=')
				sep = '&'
			} else {
				b = append(b, ',')
			}
			b = appendEscaped(b, value)
		}
	}
	return b, nil
}

// value is what fills a variable.
func (e *encoder) value(arg reflect.Value, name string) reflect.Value {
	if e.fields == nil {
		return arg
	}
	return arg.FieldByIndex(e.fields[name])
}

// setHeaders replaces constant headers by those of the argument, in a map of req's own.
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
				return invalid("header", h.name, "has a character that a header cannot carry")
			}
		}
		if len(values) > 0 {
			req.Header[h.name] = values
		}
	}
	return nil
}

// encodeBody writes maps in order, so that equal arguments make equal requests.
func (e *encoder) encodeBody(arg reflect.Value) ([]byte, error) {
	if e.body != nil {
		part := reflect.New(e.body).Elem()
		for i, index := range e.bodyAt {
			part.Field(i).Set(arg.FieldByIndex(index))
		}
		arg = part
	}
	body, err := json.Marshal(arg.Interface(), json.Deterministic(true))
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok { // of strings: not UTF-8
		return nil, &fault.Error{Kind: fault.Invalid, Err: err, Fields: []fault.Field{
			{In: "body", Pointer: string(syntax.JSONPointer), Detail: "is not valid UTF-8"},
		}}
	}
	if err != nil {
		return nil, fmt.Errorf("encode the body: %w", err)
	}
	return body, nil
}

func invalid(in, name, detail string) error {
	return &fault.Error{Kind: fault.Invalid, Fields: []fault.Field{{In: in, Name: name, Detail: detail}}}
}
