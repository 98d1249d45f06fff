package route

import (
	"cmp"
	"crypto/tls"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

func TestRequestHeaders(t *testing.T) {
	for _, c := range []struct {
		name, route, method string
		in                  http.Header
		want                string // besides Accept-Encoding: identity
		status              int
	}{
		{name: "nothing that is not listed", in: http.Header{
			"User-Agent": {"x"}, "Cookie": {"a=b"}, "Authorization": {"Bearer x"}, "X-Anything": {"1"}, "Referer": {"x"}, "Origin": {"x"},
			"X-Forwarded-For": {"6.6.6.6"}, "Forwarded": {"for=6.6.6.6"}, "X-Request-Timeout": {"1"}, "Content-Type": {"a/b"},
		}},
		{name: "the usual ones", in: http.Header{
			"Accept": {"a/b", "c/d"}, "Accept-Language": {"de"}, "If-None-Match": {`"a"`, `"b"`}, "Range": {"bytes=0-1"}, "If-Range": {`"a"`},
		}, want: `Accept: a/b, c/d|Accept-Language: de|If-None-Match: "a", "b"|If-Range: "a"|Range: bytes=0-1`},
		{name: "ranges only when reading", method: http.MethodPost, route: "methods: [POST]", in: http.Header{"Range": {"bytes=0-1"}}},
		{name: "of singular ones only one", in: http.Header{"Range": {"bytes=0-1", "bytes=2-3"}}, status: http.StatusBadRequest},
		{name: "identity in three spellings", in: http.Header{"X-User-Id": {"1"}, "x-user-id": {"1"}, "X_user_id": {"1"}, "X-Roles": {"admin"}, "Client-Cert": {"x"}}},
		{name: "hop by hop", route: "request: {allow: [X-Kept, X-Hop, Authorization]}", in: http.Header{
			"Connection": {"X-Hop, close"}, "X-Hop": {"1"}, "X-Kept": {"1"}, "Te": {"trailers"}, "Trailer": {"X"}, "Upgrade": {"h2c"}, "Keep-Alive": {"1"},
			"Proxy-Authorization": {"x"}, "Proxy-Connection": {"x"}, "Transfer-Encoding": {"chunked"}, "Http2-Settings": {"x"}, "Authorization": {"Bearer x"},
		}, want: "Authorization: Bearer x|X-Kept: 1"},
		{name: "what the gateway sets cannot be named away", route: "request: {set: {x-set: ours}}", in: http.Header{
			"Connection": {"X-Set, Accept"}, "X-Set": {"theirs"}, "Accept": {"a/b"},
		}, want: "X-Set: ours"},
		{name: "removed", route: "request: {remove: [accept-language]}", in: http.Header{"Accept-Language": {"de"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			match, options := "path: /", c.route
			if strings.HasPrefix(options, "methods") {
				match, options = match+", "+options, ""
			}
			r := httptest.NewRequest(cmp.Or(c.method, http.MethodGet), "/", nil)
			r.Header = c.in
			service := &recording{}
			res := service.serve(t, r, strings.Trim("match: {"+match+"}, "+options, ", "))
			if want := cmp.Or(c.status, http.StatusOK); res.StatusCode != want {
				t.Fatalf("status %d; want %d", res.StatusCode, want)
			}
			if c.status != 0 {
				return
			}
			got := service.last(t).Header
			if got.Get("Accept-Encoding") != "identity" {
				t.Errorf("Accept-Encoding: %q", got["Accept-Encoding"])
			}
			delete(got, "Accept-Encoding")
			if lines(got) != c.want {
				t.Errorf("the service saw\n%s; want\n%s", lines(got), c.want)
			}
		})
	}
}

// lines are the headers on one line, in order.
func lines(h http.Header) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			all = append(all, name+": "+value)
		}
	}
	return strings.Join(all, "|")
}

