package cache

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

var now = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// header reads "Name: value" lines.
func header(lines ...string) http.Header {
	h := http.Header{}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		h.Add(name, value)
	}
	return h
}

func at(d time.Duration) string { return now.Add(d).Format(http.TimeFormat) }

// summary says the same in words: what may be done with the answer, and then what else it says.
func (f Freshness) summary() string {
	var words []string
	say := func(word string, said bool) {
		if said {
			words = append(words, word)
		}
	}
	say("keep "+f.TTL.String(), f.Storable && f.TTL > 0)
	say("ask", f.Storable && f.Explicit && f.TTL == 0)
	say("silent", f.Storable && !f.Explicit)
	say("not", !f.Storable)
	say("never", f.Never)
	say("private", f.Private)
	say("shared", f.Shared)
	say("strict", f.Strict)
	say("age "+f.Age.String(), f.Age > 0)
	say("while "+f.StaleWhileRevalidate.String(), f.StaleWhileRevalidate > 0)
	say("error "+f.StaleIfError.String(), f.StaleIfError > 0)
	return strings.Join(words, ", ")
}

func TestReadFreshness(t *testing.T) {
	const s = time.Second
	for _, c := range []struct {
		name   string // with the section of RFC 9111 that says so
		header http.Header
		want   string
	}{
		{"silent", header(), "silent"},
		{"an unknown directive (5.2.3)", header("Cache-Control: community=x"), "silent"},
		{"public alone (5.2.2.9)", header("Cache-Control: public"), "silent, shared"},
		{"Pragma where there is no Cache-Control (5.4)", header("Pragma: no-cache"), "ask"},
		{"Pragma beside Cache-Control (5.4)", header("Pragma: no-cache", "Cache-Control: max-age=5"), "keep 5s"},

		{"max-age (5.2.2.1)", header("Cache-Control: max-age=60"), "keep 1m0s"},
		{"any case (5.2)", header("Cache-Control: MAX-AGE=60"), "keep 1m0s"},
		{"quoted (5.2)", header(`Cache-Control: max-age="60"`), "keep 1m0s"},
		{"spaces", header("Cache-Control:  , max-age=60 ,,"), "keep 1m0s"},
		{"s-maxage over max-age (5.2.2.10)", header("Cache-Control: max-age=1, s-maxage=60"), "keep 1m0s, shared, strict"},
		{"max-age over Expires (5.3)", header("Cache-Control: max-age=60", "Expires: 0"), "keep 1m0s"},
		{"zero", header("Cache-Control: max-age=0"), "ask"},
		{"a shorter s-maxage", header("Cache-Control: max-age=60, s-maxage=0"), "ask, shared, strict"},
		{"beyond an int64 (1.2.2)", header("Cache-Control: max-age=99999999999999999999"), "keep " + (1 << 31 * s).String()},

		{"Expires (5.3)", header("Expires: " + at(time.Minute)), "keep 1m0s"},
		{"Expires by the sender's clock (4.2.1)", header("Expires: "+at(time.Hour), "Date: "+at(time.Hour-30*s)), "keep 30s"},
		{"expired", header("Expires: " + at(-s)), "ask"},
		{"Expires: 0 (5.3)", header("Expires: 0"), "ask"},
		{"Expires twice (4.2.1)", header("Expires: "+at(time.Hour), "Expires: "+at(time.Minute)), "ask"},
		{"a malformed Date", header("Expires: "+at(time.Hour), "Date: yesterday"), "ask"},

		{"no-store (5.2.2.5)", header("Cache-Control: no-store"), "not, never"},
		{"no-store wins", header("Cache-Control: max-age=60, no-store"), "not, never"},
		{"in another line", header("Cache-Control: max-age=60", "Cache-Control: no-store"), "not, never"},
		{"no-store with an argument", header("Cache-Control: no-store=x"), "not, never"},
		{"private (5.2.2.7)", header("Cache-Control: private, max-age=60"), "not, private"},
		{"private fields (5.2.2.7)", header(`Cache-Control: private="x-a, x-b", max-age=60`), "not, private"},
		{"no-cache (5.2.2.4)", header("Cache-Control: no-cache, max-age=60"), "ask, strict"},
		{"no-cache fields (5.2.2.4)", header(`Cache-Control: max-age=60, no-cache="set-cookie"`), "ask, strict"},
		{"must-revalidate (5.2.2.2)", header("Cache-Control: must-revalidate, max-age=5"), "keep 5s, shared, strict"},
		{"must-revalidate alone", header("Cache-Control: must-revalidate"), "silent, strict"},
		{"proxy-revalidate (5.2.2.8)", header("Cache-Control: proxy-revalidate, max-age=5"), "keep 5s, strict"},
		{"must-understand (5.2.2.3)", header("Cache-Control: must-understand, no-store, max-age=5"), "keep 5s, never"},
		{"Set-Cookie", header("Cache-Control: max-age=60", "Set-Cookie: a=b"), "not"},
		{"Vary: * (4.1)", header("Cache-Control: max-age=60", "Vary: *"), "not"},
		{"Vary: * in a list (4.1)", header("Vary: accept", "Vary: origin, *"), "not"},
		{"Vary", header("Cache-Control: max-age=60", "Vary: accept"), "keep 1m0s"},

		{"stale-while-revalidate (RFC 5861, 3)", header("Cache-Control: max-age=60, stale-while-revalidate=9"), "keep 1m0s, while 9s"},
		{"stale-if-error (RFC 5861, 4)", header("Cache-Control: max-age=60, stale-if-error=9"), "keep 1m0s, error 9s"},
		{"stale beside must-revalidate", header("Cache-Control: max-age=60, must-revalidate, stale-if-error=9"), "keep 1m0s, shared, strict"},
		{"stale beside no-cache", header("Cache-Control: no-cache, stale-while-revalidate=9"), "ask, strict"},
		{"stale beside s-maxage", header("Cache-Control: s-maxage=60, stale-while-revalidate=9"), "keep 1m0s, shared, strict, while 9s"},
		{"a malformed stale-if-error", header("Cache-Control: max-age=60, stale-if-error=x"), "keep 1m0s"},

		{"twice the same", header("Cache-Control: max-age=60, max-age=60"), "keep 1m0s"},
		{"twice, the shorter (4.2.1)", header("Cache-Control: max-age=60, max-age=5"), "keep 5s"},
		{"malformed (4.2.1)", header("Cache-Control: max-age=soon"), "ask"},
		{"negative", header("Cache-Control: max-age=-1"), "ask"},
		{"signed", header("Cache-Control: max-age=+60"), "ask"},
		{"fraction", header("Cache-Control: max-age=1.5"), "ask"},
		{"without argument", header("Cache-Control: max-age"), "ask"},
		{"malformed s-maxage does not fall back", header("Cache-Control: max-age=60, s-maxage=x"), "ask, shared, strict"},
		{"one of two malformed", header("Cache-Control: max-age=60, max-age=x"), "ask"},
		{"quoted text is no directive", header(`Cache-Control: x="a, no-store", max-age=60`), "keep 1m0s"},
		{"an escaped quote", header(`Cache-Control: x="a\", no-store", max-age=60`), "keep 1m0s"},
		{"an open quote hides nothing", header(`Cache-Control: max-age=60, x="a, no-store`), "not, never"},

		{"less its Age (4.2.3)", header("Cache-Control: max-age=60", "Age: 20"), "keep 40s, age 20s"},
		{"too old", header("Cache-Control: max-age=60", "Age: 60"), "ask, age 1m0s"},
		{"Age twice", header("Cache-Control: max-age=60", "Age: 1", "Age: 20"), "ask"},
		{"malformed Age", header("Cache-Control: max-age=60", "Age: -1"), "ask"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := ReadFreshness(http.StatusOK, c.header, now).summary(); got != c.want {
				t.Errorf("%v\n got %s\nwant %s", c.header, got, c.want)
			}
		})
	}
}

