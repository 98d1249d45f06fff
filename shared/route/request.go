package route

import (
	"cmp"
	"maps"
	"net/http"
	"net/textproto"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/fault"
)

// A passage says when a header passes.
type passage struct {
	list  bool // several lines mean the same as one; of others there must not be several
	read  bool // only with GET and HEAD
	body  bool // only with a body
	plain bool // as it is: somebody has listed it
}

// passing are the headers that pass by themselves: those by which client and service
// agree on a representation, and the conditions on it. User-Agent is not one of them,
// for each browser would then have cache entries of its own.
var passing = map[string]passage{
	"Accept":              {list: true},
	"Accept-Language":     {list: true},
	"If-Match":            {list: true},
	"If-None-Match":       {list: true},
	"If-Modified-Since":   {},
	"If-Unmodified-Since": {},
	"If-Range":            {read: true},
	"Range":               {read: true},
	"Content-Type":        {body: true},
	"Content-Language":    {body: true, list: true},
	"Content-Encoding":    {body: true, list: true},
	"Content-Range":       {body: true},
}

// requestHeaders makes the headers that the service sees.
type requestHeaders struct {
	passing   map[string]passage
	set       http.Header
	encoding  bool // pass Accept-Encoding
	forwarded bool
}

func newRequestHeaders(c RequestHeaders) requestHeaders {
	h := requestHeaders{passing: map[string]passage{}, set: http.Header{}, encoding: true, forwarded: c.Forwarded}
	maps.Copy(h.passing, passing)
	for _, name := range c.Remove {
		name = textproto.CanonicalMIMEHeaderKey(name)
		delete(h.passing, name)
		h.encoding = h.encoding && name != "Accept-Encoding"
	}
	for _, name := range c.Allow {
		h.passing[textproto.CanonicalMIMEHeaderKey(name)] = passage{plain: true}
	}
	for name, value := range c.Set {
		h.set.Set(name, value)
	}
	return h
}

// pass returns the headers for the service. They are part of what answers are cached by,
// so equal meanings should look equal.
func (h *requestHeaders) pass(c echo.Context) (http.Header, error) {
	r := c.Request()
	out := make(http.Header, 8)
	connection := named(r.Header)
	for name, values := range r.Header {
		p, ok := h.passing[name]
		switch {
		case !ok || connection[name] || p.read && !reads(r) || p.body && !hasBody(r):
		case p.plain || len(values) == 1:
			out[name] = values
		case p.list:
			out[name] = []string{strings.Join(values, ", ")}
		default:
			return nil, &fault.Error{Kind: fault.Invalid, Fields: []fault.Field{
				{In: "header", Name: name, Detail: "must be there once only"},
			}}
		}
	}
	if h.encoding {
		out["Accept-Encoding"] = codings(r.Header["Accept-Encoding"])
	}
	if h.forwarded {
		out["X-Forwarded-For"] = []string{c.RealIP()}
		out["X-Forwarded-Host"] = []string{r.Host}
		out["X-Forwarded-Proto"] = []string{c.Scheme()}
	}
	maps.Copy(out, h.set)
	return out, nil
}

func reads(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

func hasBody(r *http.Request) bool {
	return r.ContentLength != 0 && r.Body != nil && r.Body != http.NoBody
}

// known are the codings in use, and combined every set of them as it is passed on: the bit of
// a coding is its place.
var (
	known    = [...]string{"br", "gzip", "zstd"}
	combined = func() (sets [1 << len(known)][]string) {
		for set := range sets {
			var names []string
			for i, name := range known {
				if set&(1<<i) != 0 {
					names = append(names, name)
				}
			}
			sets[set] = []string{cmp.Or(strings.Join(names, ", "), "identity")}
		}
		return sets
	}()
)

// codings is an Accept-Encoding (RFC 9110, 12.5.3) in normal form: of the codings in use
// those that the client accepts, always in the same order and without weights. Nobody may
// change it.
func codings(lines []string) []string {
	var set int
	for _, line := range lines {
		for item := range strings.SplitSeq(line, ",") {
			name, weight, _ := strings.Cut(item, ";")
			for i, coding := range known {
				if strings.EqualFold(strings.TrimSpace(name), coding) && !zero(weight) {
					set |= 1 << i
				}
			}
		}
	}
	return combined[set]
}

// zero reports a weight of 0, which refuses.
func zero(weight string) bool {
	value, ok := strings.CutPrefix(strings.ToLower(strings.ReplaceAll(weight, " ", "")), "q=0")
	return ok && strings.Trim(value, ".0") == ""
}
