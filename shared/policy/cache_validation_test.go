package policy

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/backend"
)

// A validating service has one answer with validators, and says when a request has it already.
type validating struct {
	stub
	header  http.Header // of a 200
	confirm http.Header // of a 304
	version string
}

func newValidating(control string) *validating {
	v := &validating{header: headers("Cache-Control", control, "Etag", `"1"`, "X-Note", "old"), version: "one"}
	v.answer = func(_ context.Context, n int) (*backend.Response, error) {
		v.mu.Lock()
		req := v.asked[n-1]
		v.mu.Unlock()
		if tag := v.header.Get("Etag"); tag != "" && req.Header.Get("If-None-Match") == tag {
			return &backend.Response{Status: http.StatusNotModified, Header: maps.Clone(v.confirm)}, nil
		}
		res := &backend.Response{Status: http.StatusOK, Header: maps.Clone(v.header), Body: []byte(v.version)}
		if req.Stream {
			res.Stream, res.Size, res.Body = &body{Reader: strings.NewReader(v.version)}, int64(len(v.version)), nil
		}
		return res, nil
	}
	return v
}

// conditions are the tags that the service was asked about, call by call.
func (v *validating) conditions() (tags []string) {
	for _, req := range v.asked {
		tags = append(tags, req.Header.Get("If-None-Match"))
	}
	return tags
}

func (v *validating) wantAsked(t *testing.T, tags ...string) {
	t.Helper()
	if got := v.conditions(); !slices.Equal(got, tags) {
		t.Errorf("asked about %q, want %q", got, tags)
	}
}

// RFC 9111, 4.3: what is past its time is asked about, and not fetched again.
func TestAStaleAnswerIsValidated(t *testing.T) {
	for _, stream := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			service := newValidating("max-age=10")
			service.confirm = headers("Cache-Control", "max-age=20", "X-Note", "new")
			send := caching(t, cacheDefaults, metrics(), service.send)
			ask := func(after time.Duration, wantNote string) {
				t.Helper()
				time.Sleep(after)
				req := get()
				req.Stream = stream
				res, err := send(t.Context(), req)
				if err != nil {
					t.Fatal(err)
				}
				if got := read(t, res); got != "one" || res.Status != http.StatusOK || res.Header.Get("X-Note") != wantNote {
					t.Errorf("%d %q %v", res.Status, got, res.Header)
				}
			}
			ask(0, "old")
			ask(10*time.Second, "new")
			ask(19*time.Second, "new") // by the 304's own freshness
			service.wantAsked(t, "", `"1"`)
			ask(2*time.Second+askable, "old") // forgotten by now
			service.wantAsked(t, "", `"1"`, "")
		})
	}
}

// RFC 9111, 4.3.3: a new answer replaces the old one.
func TestANewAnswerReplacesAStaleOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := newValidating("max-age=10")
		send := caching(t, cacheDefaults, metrics(), service.send)
		_, _ = send(t.Context(), get())
		time.Sleep(11 * time.Second)
		service.header.Set("Etag", `"2"`)
		service.version = "two"
		for range 2 {
			if res, err := send(t.Context(), get()); err != nil || string(res.Body) != "two" {
				t.Errorf("%v, %v", res, err)
			}
		}
		service.wantAsked(t, "", `"1"`)
	})
}

// RFC 9111, 4.3.4: a 304 about another answer than the one that is kept says nothing of that.
func TestA304OfAnotherAnswerIsNotBelieved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := newValidating("max-age=10")
		service.confirm = headers("Etag", `"2"`)
		send := caching(t, cacheDefaults, metrics(), service.send)
		_, _ = send(t.Context(), get())
		time.Sleep(11 * time.Second)
		service.version = "two"
		if res, err := send(t.Context(), get()); err != nil || string(res.Body) != "two" {
			t.Errorf("%v, %v", res, err)
		}
		service.wantAsked(t, "", `"1"`, "")
	})
}

// RFC 9111, 5.2.2.4: no-cache is kept, and asked about each time.
func TestNoCacheIsAskedAboutEachTime(t *testing.T) {
	service := newValidating("no-cache")
	send := caching(t, cacheDefaults, metrics(), service.send)
	for range 3 {
		if res, err := send(t.Context(), get()); err != nil || string(res.Body) != "one" {
			t.Errorf("%v, %v", res, err)
		}
	}
	service.wantAsked(t, "", `"1"`, `"1"`)
}

// RFC 9111, 4.3.2: the client of a route has conditions of its own.
func TestAClientsConditionsAreMetFromTheCache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := newValidating("max-age=10")
		service.header.Set("Content-Type", "text/plain")
		send := caching(t, cacheDefaults, metrics(), service.send)
		ask := func(tag string, wantStatus int) {
			t.Helper()
			req := streamed()
			req.Header = headers("If-None-Match", tag)
			res, err := send(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			text := read(t, res)
			if whole := res.Status == 200; res.Status != wantStatus || whole != (text != "") || whole != (res.Header["Content-Type"] != nil) {
				t.Errorf("%s: %d %q %v", tag, res.Status, text, res.Header)
			}
			if res.Status == http.StatusNotModified && res.Header.Get("Etag") != `"1"` {
				t.Errorf("%s: 304 with %v", tag, res.Header)
			}
		}
		ask(`"0"`, 200) // forwarded, for nothing is kept
		ask(`"1"`, 304)
		ask(`"0"`, 200)
		time.Sleep(11 * time.Second)
		ask(`"1"`, 304) // asked about as we have it, and then met
		time.Sleep(11 * time.Second)
		ask(`"0"`, 200)
		service.wantAsked(t, `"0"`, `"1"`, `"1"`)
	})
}

