package route

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/facet-bff/facet/shared/backend"
)

func TestResponseHeaders(t *testing.T) {
	for _, c := range []struct {
		name, options string
		in            http.Header
		want          string
	}{
		{name: "hop by hop and internal", in: http.Header{
			"Connection": {"X-Hop"}, "X-Hop": {"1"}, "Keep-Alive": {"x"}, "Transfer-Encoding": {"chunked"}, "Trailer": {"X"}, "Upgrade": {"h2c"},
			"Proxy-Authenticate": {"x"}, "Server": {"x"}, "X-Powered-By": {"x"}, "Set-Cookie": {"a=b"}, "Alt-Svc": {"x"}, "Content-Length": {"99"},
			"Etag": {`"a"`}, "X-Any": {"1", "2"},
		}, want: `Content-Length: 2|Etag: "a"|X-Any: 1|X-Any: 2`},
		{name: "set and removed", options: "response: {set: {x-a: ours, x-b: new}, remove: [etag]}",
			in: http.Header{"X-A": {"theirs"}, "Etag": {`"a"`}}, want: "Content-Length: 2|X-A: ours|X-B: new"},
		{name: "cookies on request", options: "response: {allow_cookies: true}",
			in: http.Header{"Set-Cookie": {"a=b", "c=d"}}, want: "Content-Length: 2|Set-Cookie: a=b|Set-Cookie: c=d"},
		{name: "not shared when not public", options: "access: user",
			in:   http.Header{"Cache-Control": {"public, max-age=60", "s-maxage=90, must-revalidate"}},
			want: "Cache-Control: private, max-age=60, must-revalidate|Content-Length: 2"},
		{name: "not shared when silent", options: "access: user", want: "Cache-Control: private|Content-Length: 2"},
		{name: "the service's own word when public", in: http.Header{"Cache-Control": {"public, max-age=60"}},
			want: "Cache-Control: public, max-age=60|Content-Length: 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			service := &recording{answer: backend.Response{Header: c.in, Body: []byte("ok")}}
			before := c.in.Clone()
			res := service.serve(t, httptest.NewRequest(http.MethodGet, "/", nil), strings.Trim("match: {path: /}, "+c.options, ", "))
			if got := lines(res.Header); got != c.want {
				t.Errorf("got\n%s; want\n%s", got, c.want)
			}
			if lines(c.in) != lines(before) {
				t.Errorf("the service's answer, which is shared, was changed")
			}
		})
	}
}

func TestLocation(t *testing.T) {
	for _, c := range []struct{ route, in, want string }{
		{"match: {path: /}", "/login?x=1#y", "/login?x=1#y"},
		{"match: {path: /}", "next", "next"},
		{"match: {path: /}", "http://10.0.0.7:8080/a%20b?x=1", "/a%20b?x=1"},
		{"match: {path: /}", "http://catalog.internal", "/"},
		{"match: {path: /}", "https://shop.test/a", "https://shop.test/a"},
		{"match: {path: /}", "https://user:pw@shop.test/a", "/a"},
		{"match: {path: /}", "//evil.test/a", "/a"},
		{"match: {path: /}", "http://x//evil.test/a", "/evil.test/a"},
		{"match: {path: /}", `/\evil.test`, "/%5Cevil.test"},
		{"match: {path: /}", "///evil.test", "/evil.test"},
		{"match: {path: /}", "javascript:alert(1)", ""},
		{"match: {path: /}", "https:evil.test", ""},
		{"match: {path: /}", "http://a\x7f", ""},
		{"match: {path: /}, response: {redirect_hosts: ['cdn.test:8443']}", "https://cdn.test:8443/a", "https://cdn.test:8443/a"},
		{"match: {prefix: /}, rewrite: '/static/{rest}'", "/static/x", "/x"},
		{"match: {prefix: /}, rewrite: '/static/{rest}'", "/static?x", "/?x"},
		{"match: {pattern: '/{rest...}'}, rewrite: '/v2/a/{rest}'", "http://internal/v2/a/x/?y", "/x/?y"},
		{"match: {pattern: '/{rest...}'}, rewrite: '/v2/a/{rest}'", "/v2/ab", "/v2/ab"},
		{"match: {prefix: /}, rewrite: '/static/{rest}'", "", ""},
	} {
		service := &recording{answer: backend.Response{Status: http.StatusFound, Header: http.Header{"Location": {c.in}}}}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Host = "shop.test"
		res := service.serve(t, r, c.route)
		if got := res.Header.Get("Location"); got != c.want || res.StatusCode != http.StatusFound {
			t.Errorf("%s of %s: %d %q; want %q", c.in, c.route, res.StatusCode, got, c.want)
		}
	}
}

func TestBodiesThatAreNone(t *testing.T) {
	for _, c := range []struct {
		method string
		status int
		size   string // Content-Length
	}{
		{http.MethodHead, http.StatusOK, "2"},
		{http.MethodGet, http.StatusNoContent, ""},
		{http.MethodGet, http.StatusNotModified, ""},
	} {
		service := &recording{answer: backend.Response{
			Status: c.status, Header: http.Header{"Content-Length": {"2"}}, Stream: io.NopCloser(strings.NewReader("no")), Size: 2,
		}}
		res := service.serve(t, httptest.NewRequest(c.method, "/", nil), "match: {path: /}")
		body, _ := io.ReadAll(res.Body)
		if res.StatusCode != c.status || len(body) > 0 || res.Header.Get("Content-Length") != c.size {
			t.Errorf("%s %d: %d, body %q, Content-Length %q", c.method, c.status, res.StatusCode, body, res.Header.Get("Content-Length"))
		}
		if req := service.last(t); !req.Safe || !req.Stream || req.Method != c.method || req.Op != "r0" {
			t.Errorf("the service was sent %+v", req)
		}
	}
}

func TestUnaskedUpgradeIsBroken(t *testing.T) {
	service := &recording{answer: backend.Response{Status: http.StatusSwitchingProtocols}}
	if res := service.serve(t, httptest.NewRequest(http.MethodGet, "/", nil), "match: {path: /}"); res.StatusCode != http.StatusBadGateway {
		t.Errorf("status %d; want 502", res.StatusCode)
	}
}
