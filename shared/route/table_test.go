package route

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
)

func TestPrecedence(t *testing.T) {
	routes := []string{
		"name: root, match: {prefix: /}",
		"name: assets, match: {prefix: /assets/}",
		"name: icons, match: {prefix: /assets/icons}",
		"name: logo, match: {path: /assets/logo.svg}",
		"name: home, match: {path: /}",
		"name: order, match: {pattern: '/orders/{id}'}",
		"name: invoice, match: {pattern: '/orders/{id}/invoice'}",
		"name: parts, match: {pattern: '/{kind}/{id}/invoice'}",
		"name: files, match: {pattern: '/files/{path...}'}",
		"name: file, match: {pattern: '/files/{name}'}",
		"name: slash, match: {path: /orders/}",
		"name: upload, match: {path: /upload, methods: [POST]}",
		"name: mine, match: {path: /host, host: shop.example.com}",
		"name: sub, match: {path: /host, host: '*.example.com'}",
		"name: deep, match: {path: /host, host: '*.eu.example.com'}",
		"name: any, match: {path: /host}",
		"name: beta, match: {path: /host, headers: {x-beta: '1'}}",
		"name: tester, match: {path: /host, headers: {x-beta: '*'}}",
	}
	for _, c := range []struct{ target, host, beta, want string }{
		{target: "/", want: "home"},
		{target: "/x", want: "root"},
		{target: "/assetsX", want: "root"},
		{target: "/assets", want: "assets"},
		{target: "/assets/", want: "assets"},
		{target: "/assets/a/b/", want: "assets"},
		{target: "/assets/icons/a", want: "icons"},
		{target: "/assets/logo.svg", want: "logo"},
		{target: "/%61ssets/logo%2esvg", want: "logo"},
		{target: "/ASSETS/logo.svg", want: "root"},
		{target: "/orders/7", want: "order"},
		{target: "/orders/7/", want: "root"},
		{target: "/orders/", want: "slash"},
		{target: "/orders/7/invoice", want: "invoice"},
		{target: "/carts/7/invoice", want: "parts"},
		{target: "/files", want: "files"},
		{target: "/files/", want: "files"},
		{target: "/files/a", want: "file"},
		{target: "/files/a/b", want: "files"},
		{target: "/upload", want: "root"},
		{target: "/host", host: "shop.example.com:8080", want: "mine"},
		{target: "/host", host: "SHOP.example.com.", want: "mine"},
		{target: "/host", host: "a.b.example.com", want: "sub"},
		{target: "/host", host: "a.eu.example.com", want: "deep"},
		{target: "/host", host: "example.com", want: "any"},
		{target: "/host", host: "evil-example.com", want: "any"},
		{target: "/host", beta: "1", want: "beta"},
		{target: "/host", beta: "2", want: "tester"},
		{target: "/host", host: "a.example.com", beta: "1", want: "sub"},
	} {
		for _, reversed := range []bool{false, true} {
			if reversed {
				slices.Reverse(routes)
			}
			r := httptest.NewRequest(http.MethodGet, c.target, nil)
			if c.host != "" {
				r.Host = c.host
			}
			if c.beta != "" {
				r.Header.Set("X-Beta", c.beta)
			}
			got, err := tableOf(t, refuse, routes...).Match(r)
			if err != nil || got == nil || got.Name() != c.want {
				t.Errorf("%s (host %q, beta %q): %v, %v; want %s", c.target, c.host, c.beta, got, err, c.want)
			}
		}
	}
}

func TestNoMatch(t *testing.T) {
	table := tableOf(t, refuse,
		"match: {path: /a}", "match: {path: /a, methods: [POST, PUT]}",
		"match: {path: /h, host: a.test}", "match: {path: /twice, headers: {x-a: '1'}}")
	proxied := httptest.NewRequest(http.MethodGet, "/a", nil)
	proxied.URL = &url.URL{Scheme: "http", Host: "other.test", Path: "/a"}
	star := httptest.NewRequest(http.MethodOptions, "/", nil)
	star.URL = &url.URL{Path: "*"}
	twice := httptest.NewRequest(http.MethodGet, "/twice", nil)
	twice.Header["X-A"] = []string{"1", "1"}
	for name, r := range map[string]*http.Request{
		"another path":    httptest.NewRequest(http.MethodGet, "/b", nil),
		"another host":    httptest.NewRequest(http.MethodPost, "/h", nil),
		"absolute form":   proxied,
		"OPTIONS *":       star,
		"a header, twice": twice,
	} {
		if got, err := table.Match(r); got != nil || err != nil {
			t.Errorf("%s: %v, %v; want neither route nor error", name, got, err)
		}
	}
}

func TestMethodNotAllowed(t *testing.T) {
	table := tableOf(t, refuse, "match: {path: /a}", "match: {pattern: '/{x}', methods: [POST, PUT]}")
	_, err := table.Match(httptest.NewRequest(http.MethodDelete, "/a", nil))
	f := fault.From(err)
	if f == nil || f.HTTPStatus() != http.StatusMethodNotAllowed || f.Allow != "GET, HEAD, POST, PUT" {
		t.Errorf("got %#v; want 405 and four methods", f)
	}
	if r, err := table.Match(httptest.NewRequest(http.MethodHead, "/a", nil)); r == nil || err != nil {
		t.Errorf("HEAD: %v, %v; want the route of GET", r, err)
	}
}

