package endpoint

import (
	"bytes"
	"crypto/sha256"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/cache"
	"github.com/facet-bff/facet/shared/identity"
	"github.com/facet-bff/facet/shared/observe"
)

// A View is a finished answer: what is written, in every coding that is offered, with the
// headers that belong to it. It is immutable.
type View struct {
	etag  []string // one value
	plain representation
	coded []representation // as codings; nil: too small to be worth it

	keeping observe.Keeping // how long others may keep it
	of      string          // the composition
}

// A representation is a view in one coding.
type representation struct {
	body   []byte
	length []string // Content-Length
}

func newRepresentation(body []byte) representation { return representation{body, lengthOf(body)} }

// NewViews returns the cache of a gateway's finished answers, or nil if no endpoint keeps any.
// Close it when no request is under way.
func NewViews(keep bool, c cache.Config, with cache.Shared) (*cache.Store[*View], error) {
	if !keep {
		return nil, nil
	}
	return cache.Open(c, (*View).cost, cache.Options[*View]{Name: "views", Codec: viewCodec, Of: (*View).answers, Shared: with})
}

// answers says what the view is an answer of, for metrics.
func (v *View) answers() string { return v.of }

func (v *View) cost() int64 {
	n := len(v.plain.body) + 256 // for all that is around the bodies
	for _, r := range v.coded {
		n += len(r.body)
	}
	return int64(n)
}

// newView finishes an answer whose encoding is body, which it copies.
func newView(body []byte, compressFrom int) *View {
	v := &View{etag: []string{entityTag(body)}, plain: newRepresentation(bytes.Clone(body))}
	if len(body) < compressFrom {
		return v
	}
	for _, c := range codings {
		var packed bytes.Buffer
		c.compress(&packed, body)
		v.coded = append(v.coded, newRepresentation(packed.Bytes()))
	}
	return v
}

// in is the view in a coding; nil is none.
func (v *View) in(c *coding) representation {
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
	query, err := parseQuery(c.Request().URL.RawQuery)
	if err != nil {
		return ""
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
	h["Etag"] = v.etag
	if matches(r.Header["If-None-Match"], v.etag[0]) {
		c.Response().WriteHeader(http.StatusNotModified)
		return
	}
	h["Content-Type"] = isJSON
	body := v.plain
	if v.coded != nil {
		if coding := negotiate(r.Header["Accept-Encoding"]); coding != nil {
			body = v.in(coding)
			h["Content-Encoding"] = coding.header
		}
	}
	send(c, http.StatusOK, body.body, body.length)
}
