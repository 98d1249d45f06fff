package route

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/facet-bff/facet/shared/fault"
)

// Spellings of a way from /public to /admin, and what else two parties may read in
// different ways.
var hostilePaths = []string{
	"/public/../admin", "/public/./admin", "/public/..", "/public/.", "/..", "/.",
	"/public/%2e%2e/admin", "/public/%2E%2E/admin", "/public/.%2e/admin", "/public/%2e./admin", "/public/%2e/admin",
	"/public/..%2fadmin", "/public/..%2Fadmin", "/public%2f..%2fadmin", "/public/%2e%2e%2fadmin",
	"/public/..%5cadmin", "/public/..%5Cadmin", `/public/..\admin`, `/public\admin`,
	"/public/%252e%252e/admin", "/public/%25252e%25252e/admin", "/public/..%252fadmin", "/public/..%255cadmin", "/public/%252fadmin",
	"/public/..;/admin", "/public/;/admin", "/public/%3b/admin", "/admin;x=1", "/public/%253b/admin",
	"//admin", "/public//admin", "///", "/public/%2561dmin", "/%2561dmin",
	"/public/%00/admin", "/admin%00.png", "/public/%0d%0aHost:x", "/public/%09", "/public/%7f", "/public/%c2%85", "/public/%2500",
	"/public/%c0%ae%c0%ae/admin", "/public/%c0%af", "/public/%ff", "/public/%e2%82",
	"/public/%", "/public/%2", "/public/%zz", "/public/%u002e%u002e/admin",
}

func TestHostilePathsAreRefused(t *testing.T) {
	service := &recording{}
	handler := gateway(tableOf(t, service.send, "match: {prefix: /}"))
	for _, path := range hostilePaths {
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n")))
		if err != nil {
			continue // net/http itself answers 400
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d; want 400", path, w.Code)
		}
	}
	if len(service.requests) > 0 {
		t.Errorf("the service was sent %s", service.requests[0].Path)
	}
}

func TestPathsAreEncodedAnew(t *testing.T) {
	for _, c := range []struct{ route, target, want string }{
		{"match: {prefix: /}", "/", "/"},
		{"match: {prefix: /}", "/a%2Db/%c3%a4/%20", "/a-b/%C3%A4/%20"},
		{"match: {prefix: /}", "/100%25", "/100%25"},
		{"match: {prefix: /}", "/a,b/c%2Cd/@:=+&$!'()*~", "/a,b/c,d/@:=+&$!'()*~"},
		{"match: {prefix: /}", "/a%3Fb%23c%22%3C", "/a%3Fb%23c%22%3C"},
		{"match: {prefix: /}", "/.../..a/a../a..b/.well-known/", "/.../..a/a../a..b/.well-known/"},
		{"match: {prefix: /a}, rewrite: '/s/{rest}'", "/a", "/s"},
		{"match: {prefix: /a}, rewrite: '/s/{rest}'", "/a/", "/s/"},
		{"match: {prefix: /a}, rewrite: '/s/{rest}'", "/a/b%20c/d/", "/s/b%20c/d/"},
		{"match: {prefix: /a}, rewrite: '/{rest}'", "/a", "/"},
		{"match: {prefix: /}, rewrite: '/s/{rest}'", "/b", "/s/b"},
		{"match: {path: /a}, rewrite: /ä b", "/a", "/%C3%A4%20b"},
		{"match: {pattern: '/u/{id}/o/{n}'}, rewrite: '/o/{n}/of/{id}'", "/u/a%40b/o/7", "/o/7/of/a@b"},
		{"match: {pattern: '/u/{id}/{more...}'}, rewrite: '/x/{more}'", "/u/7/a/b", "/x/a/b"},
		{"match: {pattern: '/u/{id}'}, rewrite: '/u/{id}/'", "/u/7", "/u/7/"},
	} {
		service := &recording{}
		if res := service.serve(t, httptest.NewRequest(http.MethodGet, c.target, nil), c.route); res.StatusCode != http.StatusOK {
			t.Errorf("%s of %s: status %d", c.target, c.route, res.StatusCode)
			continue
		}
		if got := service.last(t).Path; got != c.want {
			t.Errorf("%s of %s: the service saw %s; want %s", c.target, c.route, got, c.want)
		}
	}
}

// FuzzPath checks that no path is passed on that somebody who decodes up to three times,
// strictly or not, could read as another.
func FuzzPath(f *testing.F) {
	for _, path := range hostilePaths {
		f.Add(path)
	}
	f.Add("/a%20b/c/")
	table := tableOf(f, refuse, "match: {prefix: /}")
	f.Fuzz(func(t *testing.T, path string) {
		u, err := url.ParseRequestURI(path)
		if err != nil {
			return
		}
		r, err := table.Match(&http.Request{Method: http.MethodGet, URL: u})
		if r == nil {
			if err != nil && fault.From(err).HTTPStatus() != http.StatusBadRequest {
				t.Fatalf("%q: %v", path, err)
			}
			return
		}
		decoded, err := segmentsOf(u, new(segments))
		if err != nil {
			t.Fatalf("%q matched and then failed: %v", path, err)
		}
		sent := r.target.path(decoded)
		again, err := url.ParseRequestURI(sent)
		if err != nil || again.EscapedPath() != sent || again.Path != u.Path {
			t.Fatalf("%q was sent as %q, which is read as %q, %v", path, sent, again, err)
		}
		for seen, n := sent, 0; n <= 3; seen, n = decodeLeniently(seen), n+1 {
			for segment := range strings.SplitSeq(seen, "/") {
				if segment == "." || segment == ".." || strings.ContainsAny(segment, "\\;\x00\r\n") {
					t.Fatalf("%q was sent as %q, which decodes to %q", path, sent, seen)
				}
			}
			if strings.Contains(seen, "//") {
				t.Fatalf("%q was sent as %q, which decodes to %q", path, sent, seen)
			}
		}
	})
}

// decodeLeniently decodes what it can.
func decodeLeniently(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if i+2 < len(s) {
			if c, err := url.PathUnescape(s[i : i+3]); err == nil && s[i] == '%' {
				b.WriteString(c)
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
