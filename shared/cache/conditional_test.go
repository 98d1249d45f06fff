package cache

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// RFC 9111, 4.3.1.
func TestConditionalAsksForWhatIsKept(t *testing.T) {
	request := header("If-None-Match: \"theirs\"", "If-Match: *", "If-Range: x", "Accept: a/b")
	got := Conditional(request, header("Etag: W/\"1\"", "Last-Modified: "+at(0)))
	want := header("If-None-Match: W/\"1\"", "If-Modified-Since: "+at(0), "Accept: a/b")
	if !maps.EqualFunc(got, want, slices.Equal) {
		t.Errorf("%v", got)
	}
	if request.Get("If-None-Match") != `"theirs"` {
		t.Error("the request's own header has changed")
	}
	if !Validators(header("Etag: x")) || !Validators(header("Last-Modified: x")) || Validators(header("Date: x")) {
		t.Error("validators are ETag and Last-Modified")
	}
}

// RFC 9111, 4.3.4.
func TestA304IsAboutTheSameStrongTag(t *testing.T) {
	for _, c := range []struct {
		says, kept string
		want       bool
	}{
		{`"1"`, `"1"`, true}, {`"2"`, `"1"`, false}, {"", `"1"`, true}, {`W/"2"`, `W/"1"`, true}, {`"2"`, "", false},
	} {
		says, kept := http.Header{}, http.Header{}
		if c.says != "" {
			says.Set("Etag", c.says)
		}
		if c.kept != "" {
			kept.Set("Etag", c.kept)
		}
		if got := Confirms(says, kept); got != c.want {
			t.Errorf("a 304 with %s of %s: %v", c.says, c.kept, got)
		}
	}
}

// RFC 9111, 3.2.
func TestA304FreshensHeadersButNotTheBodysOwn(t *testing.T) {
	kept := header("X-A: old", "X-B: old", "Content-Length: 3", "Content-Encoding: gzip", "Etag: x", "Age: 9")
	got := Freshened(kept, header("X-A: new", "X-C: new", "Content-Length: 0", "Content-Encoding: br", "Set-Cookie: a=b"))
	want := header("X-A: new", "X-B: old", "X-C: new", "Content-Length: 3", "Content-Encoding: gzip", "Etag: x")
	if !maps.EqualFunc(got, want, slices.Equal) || kept.Get("X-A") != "old" {
		t.Errorf("%v", got)
	}
}

// RFC 9111, 4.3.2, and RFC 9110, 13.2.2.
func TestNotModified(t *testing.T) {
	tagged := header(`Etag: "a,b"`, "Last-Modified: "+at(0))
	for _, c := range []struct {
		name          string
		request, kept http.Header
		want          bool
	}{
		{"no condition", header(), tagged, false},
		{"the tag", header(`If-None-Match: "a,b"`), tagged, true},
		{"weakly", header(`If-None-Match: W/"a,b"`), tagged, true},
		{"in a list", header(`If-None-Match: "x" , "a,b"`), tagged, true},
		{"in another line", header(`If-None-Match: "x"`, `If-None-Match: "a,b"`), tagged, true},
		{"any", header("If-None-Match: *"), tagged, true},
		{"another tag", header(`If-None-Match: "a"`), tagged, false},
		{"another tag goes before the time", header(`If-None-Match: "a"`, "If-Modified-Since: "+at(time.Hour)), tagged, false},
		{"no tag is kept", header(`If-None-Match: ""`), header(), false},
		{"not since", header("If-Modified-Since: " + at(0)), tagged, true},
		{"since", header("If-Modified-Since: " + at(-time.Second)), tagged, false},
		{"by Date", header("If-Modified-Since: " + at(0)), header("Date: " + at(0)), true},
		{"changed after, by Date", header("If-Modified-Since: " + at(0)), header("Date: " + at(time.Second)), false},
		{"by its arrival", header("If-Modified-Since: " + at(0)), header(), true},
		{"malformed", header("If-Modified-Since: yesterday"), tagged, false},
	} {
		if got := NotModified(c.request, c.kept, now); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	h := NotModifiedHeader(header("Content-Type: a", "Content-Length: 1", "Content-Location: /x", "Etag: x", "Date: y"))
	if got := strings.Join(slices.Sorted(maps.Keys(h)), " "); got != "Content-Location Date Etag" {
		t.Errorf("a 304 has %s", got)
	}
}

// RFC 9111, 4.1.
func TestVariants(t *testing.T) {
	names := Vary(header("Vary: accept-language , foo", "Vary: FOO,"))
	if !slices.Equal(names, []string{"Accept-Language", "Foo"}) || Vary(header("Vary: ,")) != nil {
		t.Fatalf("%q", names)
	}
	base := header("Accept-Language: de, en", "Foo: 1, 2", "Other: x")
	for _, c := range []struct {
		name    string
		request http.Header
		same    bool
	}{
		{"the same", header("Accept-Language: de, en", "Foo: 1, 2"), true},
		{"in two lines", header("Accept-Language: de", "Accept-Language: en", "Foo: 1", "Foo: 2"), true},
		{"in another case and spacing", header("Accept-Language: DE,EN", "Foo: 1, 2"), true},
		{"another value", header("Accept-Language: de, en", "Foo: 1, 3"), false},
		{"what is unknown is taken by the letter", header("Accept-Language: de, en", "Foo: 1,2"), false},
		{"absent", header("Accept-Language: de, en"), false},
		{"empty", header("Accept-Language: de, en", "Foo: "), false},
	} {
		if got := Variant(names, c.request) == Variant(names, base); got != c.same {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	if Variant(names, header("Foo: ")) == Variant(names, header()) {
		t.Error("an empty header is not an absent one")
	}
}
