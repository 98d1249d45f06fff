package route

import (
	"cmp"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/identity/access"
)

// internal headers tell of the service what is nobody's business outside, or would speak
// for the gateway's own host.
var internal = []string{"Server", "X-Powered-By", "X-Aspnet-Version", "X-Aspnetmvc-Version", "Via", "Alt-Svc"}

// responseHeaders makes the headers that the client sees.
type responseHeaders struct {
	remove  map[string]bool
	set     http.Header
	hosts   []string // that a Location may name
	private bool     // not everybody may see the answer

	inside, outside string // what a Location begins with, at the service and for clients
}

func newResponseHeaders(c ResponseHeaders, rule access.Rule) responseHeaders {
	h := responseHeaders{
		remove: headerSet(c.Remove...), set: http.Header{}, hosts: c.RedirectHosts, private: rule.NeedsUser(),
	}
	for _, name := range internal {
		h.remove[name] = true
	}
	if !c.AllowCookies {
		h.remove["Set-Cookie"] = true
	}
	for name, value := range c.Set {
		h.set.Set(name, value)
	}
	return h
}

// pass writes the headers of res into dst. What the gateway has set there stays.
func (h *responseHeaders) pass(r *http.Request, res *backend.Response, dst http.Header) {
	connection := named(res.Header)
	for name, values := range res.Header {
		name = textproto.CanonicalMIMEHeaderKey(name)
		_, ours := dst[name]
		switch {
		case hopByHop[name] || connection[name] || h.remove[name]:
		case name == "Vary":
			dst[name] = append(slices.Clip(dst[name]), values...)
		case ours:
		case name == "Location" || name == "Content-Location":
			if location := h.location(r, values); location != "" {
				dst[name] = []string{location}
			}
		default:
			dst[name] = slices.Clip(values) // whoever appends to it works on a copy
		}
	}
	if h.private {
		dst["Cache-Control"] = []string{private(dst["Cache-Control"])}
	}
	for name, values := range h.set {
		dst[name] = slices.Clip(values)
	}
	if dst["Content-Type"] == nil {
		dst["Content-Type"] = nil // or net/http would guess one
	}
	if size := sizeOf(r, res); size >= 0 {
		dst["Content-Length"] = []string{strconv.FormatInt(size, 10)}
	}
}

// location is where a redirect may lead: a path, or a host that the client knows or may
// know. Of any other URL only path and query are left. Empty is nowhere.
func (h *responseHeaders) location(r *http.Request, values []string) string {
	if len(values) != 1 {
		return ""
	}
	u, err := url.Parse(values[0])
	switch {
	case err != nil || u.Opaque != "" || u.Host == "" && u.Scheme != "":
		return "" // javascript:, https:evil, ...
	case u.Host == "":
	case (u.Scheme == "http" || u.Scheme == "https") && u.User == nil &&
		(u.Host == r.Host || slices.Contains(h.hosts, u.Host)):
		return u.String()
	default:
		u.Scheme, u.Host, u.User, u.Path = "", "", nil, cmp.Or(u.Path, "/")
	}
	out := u.String()
	if trimmed := strings.TrimLeft(out, `/\`); len(out)-len(trimmed) > 1 {
		out = "/" + trimmed // not //host
	}
	return h.outwards(out)
}

// outwards undoes a rewrite that has replaced the beginning of a path.
func (h *responseHeaders) outwards(location string) string {
	rest, below := strings.CutPrefix(location, h.inside)
	switch {
	case !below || location[0] != '/' || rest != "" && !strings.ContainsAny(rest[:1], "/?#"):
		return location
	case h.outside == "" && !strings.HasPrefix(rest, "/"):
		return "/" + rest
	}
	return h.outside + rest
}

// private is a Cache-Control that keeps shared caches from storing (RFC 9111, 5.2.2.7).
func private(lines []string) string {
	out := []string{"private"}
	for _, line := range lines {
		for directive := range strings.SplitSeq(line, ",") {
			directive = strings.TrimSpace(directive)
			name, _, _ := strings.Cut(strings.ToLower(directive), "=")
			switch name {
			case "", "public", "private", "s-maxage", "proxy-revalidate":
			default:
				out = append(out, directive)
			}
		}
	}
	return strings.Join(out, ", ")
}

// sizeOf is the length to declare, or -1.
func sizeOf(r *http.Request, res *backend.Response) int64 {
	switch {
	case res.Status == http.StatusNoContent || res.Status == http.StatusNotModified:
		return -1
	case res.Stream != nil:
		return res.Size
	case r.Method == http.MethodHead:
		size, err := strconv.ParseInt(res.Header.Get("Content-Length"), 10, 64)
		if err != nil {
			return -1
		}
		return size
	}
	return int64(len(res.Body))
}