// RFC 9111, 4.3.5, and RFC 9110, 9.3.2: what belongs to a GET belongs to a HEAD.
func TestHeadIsAnsweredFromAGet(t *testing.T) {
	service := newValidating("max-age=10")
	send := caching(t, cacheDefaults, metrics(), service.send)
	head := streamed()
	head.Method = http.MethodHead
	for _, req := range []*backend.Request{head, streamed(), head} {
		res, err := send(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		if res.Stream != nil {
			_ = res.Stream.Close()
		}
		if req == head && res.Header.Get("Age") != "" && res.Header.Get("Content-Length") != "3" {
			t.Errorf("%v", res.Header)
		}
	}
	if service.calls() != 2 { // the first HEAD keeps nothing
		t.Errorf("%d calls", service.calls())
	}
}

// RFC 9111, 5.2.1: what a client of a route may wish for.
func TestWhatClientsMayWishFor(t *testing.T) {
	for _, c := range []struct {
		control string
		obeyed  bool // client_control
		calls   int  // of two requests that wish so, after one that does not
	}{
		{"", true, 0}, {"max-age=60", true, 0},
		{"no-cache", false, 0}, {"max-age=0", false, 0}, {"min-fresh=60", false, 0},
		{"no-cache", true, 2}, {"max-age=0", true, 2}, {"min-fresh=60", true, 2},
	} {
		service := newValidating("max-age=10")
		config := cacheDefaults
		config.ClientControl = c.obeyed
		send := caching(t, config, metrics(), service.send)
		for _, control := range []string{"", c.control, c.control} {
			req := streamed()
			req.Control = headers("Cache-Control", control)
			res, err := send(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			if got := read(t, res); got != "one" || res.Status != http.StatusOK {
				t.Errorf("%+v: %d %q", c, res.Status, got)
			}
		}
		if got := service.calls() - 1; got != c.calls {
			t.Errorf("%+v: %d calls", c, got)
		}
	}
}

func TestNoStoreKeepsTheAnswerOut(t *testing.T) {
	service := newValidating("max-age=10")
	send := caching(t, cacheDefaults, metrics(), service.send)
	for range 2 {
		req := streamed()
		req.Control = headers("Cache-Control", "no-store")
		res, err := send(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		_ = read(t, res)
	}
	if service.calls() != 2 {
		t.Errorf("%d calls", service.calls())
	}
}

func TestOnlyIfCachedCallsNobody(t *testing.T) {
	service := newValidating("max-age=10")
	send := caching(t, cacheDefaults, metrics(), service.send)
	req := streamed()
	req.Control = headers("Cache-Control", "only-if-cached")
	_, err := send(t.Context(), req)
	if f := wantStatus(t, err, http.StatusGatewayTimeout); f == nil || service.calls() != 0 {
		t.Errorf("%v, %d calls", err, service.calls())
	}
	res, _ := send(t.Context(), streamed())
	_ = read(t, res)
	if res, err = send(t.Context(), req); err != nil || read(t, res) != "one" || service.calls() != 1 {
		t.Errorf("%v, %d calls", err, service.calls())
	}
}

// RFC 9111, 3.4, and RFC 9110, 14: a part of what is kept is cut from it, and any other is the
// service's affair.
func TestPartsAreCutFromWhatIsKept(t *testing.T) {
	service := newValidating("max-age=10")
	service.version = "0123456789"
	send := caching(t, cacheDefaults, metrics(), service.send)
	for i, c := range []struct {
		pairs  []string
		status int
		text   string
		calls  int // so far
	}{
		{[]string{"Range", "bytes=2-4"}, 200, "0123456789", 1}, // nothing is kept, and the service does not know ranges
		{[]string{"Range", "bytes=2-4"}, 200, "0123456789", 2},
		{nil, 200, "0123456789", 3},
		{[]string{"Range", "bytes=2-4"}, 206, "234", 3},
		{[]string{"Range", "bytes=-1"}, 206, "9", 3},
		{[]string{"Range", "bytes=2-4", "If-None-Match", `"1"`}, 304, "", 3},
		{[]string{"Range", "bytes=2-4", "If-Range", `"1"`}, 200, "0123456789", 4},
		{[]string{"Range", "bytes=0-1,4-5"}, 200, "0123456789", 5},
		{[]string{"Range", "bytes=10-"}, 200, "0123456789", 6},
	} {
		req := streamed()
		req.Header = headers(c.pairs...)
		res, err := send(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		if got := read(t, res); got != c.text || res.Status != c.status || service.calls() != c.calls {
			t.Errorf("%d: %d %q after %d calls", i, res.Status, got, service.calls())
		}
		if res.Status == http.StatusPartialContent && !strings.HasSuffix(res.Header.Get("Content-Range"), "/10") {
			t.Errorf("%d: %v", i, res.Header)
		}
	}
}
