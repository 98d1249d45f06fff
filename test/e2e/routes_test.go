package e2e_test

import (
	"net/http"
	"strings"
	"testing"
)

const image = "/assets/products/p1-1.svg"

func TestAssets(t *testing.T) {
	for _, name := range []string{"bff-mobile", "bff-web", "bff-admin"} {
		t.Run(name, func(t *testing.T) {
			g := start(t, name)
			first := get(t, g.url+image)
			if first.status != 200 || first.header.Get("Content-Type") != "image/svg+xml" || !strings.HasPrefix(first.body, "<svg") {
				t.Fatalf("status %d, %v: %.100s", first.status, first.header, first.body)
			}
			if direct := get(t, layout.URL("catalog")+image); direct.body != first.body {
				t.Error("not what the catalog sends")
			}
			forgetCalls(t)
			if again := get(t, g.url+image); again.status != 200 || again.body != first.body {
				t.Errorf("the second time: status %d", again.status)
			}
			wantCalls(t, map[string]int{})
			head := send(t, http.MethodHead, g.url+image)
			if head.status != 200 || head.body != "" || head.header.Get("Content-Length") != first.header.Get("Content-Length") {
				t.Errorf("HEAD: status %d, %v", head.status, head.header)
			}
			tag := header("If-None-Match", first.header.Get("ETag"))
			if a := get(t, g.url+image, tag); a.status != http.StatusNotModified || a.body != "" {
				t.Errorf("conditional: status %d, %d bytes", a.status, len(a.body))
			}
			part := get(t, g.url+image, header("Range", "bytes=0-3"))
			if part.status != http.StatusPartialContent || part.body != "<svg" {
				t.Errorf("range: status %d, %q", part.status, part.body)
			}
		})
	}
}

func TestAssetsThatAreNotServed(t *testing.T) {
	mobile := start(t, "bff-mobile")
	for _, test := range []struct {
		method, path string
		want         int
	}{
		{"GET", "/assets/products/none.svg", 404},
		{"POST", image, 405},
		{"DELETE", image, 405},
		{"GET", "/assets/..%2fproducts", 400},
		{"GET", "/assets/%2e%2e/products", 400},
		{"GET", "/assets/../products", 400},
		{"GET", "/assets/%252e%252e/products", 400},
		{"GET", "/assets/..%5cproducts", 400},
		{"GET", "/assets//products", 400},
		{"GET", "/assets/a%00b", 400},
		{"GET", "/assetsx/products/p1-1.svg", 404},
		{"GET", "/products/p1", 404},
		{"GET", "/healthz", 404},
	} {
		a := send(t, test.method, mobile.url, raw(test.path))
		if a.status != test.want {
			t.Errorf("%s %s: status %d, want %d: %.200s", test.method, test.path, a.status, test.want, a.body)
		}
	}
	got := calls(t)
	for call := range got {
		if !strings.HasPrefix(call, "catalog GET /assets/") {
			t.Errorf("calls: %v", got)
		}
	}
}

// raw sends a path as it is, which net/url would tidy up.
func raw(path string) option {
	return func(r *http.Request) { r.URL.Opaque = path }
}

func TestAssetsSurviveFaults(t *testing.T) {
	mobile := start(t, "bff-mobile")
	for fault, want := range map[string]int{`{"status":500}`: 502, `{"reset":true}`: 502, `{"hang":true}`: 504} {
		breakService(t, "catalog", fault)
		a := get(t, mobile.url+"/assets/products/p2-1.svg")
		if a.problem(t); a.status != want {
			t.Errorf("catalog %s: status %d, want %d", fault, a.status, want)
		}
		tellsNothing(t, "catalog "+fault, a)
	}
}