func TestForwarded(t *testing.T) {
	service := &recording{}
	r := httptest.NewRequest(http.MethodGet, "https://shop.test/", nil)
	r.URL.Scheme, r.URL.Host, r.TLS = "", "", &tls.ConnectionState{}
	r.Header.Set("X-Forwarded-For", "6.6.6.6")
	r.Header.Set("X-Forwarded-Host", "evil.test")
	service.serve(t, r, "match: {path: /}, request: {forwarded: true}")
	h := service.last(t).Header
	delete(h, "Accept-Encoding")
	if got, want := lines(h), "X-Forwarded-For: 192.0.2.1|X-Forwarded-Host: shop.test|X-Forwarded-Proto: https"; got != want {
		t.Errorf("got %s; want %s", got, want)
	}
}

func TestAcceptEncodingHasOneForm(t *testing.T) {
	for _, c := range []struct {
		in   []string
		want string
	}{
		{nil, "identity"},
		{[]string{"zstd;q=0.5, GZIP ,br"}, "br, gzip, zstd"},
		{[]string{"gzip", "deflate, br;q=1.0"}, "br, gzip"},
		{[]string{"gzip;q=0, br; q=0.000, zstd;q=0.001"}, "zstd"},
		{[]string{"*, identity"}, "identity"},
	} {
		if got := codings(c.in)[0]; got != c.want {
			t.Errorf("%q: %s; want %s", c.in, got, c.want)
		}
	}
}

func TestHeadersInConfiguration(t *testing.T) {
	for _, c := range []struct{ route, want string }{
		{"request: {allow: [X-User-Id]}", "who is asking"},
		{"request: {allow: [x_user_id]}", "who is asking"},
		{"request: {allow: [X.User.Id]}", "who is asking"},
		{"request: {set: {X-Roles: admin}}", "who is asking"},
		{"request: {allow: [connection]}", "belongs to the connection"},
		{"request: {allow: [Proxy-Authorization]}", "belongs to the connection"},
		{"request: {set: {Host: x}}", "belongs to the connection"},
		{"request: {allow: ['a b']}", "not the name of a header"},
		{"request: {allow: [X-Forwarded-For]}", "request.forwarded"},
		{"request: {allow: [Accept-Encoding]}", "request.remove"},
		{`request: {set: {X-A: "a\r\nb: c"}}`, "control characters"},
		{`response: {set: {X-A: "a\nb"}}`, "control characters"},
		{"response: {set: {Content-Length: '1'}}", "belongs to the connection"},
		{"request: {remove: [X-Other]}", "not passed on anyway"},
		{"request: {allow: [Authorization, Cookie, X-Ok], remove: [accept]}", ""},
	} {
		_, err := read("match: {path: /}, " + c.route)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", c.route, err, c.want)
		}
	}
}

func TestQuery(t *testing.T) {
	for _, c := range []struct {
		allow, in, want string
		status          int
	}{
		{"[]", "a=1", "", 200},
		{"[a]", "b=2&a=1&a=2&c", "?a=1&a=2", 200},
		{"['*']", "b=2&&a=%41+%2B/&flag&e=", "?b=2&a=A+%2B%2F&flag&e=", 200},
		{"[a]", "%61=x%26b%3D1%0d%0a", "?a=x%26b%3D1%0D%0A", 200},
		{"[]", "a=%zz", "", 400},
		{"[]", "%=1", "", 400},
		{"[a]", "a=1;b=2", "", 400},
	} {
		service := &recording{}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL.RawQuery = c.in
		res := service.serve(t, r, "match: {path: /}, query: "+c.allow)
		if res.StatusCode != c.status {
			t.Errorf("%s: status %d; want %d", c.in, res.StatusCode, c.status)
		} else if c.status == 200 && service.last(t).Path != "/"+c.want {
			t.Errorf("%s with %s: the service saw %s; want /%s", c.in, c.allow, service.last(t).Path, c.want)
		}
	}
}
