package endpoint

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/cespare/xxhash/v2"
	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/codec"
	"github.com/facet-bff/facet/shared/identity"
	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/serve"
)

// DegradedHeader says which parts of an answer are missing, and why: a list of
// structured fields (RFC 9651).
const DegradedHeader = "Facet-Degraded"

// StaleHeader names the parts of an answer that are past their time, because the service
// failed or while they are fetched anew: a list of structured fields.
const StaleHeader = "Facet-Stale"

// An answer is a success that is about to be written.
type answer struct {
	status   int
	safe     bool     // the request only read
	vary     []string // the request's headers that the answer depends on, as one line
	degraded string   // DegradedHeader
	stale    string   // StaleHeader
	timing   string   // Server-Timing

	keeping observe.Keeping // how long it may be kept, by what its parts are
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// recycle keeps a buffer for another answer, unless it has become uncommonly large.
func recycle(b *bytes.Buffer) {
	if b.Cap() <= 256<<10 {
		b.Reset()
		buffers.Put(b)
	}
}

// write encodes v as JSON: lists and maps are never null, members are in a fixed order.
func (a answer) write(c echo.Context, v encodable, compressFrom int) error {
	buf := buffers.Get().(*bytes.Buffer)
	defer recycle(buf)
	if err := v.marshal(buf); err != nil {
		return err
	}
	r, h := c.Request(), c.Response().Header()
	a.describe(r, h)
	if a.safe && a.status == http.StatusOK {
		tag := entityTag(buf.Bytes())
		h["Etag"] = []string{tag}
		if matches(r.Header["If-None-Match"], tag) {
			a.status = http.StatusNotModified
		}
	}
	if a.status == http.StatusNoContent || a.status == http.StatusNotModified {
		c.Response().WriteHeader(a.status)
		return nil
	}
	h["Content-Type"] = isJSON
	if buf.Len() >= compressFrom {
		if coding := negotiate(r.Header["Accept-Encoding"]); coding != nil {
			packed := buffers.Get().(*bytes.Buffer)
			defer recycle(packed)
			coding.compress(packed, buf.Bytes())
			h["Content-Encoding"] = coding.header
			buf = packed
		}
	}
	send(c, a.status, buf.Bytes(), lengthOf(buf.Bytes()))
	return nil
}

// An encodable is what a composition ended in, of whatever type.
type encodable interface {
	marshal(buf *bytes.Buffer) error
}

// An outcome is a value, and how those of its type are encoded.
type outcome[Out any] struct {
	value   Out
	encoder *codec.Encoder[Out]
}

func (o *outcome[Out]) marshal(buf *bytes.Buffer) error {
	body, err := o.encoder.Append(buf.AvailableBuffer(), &o.value)
	if err != nil {
		return fmt.Errorf("encode the answer: %w", err)
	}
	buf.Write(body)
	return nil
}

// encode finishes an answer that is to be kept.
func encode(v encodable, compressFrom int) (*View, error) {
	buf := buffers.Get().(*bytes.Buffer)
	defer recycle(buf)
	if err := v.marshal(buf); err != nil {
		return nil, err
	}
	return newView(buf.Bytes(), compressFrom), nil
}

// isJSON is a value that answers share; nobody changes it.
var isJSON = []string{"application/json"}

// lengthOf is the Content-Length of a body.
func lengthOf(body []byte) []string { return []string{strconv.Itoa(len(body))} }

// send writes a body that is complete, or for HEAD what belongs to one.
func send(c echo.Context, status int, body []byte, length []string) {
	c.Response().Header()["Content-Length"] = length
	c.Response().WriteHeader(status)
	if c.Request().Method == http.MethodHead {
		return
	}
	serve.Whole(c.Response().Writer, c.Request(), len(body), func() {
		_, _ = c.Response().Write(body) // the client went away: the server closes the connection
	})
}

// describe sets what caches and people need to know.
func (a answer) describe(r *http.Request, h http.Header) {
	if others := h["Vary"]; others != nil {
		h["Vary"] = append(others, a.vary...)
	} else {
		h["Vary"] = a.vary
	}
	if a.degraded != "" {
		h[DegradedHeader] = []string{a.degraded}
	}
	if a.stale != "" {
		h[StaleHeader] = []string{a.stale}
	}
	h["Cache-Control"] = a.control(identity.From(r.Context()) != nil)
	if a.timing != "" {
		h["Server-Timing"] = []string{a.timing}
	}
}

// entityTag is weak because the same tag stands for every content coding. It tells versions
// of one answer apart and is no secret, so that a hash need not be a cryptographic one.
func entityTag(body []byte) string {
	tag := make([]byte, 0, 32)
	tag = append(tag, `W/"`...)
	tag = strconv.AppendUint(tag, xxhash.Sum64(body), 36)
	tag = append(tag, '-')
	tag = strconv.AppendInt(tag, int64(len(body)), 36)
	return string(append(tag, '"'))
}

// matches compares weakly (RFC 9110, 13.1.2).
func matches(values []string, tag string) bool {
	tag = strings.TrimPrefix(tag, "W/")
	for _, value := range values {
		for candidate := range strings.SplitSeq(value, ",") {
			candidate = strings.TrimSpace(candidate)
			if candidate == "*" || strings.TrimPrefix(candidate, "W/") == tag {
				return true
			}
		}
	}
	return false
}