// RFC 9111, 3: any final status may be kept that says for how long.
func TestStorableStatuses(t *testing.T) {
	silent := map[int]bool{200: true, 203: true, 204: true, 404: true, 410: true}
	known := map[int]bool{200: true, 203: true, 204: true, 300: true, 301: true, 308: true, 404: true, 405: true, 410: true, 414: true}
	for status := 100; status < 600; status++ {
		explicit := status >= 200 && status < 500 && status != 206 && status != 304
		for _, c := range []struct {
			control string
			want    bool
		}{
			{"max-age=1", explicit}, {"", silent[status]}, {"must-understand, max-age=1", known[status]},
			{"must-understand, no-store, max-age=1", known[status]},
		} {
			h := http.Header{"Cache-Control": {c.control}}
			if got := ReadFreshness(status, h, now).Storable; got != c.want {
				t.Errorf("%d with %q: storable %v", status, c.control, got)
			}
		}
	}
}

func FuzzReadFreshness(f *testing.F) {
	f.Add("max-age=60", "0", "")
	f.Add(`private="a, b", x="\"", s-maxage=1`, "5", "Wed, 04 Mar 2026 05:06:07 GMT")
	f.Fuzz(func(t *testing.T, control, age, expires string) {
		h := http.Header{"Cache-Control": {control}, "Age": {age}, "Expires": {expires}}
		got := ReadFreshness(http.StatusOK, h, now)
		if got.TTL < 0 || got.TTL > 0 && (!got.Storable || !got.Explicit) || got.Private && got.Storable {
			t.Errorf("%+v", got)
		}
		h["Cache-Control"] = []string{control, "no-store"}
		if got := ReadFreshness(http.StatusTeapot, h, now); got.Storable || !got.Never {
			t.Errorf("stored in spite of no-store: %+v", got)
		}
	})
}
