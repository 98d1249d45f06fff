package endpoint

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/facet-bff/facet/shared/fault"
)

// maxWrong is how many mistakes are reported at most.
const maxWrong = 20

var (
	errTrailing = errors.New("there is something after the end of the JSON value")
	errTooDeep  = errors.New("is nested too deeply")
)

// check holds data against a form, and its nesting against a limit. It returns what is
// wrong; nothing, if data is exactly one JSON value (RFC 8259) of that form.
func check(data []byte, f *form, maxDepth int) []fault.Field {
	c := &checker{dec: jsontext.NewDecoder(bytes.NewReader(data)), maxDepth: maxDepth}
	err := c.value(f)
	if err == nil {
		if _, err = c.dec.ReadToken(); errors.Is(err, io.EOF) {
			return c.wrong
		}
		err = errTrailing
	}
	return append(c.wrong, c.unreadable(err))
}

type checker struct {
	dec      *jsontext.Decoder
	maxDepth int
	wrong    []fault.Field
}

// note records a mistake of the value read last.
func (c *checker) note(detail string) {
	if len(c.wrong) < maxWrong {
		c.wrong = append(c.wrong, fault.Field{In: "body", Pointer: string(c.dec.StackPointer()), Detail: detail})
	}
}

// value reads one value. An error means that the rest cannot be read.
func (c *checker) value(f *form) error {
	kind := c.dec.PeekKind()
	if (kind == '{' || kind == '[') && c.dec.StackDepth() >= c.maxDepth {
		return errTooDeep
	}
	for f.pointee != nil && kind != 'n' {
		f = f.pointee
	}
	switch {
	case kind == '{' && (f.kind == object || f.kind == mapping || f.kind == anything):
		return c.object(f)
	case kind == '[' && (f.kind == list || f.kind == anything):
		return c.list(f)
	case kind == '{':
		defer c.note(f.expectation())
		return c.object(whatever)
	case kind == '[':
		defer c.note(f.expectation())
		return c.list(whatever)
	}
	tok, err := c.dec.ReadToken()
	if err != nil {
		return err
	}
	if wrong := f.refuse(tok); wrong != "" {
		c.note(wrong)
	}
	return nil
}

func (c *checker) object(f *form) error {
	if _, err := c.dec.ReadToken(); err != nil {
		return err
	}
	for c.dec.PeekKind() != '}' {
		name, err := c.dec.ReadToken()
		if err != nil {
			return err
		}
		member := f.member(name.String())
		if member == nil {
			c.note("is not known")
			member = whatever
		}
		if err := c.value(member); err != nil {
			return err
		}
	}
	_, err := c.dec.ReadToken()
	return err
}

func (c *checker) list(f *form) error {
	if _, err := c.dec.ReadToken(); err != nil {
		return err
	}
	for c.dec.PeekKind() != ']' {
		if err := c.value(f.elements()); err != nil {
			return err
		}
	}
	_, err := c.dec.ReadToken()
	return err
}

// unreadable says why the JSON cannot be read on.
func (c *checker) unreadable(err error) fault.Field {
	f := fault.Field{In: "body", Pointer: string(c.dec.StackPointer())}
	syntax, isSyntax := errors.AsType[*jsontext.SyntacticError](err)
	switch {
	case errors.Is(err, errTooDeep):
		f.Detail = fmt.Sprintf("%v: at most %d levels", err, c.maxDepth)
	case errors.Is(err, errTrailing):
		f.Pointer, f.Detail = "", err.Error()
	case isSyntax && errors.Is(err, jsontext.ErrDuplicateName):
		f.Pointer, f.Detail = string(syntax.JSONPointer), "is given twice"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		f.Detail = "the JSON ends too early"
	case isSyntax:
		f.Detail = fmt.Sprintf("is not valid JSON at byte %d", syntax.ByteOffset)
	default:
		f.Detail = "is not valid JSON"
	}
	return f
}

// undecodable describes a value that fits its form and still cannot be taken.
func undecodable(err error) fault.Field {
	f := fault.Field{In: "body", Detail: "is not a value that can be taken"}
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		f.Pointer = string(semantic.JSONPointer)
	}
	return f
}
