package endpoint

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/identity"
	"github.com/facet-bff/facet/shared/serve"
)

// DegradedHeader says which parts of an answer are missing, and why: a list of
// structured fields (RFC 9651).
const DegradedHeader = "Facet-Degraded"

// An answer is a success that is about to be written.
type answer struct {
	status   int
	safe     bool   // the request only read
	vary     string // the request's headers that the answer depends on
	degraded string // DegradedHeader
	timing   string // Server-Timing
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
func (a answer) write(c echo.Context, v any, compressFrom int) error {
	buf := buffers.Get().(*bytes.Buffer)
	defer recycle(buf)
	if err := marshal(buf, v); err != nil {
		return err
	}
	r, h := c.Request(), c.Response().Header()
	a.describe(r, h)
	if a.safe && a.status == http.StatusOK {
		tag := entityTag(buf.Bytes())
		h.Set("ETag", tag)
		if matches(r.Header.Values("If-None-Match"), tag) {
			a.status = http.StatusNotModified
		}
	}
	if a.status == http.StatusNoContent || a.status == http.StatusNotModified {
		c.Response().WriteHeader(a.status)
		return nil
	}
	h.Set("Content-Type", "application/json")
	if buf.Len() >= compressFrom {
		if coding := negotiate(r.Header.Values("Accept-Encoding")); coding != nil {
			packed := buffers.Get().(*bytes.Buffer)
			defer recycle(packed)
			coding.compress(packed, buf.Bytes())
			h.Set("Content-Encoding", coding.name)
			buf = packed
		}
	}
	send(c, a.status, buf.Bytes())
	return nil
}

func marshal(buf *bytes.Buffer, v any) error {
	if err := json.MarshalWrite(buf, v, wire); err != nil {
		return fmt.Errorf("encode the answer: %w", err)
	}
	return nil
}

// encode finishes an answer that is to be kept.
func encode(v any, compressFrom int) (*View, error) {
	buf := buffers.Get().(*bytes.Buffer)
	defer recycle(buf)
	if err := marshal(buf, v); err != nil {
		return nil, err
	}
	return newView(buf.Bytes(), compressFrom), nil
}

// send writes a body that is complete, or for HEAD what belongs to one.
func send(c echo.Context, status int, body []byte) {
	c.Response().Header().Set("Content-Length", strconv.Itoa(len(body)))
	c.Response().WriteHeader(status)
	if c.Request().Method == http.MethodHead {
		return
	}
	write := func() { _, _ = c.Response().Write(body) } // the client went away: the server closes the connection
	if len(body) < large {
		write()
		return
	}
	serve.Whole(c.Response().Writer, c.Request(), write)
}

// large is a body that does not fit in one piece into net/http's buffers with its headers.
const large = 2 << 10

// describe sets what caches and people need to know.
func (a answer) describe(r *http.Request, h http.Header) {
	h.Add("Vary", a.vary)
	switch {
	case a.degraded != "":
		h.Set(DegradedHeader, a.degraded)
		h.Set("Cache-Control", "no-store")
	case !a.safe:
		h.Set("Cache-Control", "no-store")
	case identity.From(r.Context()) != nil:
		h.Set("Cache-Control", "private, no-cache")
	default:
		h.Set("Cache-Control", "no-cache")
	}
	if a.timing != "" {
		h.Set("Server-Timing", a.timing)
	}
}

// entityTag is weak because the same tag stands for every content coding.
func entityTag(body []byte) string {
	sum := sha256.Sum256(body)
	return `W/"` + hex.EncodeToString(sum[:16]) + `"`
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
