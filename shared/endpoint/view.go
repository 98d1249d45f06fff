package endpoint

import (
	"bytes"
	"crypto/sha256"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/cache"
	"github.com/facet-bff/facet/shared/identity"
)

// A View is a finished answer: what is written, in every coding that is offered. It is
// immutable.
type View struct {
	tag   string
	plain []byte
	coded [][]byte // as codings; nil: too small to be worth it
}

// NewViews returns the cache of a gateway's finished answers. Close it when no request is
// under way.
func NewViews(c cache.Config) (*cache.Store[*View], error) { return cache.New(c, (*View).cost) }

func (v *View) cost() int64 {
	n := len(v.tag) + len(v.plain) + 128
	for _, body := range v.coded {
		n += len(body)
	}
	return int64(n)
}

// newView finishes an answer whose encoding is body, which it copies.
func newView(body []byte, compressFrom int) *View {
	v := &View{tag: entityTag(body), plain: bytes.Clone(body)}
	if len(body) < compressFrom {
		return v
	}
	for _, c := range codings {
		var packed bytes.Buffer
		c.compress(&packed, body)
		v.coded = append(v.coded, packed.Bytes())
	}
	return v
}

// body is the view in a coding; nil is none.
func (v *View) body(c *coding) []byte {
	for i, offered := range codings {
		if offered == c && v.coded != nil {
			return v.coded[i]
		}
	}
	return v.plain
}

// key names a request by everything that its answer may depend on: what the input reads of
// it and, when somebody asks, who that is and by which token. It is empty when the request
// cannot be answered from a cache.
func (d *decoder) key(c echo.Context, endpoint string) string {
	var query url.Values
	if raw := c.Request().URL.RawQuery; raw != "" {
		var err error
		if query, err = url.ParseQuery(raw); err != nil {
			return ""
		}
	}
	var b strings.Builder
	part := func(s string) { // its length goes before it, so that no two parts run together
		b.WriteString(strconv.Itoa(len(s)))
		b.WriteByte(':')
		b.WriteString(s)
	}
	part(endpoint)
	for i := range d.values {
		values, err := d.values[i].find(c, query)
		if err != nil {
			return ""
		}
		b.WriteString(strconv.Itoa(len(values)))
		b.WriteByte('*')
		for _, value := range values {
			part(value)
		}
	}
	if p := identity.From(c.Request().Context()); p != nil {
		part(p.Issuer)
		part(p.Subject)
		token := sha256.Sum256([]byte(p.Token()))
		part(string(token[:]))
	}
	return b.String()
}

// send writes the view, or that the client has it already.
func (a answer) send(c echo.Context, v *View) {
	r, h := c.Request(), c.Response().Header()
	a.describe(r, h)
	h.Set("ETag", v.tag)
	if matches(r.Header.Values("If-None-Match"), v.tag) {
		c.Response().WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", "application/json")
	body := v.plain
	if v.coded != nil {
		if coding := negotiate(r.Header.Values("Accept-Encoding")); coding != nil {
			body = v.body(coding)
			h.Set("Content-Encoding", coding.name)
		}
	}
	send(c, http.StatusOK, body)
}
