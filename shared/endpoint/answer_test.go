package endpoint

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/facet-bff/facet/shared/identity/access"
)

func TestEncoding(t *testing.T) {
	type view struct {
		List  []int          `json:"list"`
		Map   map[string]int `json:"map"`
		Next  *int           `json:"next"`
		Took  time.Duration  `json:"took"`
		Order map[string]int `json:"order"`
	}
	w, f := ask(constant(view{Took: 90 * time.Second, Order: map[string]int{"b": 2, "a": 1, "c": 3}}), get("/"))
	const want = `{"list":[],"map":{},"next":null,"took":"1m30s","order":{"a":1,"b":2,"c":3}}`
	if f != nil || w.Code != http.StatusOK || w.Body.String() != want {
		t.Errorf("got %d %s, %v", w.Code, w.Body, f)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/json", "Cache-Control": "no-cache", "Vary": "Accept-Encoding",
		"Content-Length": "75", "Content-Encoding": "", "Server-Timing": "", DegradedHeader: "",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestNotEncodable(t *testing.T) {
	w, f := ask(constant("\xff"), get("/"))
	if f == nil || f.HTTPStatus() != http.StatusInternalServerError || w.Body.Len() > 0 || len(w.Header()) > 0 {
		t.Errorf("got %v, %v, %s", f, w.Header(), w.Body)
	}
}

func TestEntityTags(t *testing.T) {
	first, _ := ask(constant("x"), get("/"))
	again, _ := ask(constant("x"), get("/"))
	other, _ := ask(constant("y"), get("/"))
	tag := first.Header().Get("ETag")
	if !strings.HasPrefix(tag, `W/"`) || tag != again.Header().Get("ETag") || tag == other.Header().Get("ETag") {
		t.Errorf("tags: %s, %s, %s", tag, again.Header().Get("ETag"), other.Header().Get("ETag"))
	}
	strong := strings.TrimPrefix(tag, "W/")
	for _, tt := range []struct {
		values []string
		want   int
	}{
		{nil, 200}, {[]string{tag}, 304}, {[]string{strong}, 304}, {[]string{"*"}, 304},
		{[]string{`"a", W/"b",` + tag}, 304}, {[]string{`"a"`, tag}, 304},
		{[]string{`"a"`}, 200}, {[]string{strings.Trim(strong, `"`)}, 200}, {[]string{""}, 200},
	} {
		r := get("/")
		r.Header["If-None-Match"] = tt.values
		r.Header.Set("Accept-Encoding", "gzip")
		w, f := ask(constant("x"), r)
		if f != nil || w.Code != tt.want {
			t.Errorf("%v: got %d, %v, want %d", tt.values, w.Code, f, tt.want)
		}
		h := w.Header()
		if h.Get("ETag") != tag || h.Get("Vary") != "Accept-Encoding" || h.Get("Cache-Control") != "no-cache" {
			t.Errorf("%v: %d lacks headers: %v", tt.values, w.Code, h)
		}
		if w.Code == http.StatusNotModified && (w.Body.Len() > 0 || h["Content-Type"] != nil || h["Content-Length"] != nil) {
			t.Errorf("a 304 with content: %v %s", h, w.Body)
		}
	}
}

func TestCacheControl(t *testing.T) {
	if w, _ := ask(constant(1), as(get("/"), caller)); w.Header().Get("Cache-Control") != "private, no-cache" {
		t.Errorf("an identified caller: %v", w.Header())
	}
	e := POST("/", access.Public, always(1), Status(http.StatusCreated))
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	r.Header.Set("If-None-Match", "*")
	w, _ := ask(e, r)
	if w.Code != http.StatusCreated || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("ETag") != "" {
		t.Errorf("POST: %d %v", w.Code, w.Header())
	}
	type in struct {
		Lang string `header:"accept-language"`
	}
	w, _ = ask(GET("/", access.Public, count[in]), get("/"))
	if w.Header().Get("Vary") != "Accept-Encoding, Accept-Language" {
		t.Errorf("Vary: %s", w.Header().Get("Vary"))
	}
}

func TestNoContent(t *testing.T) {
	w, f := ask(DELETE("/", access.Public, always(1), Status(http.StatusNoContent)), httptest.NewRequest(http.MethodDelete, "/", nil))
	if f != nil || w.Code != http.StatusNoContent || w.Body.Len() > 0 || w.Header()["Content-Type"] != nil {
		t.Errorf("got %d %v %s, %v", w.Code, w.Header(), w.Body, f)
	}
}

func TestHead(t *testing.T) {
	want, _ := ask(constant("x"), get("/"))
	got, f := ask(constant("x"), httptest.NewRequest(http.MethodHead, "/", nil))
	if f != nil || got.Code != want.Code || got.Body.Len() > 0 || got.Header().Get("Content-Length") != "3" ||
		got.Header().Get("ETag") != want.Header().Get("ETag") {
		t.Errorf("got %d %v %s, %v", got.Code, got.Header(), got.Body, f)
	}
}

func TestNegotiation(t *testing.T) {
	for accept, want := range map[string]string{
		"gzip": "gzip", "zstd": "zstd", "gzip, zstd": "zstd", "gzip, deflate, br": "gzip", "GZIP": "gzip", "*": "zstd",
		"gzip;q=0.9, zstd;q=0.8": "gzip", "gzip; q=1.0, zstd ; q=0.5": "gzip", "*;q=0.1, gzip;q=0.5": "gzip",
		"zstd;q=0, *": "gzip", "gzip;q=0, zstd;q=0": "", "*;q=0": "", "br": "", "": "", "identity": "",
		"identity, gzip;q=0.5": "", "identity;q=0.5, gzip": "gzip", "identity;q=0.5, *": "zstd",
		"gzip;q=x": "", "gzip;q=NaN": "", ";q=1,,gzip": "gzip", "gzipped": "",
		// Nothing is left that we have: better an answer than a 406 (RFC 9110, 12.5.3).
		"identity;q=0": "", "br, identity;q=0": "", "br, *;q=0": "",
	} {
		value := strings.Repeat("x", 300)
		r := get("/")
		r.Header.Set("Accept-Encoding", accept)
		w, f := ask(constant(value), r)
		if f != nil || w.Code != http.StatusOK || w.Header().Get("Content-Encoding") != want {
			t.Errorf("%q: got %d %q, %v, want %q", accept, w.Code, w.Header().Get("Content-Encoding"), f, want)
		}
		if got := unpack(t, want, w.Body); got != `"`+value+`"` {
			t.Errorf("%q: the content changed: %s", accept, got)
		}
	}
	if w, _ := ask(constant(strings.Repeat("x", 300)), get("/")); w.Header()["Content-Encoding"] != nil {
		t.Error("compressed for who did not ask")
	}
	r := get("/")
	r.Header.Set("Accept-Encoding", "gzip")
	if w, _ := ask(constant(strings.Repeat("x", 200)), r); w.Header()["Content-Encoding"] != nil || w.Body.Len() != 202 {
		t.Error("a small answer is compressed")
	}
}

func unpack(t *testing.T, coding string, body *bytes.Buffer) string {
	t.Helper()
	var r io.Reader = body
	var err error
	switch coding {
	case "gzip":
		r, err = gzip.NewReader(body)
	case "zstd":
		var d *zstd.Decoder
		d, err = zstd.NewReader(body, zstd.WithDecoderConcurrency(1))
		defer d.Close()
		r = d
	}
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
