package backend

import (
	"errors"
	"fmt"
	"net/http"
	"net/textproto"

	"golang.org/x/net/http/httpguts"

	"github.com/facet-bff/facet/shared/shape"
)

// An OpOption adjusts an operation.
type OpOption func(*opSettings) error

type opSettings struct {
	safe   bool
	header http.Header
	shape  *shape.Shape

	tags, invalidates []string
}

// ReadOnly declares that an operation changes nothing although its method could: a
// search by POST, say. It may then be repeated, shared and cached.
func ReadOnly() OpOption {
	return func(s *opSettings) error {
		s.safe = true
		return nil
	}
}

// Shaped has the operation's answers projected by s, instead of cut to what its result type
// names. With [shape.JSON] as that type they are not decoded at all: what s leaves goes into
// the view as bytes.
func Shaped(s *shape.Shape) OpOption {
	return func(set *opSettings) error {
		if s == nil {
			return errors.New("the shape is nil")
		}
		set.shape = s
		return nil
	}
}

// WithHeader sends a constant header, also in place of Accept or Content-Type.
func WithHeader(name, value string) OpOption {
	return func(s *opSettings) error {
		name, err := headerName(name)
		if err != nil {
			return err
		}
		if !httpguts.ValidHeaderFieldValue(value) {
			return fmt.Errorf("header %s cannot carry %q", name, value)
		}
		s.header[name] = []string{value}
		return nil
	}
}

// headerName is the canonical name of a header that is an operation's to set.
func headerName(name string) (string, error) {
	if !httpguts.ValidHeaderFieldName(name) {
		return "", fmt.Errorf("%q is not a header's name", name)
	}
	name = textproto.CanonicalMIMEHeaderKey(name)
	switch name {
	case "Connection", "Content-Length", "Host", "Trailer", "Transfer-Encoding", timeoutHeader:
		return "", fmt.Errorf("header %s is set by the transport", name)
	}
	return name, nil
}
