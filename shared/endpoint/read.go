package endpoint

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/fault"
)

// maxAhead is how much memory a client gets for no more than announcing a large body.
const maxAhead = 64 << 10

// readBody reads a JSON body of at most limit bytes.
func readBody(c echo.Context, limit int64) ([]byte, error) {
	r := c.Request()
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, refused(http.StatusUnsupportedMediaType, "The body must be application/json.", nil)
	}
	if coding := r.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return nil, refused(http.StatusUnsupportedMediaType, "The body must not be compressed.", nil)
	}
	tooLarge := refused(http.StatusRequestEntityTooLarge, fmt.Sprintf("The body must be at most %d bytes.", limit), nil)
	if r.ContentLength > limit {
		return nil, tooLarge
	}
	buf := bytes.NewBuffer(make([]byte, 0, min(max(r.ContentLength, 0), maxAhead)+bytes.MinRead))
	if _, err := buf.ReadFrom(http.MaxBytesReader(c.Response().Writer, r.Body, limit)); err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, tooLarge
		}
		return nil, brokenBody(r, err)
	}
	return buf.Bytes(), nil
}

// brokenBody is a body that did not arrive whole, which is never a backend's fault. The
// server cancels the request's context on every failure to read: what the failure itself
// says goes first.
func brokenBody(r *http.Request, err error) error {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return refused(http.StatusRequestTimeout, "The body did not arrive in time.", err)
	case r.Context().Err() != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return &fault.Error{Kind: fault.Gone, Err: err}
	}
	return refused(http.StatusBadRequest, "The body broke off or is malformed.", err)
}

func refused(status int, detail string, cause error) error {
	return &fault.Error{Kind: fault.Invalid, Status: status, Detail: detail, Err: cause}
}
