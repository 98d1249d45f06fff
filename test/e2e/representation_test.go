package e2e_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestCompression(t *testing.T) {
	web := start(t, "bff-web")
	address := web.url + "/api/search?size=50"
	plain := ok(t, address)
	const zstdMagic = "\x28\xb5\x2f\xfd"
	tests := []struct {
		accept, want string
	}{
		{"", ""}, {"identity", ""}, {"br", ""}, {"gzip;q=0", ""}, {"gzip", "gzip"}, {"gzip, deflate, br, zstd", "zstd"},
		{"zstd;q=0.5, gzip", "gzip"}, {"*", "zstd"}, {"GZIP", "gzip"},
	}
	for _, test := range tests {
		a := ok(t, address, header("Accept-Encoding", test.accept))
		if got := a.header.Get("Content-Encoding"); got != test.want {
			t.Errorf("Accept-Encoding %q: %q, want %q", test.accept, got, test.want)
		}
		if vary := a.header.Get("Vary"); !strings.Contains(vary, "Accept-Encoding") {
			t.Errorf("Vary is %q", vary)
		}
		if a.header.Get("ETag") != plain.header.Get("ETag") {
			t.Errorf("ETag %s and %s are of one thing", a.header.Get("ETag"), plain.header.Get("ETag"))
		}
		body := a.body
		switch test.want {
		case "zstd":
			if !strings.HasPrefix(body, zstdMagic) || len(body) > len(plain.body)/2 {
				t.Errorf("%d bytes: not zstd, or of no use", len(body))
			}
			continue
		case "gzip":
			body = gunzip(t, body)
		}
		if body != plain.body {
			t.Errorf("Accept-Encoding %q: another body", test.accept)
		}
	}
	if small := ok(t, web.url+"/api/search?q=nothing+like+this", header("Accept-Encoding", "gzip")); small.header.Get("Content-Encoding") != "" {
		t.Errorf("%s is too small to be compressed", small.body)
	}
}

func gunzip(t *testing.T, body string) string {
	t.Helper()
	r, err := gzip.NewReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}

func TestConditionalRequests(t *testing.T) {
	web := start(t, "bff-web")
	address := web.url + "/api/search?q=headphones"
	first := ok(t, address)
	tag := first.header.Get("ETag")
	if tag == "" || first.header.Get("Cache-Control") == "" {
		t.Errorf("no ETag or Cache-Control: %v", first.header)
	}
	for _, match := range []string{tag, `"other", ` + tag, "*", strings.TrimPrefix(tag, "W/")} {
		a := get(t, address, header("If-None-Match", match))
		if a.status != http.StatusNotModified || a.body != "" || a.header.Get("ETag") != tag {
			t.Errorf("If-None-Match %s: status %d, %d bytes, ETag %s", match, a.status, len(a.body), a.header.Get("ETag"))
		}
	}
	if a := get(t, address, header("If-None-Match", `"other"`)); a.status != 200 || a.body != first.body {
		t.Errorf("another tag: status %d", a.status)
	}
	head := send(t, http.MethodHead, address)
	if head.status != 200 || head.body != "" || head.header.Get("ETag") != tag || head.header.Get("Content-Length") != first.header.Get("Content-Length") {
		t.Errorf("HEAD: status %d, %v", head.status, head.header)
	}
}

// What is one person's is kept by nobody else.
func TestPersonalAnswersArePrivate(t *testing.T) {
	mobile := start(t, "bff-mobile")
	if got := ok(t, mobile.url+"/v1/cart", as(t, "user=u1")).header.Get("Cache-Control"); !strings.Contains(got, "private") {
		t.Errorf("Cache-Control of a cart is %q", got)
	}
	one, two := ok(t, mobile.url+"/v1/orders", as(t, "user=u1")), ok(t, mobile.url+"/v1/orders", as(t, "user=u2"))
	if one.body == two.body {
		t.Error("two customers have the same orders")
	}
}
