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

func TestReadFreshness(t *testing.T) {
	const s = time.Second
	silent := Freshness{Storable: true}
	explicit := func(ttl time.Duration) Freshness { return Freshness{Storable: true, Explicit: true, TTL: ttl} }
	shared := func(ttl time.Duration) Freshness {
		return Freshness{Storable: true, Explicit: true, TTL: ttl, Shared: true}
	}
	stale := Freshness{Explicit: true}
	never := Freshness{}
	for _, c := range []struct {
		name   string
		header http.Header
		want   Freshness
	}{
		{"silent", header(), silent},
		{"an unknown directive", header("Cache-Control: community=x"), silent},
		{"public alone", header("Cache-Control: public"), Freshness{Storable: true, Shared: true}},
		{"must-revalidate", header("Cache-Control: must-revalidate, max-age=5"), shared(5 * s)},

		{"max-age", header("Cache-Control: max-age=60"), explicit(60 * s)},
		{"any case", header("Cache-Control: MAX-AGE=60"), explicit(60 * s)},
		{"quoted", header(`Cache-Control: max-age="60"`), explicit(60 * s)},
		{"spaces", header("Cache-Control:  , max-age=60 ,,"), explicit(60 * s)},
		{"s-maxage over max-age", header("Cache-Control: max-age=1, s-maxage=60"), shared(60 * s)},
		{"max-age over Expires", header("Cache-Control: max-age=60", "Expires: 0"), explicit(60 * s)},
		{"zero", header("Cache-Control: max-age=0"), stale},
		{"a shorter s-maxage", header("Cache-Control: max-age=60, s-maxage=0"), Freshness{Explicit: true, Shared: true}},
		{"beyond an int64", header("Cache-Control: max-age=99999999999999999999"), explicit(1 << 31 * s)},

		{"Expires", header("Expires: " + at(time.Minute)), explicit(time.Minute)},
		{"Expires by the sender's clock", header("Expires: "+at(time.Hour), "Date: "+at(time.Hour-30*s)), explicit(30 * s)},
		{"expired", header("Expires: " + at(-s)), stale},
		{"Expires: 0", header("Expires: 0"), stale},
		{"Expires twice", header("Expires: "+at(time.Hour), "Expires: "+at(time.Minute)), stale},
		{"a malformed Date", header("Expires: "+at(time.Hour), "Date: yesterday"), stale},

		{"no-store", header("Cache-Control: no-store"), never},
		{"no-store wins", header("Cache-Control: max-age=60, no-store"), stale},
		{"in another line", header("Cache-Control: max-age=60", "Cache-Control: no-store"), stale},
		{"no-store with an argument", header("Cache-Control: no-store=x"), never},
		{"private", header("Cache-Control: private, max-age=60"), stale},
		{"private fields", header(`Cache-Control: private="x-a, x-b", max-age=60`), stale},
		{"no-cache", header("Cache-Control: no-cache, max-age=60"), stale},
		{"no-cache fields", header(`Cache-Control: max-age=60, no-cache="set-cookie"`), stale},
		{"must-understand", header("Cache-Control: must-understand, no-store"), never},
		{"Set-Cookie", header("Cache-Control: max-age=60", "Set-Cookie: a=b"), stale},
		{"Vary: *", header("Cache-Control: max-age=60", "Vary: *"), stale},
		{"Vary: * in a list", header("Vary: accept", "Vary: origin, *"), never},
		{"Vary", header("Cache-Control: max-age=60", "Vary: accept"), explicit(60 * s)},

		{"twice the same", header("Cache-Control: max-age=60, max-age=60"), explicit(60 * s)},
		{"twice, the shorter", header("Cache-Control: max-age=60, max-age=5"), explicit(5 * s)},
		{"malformed", header("Cache-Control: max-age=soon"), stale},
		{"negative", header("Cache-Control: max-age=-1"), stale},
		{"signed", header("Cache-Control: max-age=+60"), stale},
		{"fraction", header("Cache-Control: max-age=1.5"), stale},
		{"without argument", header("Cache-Control: max-age"), stale},
		{"malformed s-maxage does not fall back", header("Cache-Control: max-age=60, s-maxage=x"), Freshness{Explicit: true, Shared: true}},
		{"one of two malformed", header("Cache-Control: max-age=60, max-age=x"), stale},
		{"quoted text is no directive", header(`Cache-Control: x="a, no-store", max-age=60`), explicit(60 * s)},
		{"an escaped quote", header(`Cache-Control: x="a\", no-store", max-age=60`), explicit(60 * s)},
		{"an open quote hides nothing", header(`Cache-Control: max-age=60, x="a, no-store`), stale},

		{"less its Age", header("Cache-Control: max-age=60", "Age: 20"), Freshness{Storable: true, Explicit: true, TTL: 40 * s, Age: 20 * s}},
		{"too old", header("Cache-Control: max-age=60", "Age: 60"), Freshness{Explicit: true, Age: 60 * s}},
		{"the largest Age", header("Cache-Control: max-age=60", "Age: 1", "Age: 20"), Freshness{Storable: true, Explicit: true, TTL: 40 * s, Age: 20 * s}},
		{"malformed Age", header("Cache-Control: max-age=60", "Age: -1"), stale},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := ReadFreshness(http.StatusOK, c.header, now); got != c.want {
				t.Errorf("%v\n got %+v\nwant %+v", c.header, got, c.want)
			}
		})
	}
}

func TestStorableStatuses(t *testing.T) {
	explicit := map[int]bool{200: true, 203: true, 204: true, 300: true, 301: true, 404: true, 410: true}
	silent := map[int]bool{200: true, 203: true, 204: true}
	for status := 100; status < 600; status++ {
		if got := ReadFreshness(status, header("Cache-Control: max-age=1"), now).Storable; got != explicit[status] {
			t.Errorf("%d with max-age: storable %v", status, got)
		}
		if got := ReadFreshness(status, nil, now).Storable; got != silent[status] {
			t.Errorf("%d without: storable %v", status, got)
		}
	}
}

func FuzzReadFreshness(f *testing.F) {
	f.Add("max-age=60", "0", "")
	f.Add(`private="a, b", x="\"", s-maxage=1`, "5", "Wed, 04 Mar 2026 05:06:07 GMT")
	f.Fuzz(func(t *testing.T, control, age, expires string) {
		h := http.Header{"Cache-Control": {control}, "Age": {age}, "Expires": {expires}}
		got := ReadFreshness(http.StatusOK, h, now)
		if got.TTL < 0 || got.TTL > 0 && (!got.Storable || !got.Explicit) {
			t.Errorf("%+v", got)
		}
		h["Cache-Control"] = []string{control, "no-store"}
		if got := ReadFreshness(http.StatusOK, h, now); got.Storable {
			t.Errorf("stored in spite of no-store: %+v", got)
		}
	})
}
