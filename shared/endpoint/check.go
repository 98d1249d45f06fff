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

// maxPointer is how long a pointer may get in an answer. Names are as long as a client
// likes them: in the place of a longer one stands what is around it.
const maxPointer = 256

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
		c.wrong = append(c.wrong, wrongAt(c.dec.StackPointer(), detail))
	}
}

// wrongAt is a mistake at a place in the body.
func wrongAt(at jsontext.Pointer, detail string) fault.Field {
	for len(at) > maxPointer {
		at = at.Parent()
	}
	return fault.Field{In: "body", Pointer: string(at), Detail: detail}
}

// value reads one value. An error means that the rest cannot be read.
func (c *checker) value(f *form) error {
	kind := c.dec.PeekKind()
	for f.pointee != nil && kind != 'n' {
		f = f.pointee
	}
	if kind == '{' || kind == '[' {
		return c.container(f, kind)
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

func (c *checker) container(f *form, kind jsontext.Kind) error {
	if c.dec.StackDepth() >= c.maxDepth {
		return errTooDeep
	}
	read, inside, fits := c.object, f, f.opens(kind)
	if kind == '[' {
		read = c.list
	}
	if !fits {
		inside = whatever
	}
	if err := read(inside); err != nil || fits {
		return err
	}
	c.note(f.expectation())
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
	syntax, isSyntax := errors.AsType[*jsontext.SyntacticError](err)
	here := c.dec.StackPointer()
	switch {
	case errors.Is(err, errTooDeep):
		return wrongAt(here, fmt.Sprintf("%v: at most %d levels", err, c.maxDepth))
	case errors.Is(err, errTrailing):
		return wrongAt("", err.Error())
	case errors.Is(err, jsontext.ErrDuplicateName) && isSyntax:
		return wrongAt(syntax.JSONPointer, "is given twice")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return wrongAt(here, "the JSON ends too early")
	case isSyntax:
		return wrongAt(here, fmt.Sprintf("is not valid JSON at byte %d", syntax.ByteOffset))
	}
	return wrongAt(here, "is not valid JSON")
}

// undecodable describes a value that fits its form and still cannot be taken.
func undecodable(err error) fault.Field {
	var at jsontext.Pointer
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		at = semantic.JSONPointer
	}
	return wrongAt(at, "is not a value that can be taken")
}