func TestAmbiguity(t *testing.T) {
	for _, c := range []struct {
		a, b      string
		ambiguous bool
	}{
		{"path: /a", "path: /a", true},
		{"path: /a", "path: /a/", false},
		{"path: /a", "path: /b", false},
		{"path: /a", "prefix: /a", false},
		{"prefix: /a", "prefix: /a/", true},
		{"pattern: '/{a}/x'", "pattern: '/y/{b}'", true},
		{"pattern: '/{a}/x'", "pattern: '/{b}/y'", false},
		{"pattern: '/a/{b}'", "pattern: '/a/{b...}'", false},
		{"pattern: '/a/{b...}'", "pattern: '/a/{c...}'", true},
		{"pattern: '/{a}/b/'", "pattern: '/{a}/{b}/b'", false},
		{"path: /a", "path: /a, methods: [POST]", false},
		{"path: /a", "path: /a, methods: [POST, HEAD]", true},
		{"path: /a, host: x.test", "path: /a, host: X.test", true},
		{"path: /a, host: x.test", "path: /a, host: y.test", false},
		{"path: /a, host: x.test", "path: /a, host: '*.test'", false},
		{"path: /a, headers: {x: '1'}", "path: /a, headers: {x: '2'}", false},
		{"path: /a, headers: {x: '1'}", "path: /a, headers: {y: '1'}", true},
		{"path: /a, headers: {x: '1'}", "path: /a, headers: {X: '*'}", false},
	} {
		configs := load(t, "match: {"+c.a+"}", "match: {"+c.b+"}")
		_, err := New(configs, backend.NewServices(backend.NewService("catalog", refuse)), nil)
		if (err != nil) != c.ambiguous {
			t.Errorf("%s and %s: %v", c.a, c.b, err)
		}
	}
}

func TestErrorsAllAtOnce(t *testing.T) {
	_, err := New([]Config{
		{Name: "a", Service: "nowhere", Match: Match{Path: "/a", Prefix: "/b"}},
		{Name: "a", Service: "catalog", Match: Match{Path: "/a", Methods: []string{"TRACE"}}},
	}, backend.NewServices(backend.NewService("catalog", refuse)), nil)
	for _, want := range []string{
		`two are called "a"`, `service "nowhere" is not configured`, "exactly one of path, prefix and pattern",
		"access is required", `"TRACE" cannot be passed on`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nlacks %s", err, want)
		}
	}
}

func TestPathsInConfiguration(t *testing.T) {
	for _, c := range []struct {
		match   Match
		rewrite string
		want    string // in the error; empty: none
	}{
		{match: Match{Path: "a"}, want: "must begin with a slash"},
		{match: Match{Path: "/a//b"}, want: "empty segment"},
		{match: Match{Path: "/a/../b"}, want: "dot segment"},
		{match: Match{Path: "/a%20b"}, want: "plain path"},
		{match: Match{Prefix: "/a/*"}, want: "plain path"},
		{match: Match{Prefix: "/{a}"}, want: "only in match.pattern"},
		{match: Match{Pattern: "/{a}/{a}"}, want: "twice"},
		{match: Match{Pattern: "/{a...}/b"}, want: "last segment"},
		{match: Match{Pattern: "/x-{a}"}, want: "whole segment"},
		{match: Match{Prefix: "/a"}, rewrite: "/{rest}/b", want: "last segment"},
		{match: Match{Prefix: "/a"}, rewrite: "/{other}", want: "not in the path"},
		{match: Match{Path: "/a"}, rewrite: "/{rest}", want: "not in the path"},
		{match: Match{Prefix: "/ä b"}, rewrite: "/{rest}"},
		{match: Match{Path: "/a", Host: "http://x"}, want: "host name"},
		{match: Match{Path: "/a", Host: "a.*.b"}, want: "whole labels"},
	} {
		config := load(t, "match: {path: /}")[0]
		c.match.Methods = config.Match.Methods
		config.Match, config.Rewrite = c.match, c.rewrite
		err := config.Validate()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v, %q: %v; want %q", c.match, c.rewrite, err, c.want)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	for _, n := range []int{10, 2000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			var configs []Config
			base := load(b, "match: {path: /}")[0]
			for i := range n {
				c := base
				c.Name = fmt.Sprint("r", i)
				c.Match.Path, c.Match.Pattern, c.Match.Prefix = "", "", ""
				switch i % 3 {
				case 0:
					c.Match.Path = fmt.Sprintf("/exact/%d", i)
				case 1:
					c.Match.Pattern = fmt.Sprintf("/pattern/%d/{id}/invoice", i)
				case 2:
					c.Match.Prefix = fmt.Sprintf("/prefix/%d", i)
				}
				configs = append(configs, c)
			}
			table, err := New(configs, backend.NewServices(backend.NewService("catalog", refuse)), nil)
			if err != nil {
				b.Fatal(err)
			}
			r := httptest.NewRequest(http.MethodGet, "/pattern/4/7/invoice", nil)
			b.ReportAllocs()
			for b.Loop() {
				if got, err := table.Match(r); got == nil || err != nil {
					b.Fatal(got, err)
				}
			}
		})
	}
}
