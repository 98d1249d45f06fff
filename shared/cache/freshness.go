package cache

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// Freshness is what an answer says about being kept in a shared cache (RFC 9111).
type Freshness struct {
	// Storable is false when the answer must not be kept.
	Storable bool
	// Explicit means that the answer says itself how long it is fresh. A storable one
	// that does not may be kept as long as the cache likes.
	Explicit bool
	// TTL is how long the answer stays fresh from now; zero unless it is storable and
	// Explicit. One of no TTL may be kept, to be asked about (see Validators).
	TTL time.Duration
	// Age is how long the answer had been kept elsewhere.
	Age time.Duration

	// Shared means that the answer to a request with credentials may be kept for
	// everybody who asks the same (RFC 9111, 3.5). Private means that it is for one only,
	// and Never that nobody at all may keep it.
	Shared, Private, Never bool
	// Strict means that the answer must not be used once it is stale, whatever the cache's
	// own rules are (RFC 9111, 4.2.4).
	Strict bool
	// StaleWhileRevalidate and StaleIfError are for how long after that the answer may be
	// used while it is fetched anew, and in place of a failure (RFC 5861). Negative: it
	// does not say.
	StaleWhileRevalidate, StaleIfError time.Duration
}

// ReadFreshness reads what an answer that arrived now says. What is malformed or
// contradictory is read in the most restrictive way. Of Vary only * is looked at, which
// cannot be met.
func ReadFreshness(status int, h http.Header, now time.Time) Freshness {
	d := readDirectives(h["Cache-Control"])
	age, sane := readAge(h)
	lifetime, explicit := lifetime(&d, h, now)
	f := Freshness{Age: age, Explicit: explicit, Private: d.private, Never: d.noStore, StaleWhileRevalidate: -1, StaleIfError: -1}
	f.Shared = d.public || explicit && (d.sMaxAge.given || d.mustRevalidate)
	f.Strict = d.noCache || d.mustRevalidate || d.proxyRevalidate || d.sMaxAge.given
	if d.noCache || len(h["Cache-Control"]) == 0 && pragma(h["Pragma"]) {
		f.Explicit, lifetime = true, 0
	}
	f.Storable = storable(status, &d, f.Explicit) && len(h["Set-Cookie"]) == 0 && !variesOnAnything(h)
	if !f.Storable {
		return f
	}
	if f.Explicit && sane {
		f.TTL = max(0, lifetime-age)
	}
	f.stale(&d)
	return f
}

// stale reads RFC 5861. Where a service says in one breath that its answer must not be used
// stale and for how long it may, the former holds; only s-maxage, which means so in passing
// (RFC 9111, 5.2.2.10), gives way to what is said in so many words.
func (f *Freshness) stale(d *directives) {
	if d.noCache || d.mustRevalidate || d.proxyRevalidate {
		f.StaleWhileRevalidate, f.StaleIfError = 0, 0
		return
	}
	if d.staleWhileRevalidate.given {
		f.StaleWhileRevalidate = d.staleWhileRevalidate.Duration
	}
	if d.staleIfError.given {
		f.StaleIfError = d.staleIfError.Duration
	}
}

// storable reports whether an answer may be kept at all (RFC 9111, 3). One that says how long
// may have any final status, but for those of a part and of no change.
func storable(status int, d *directives, explicit bool) bool {
	switch {
	case d.private || d.noStore && !d.mustUnderstand:
		return false
	case d.mustUnderstand && !understood(status): // RFC 9111, 5.2.2.3
		return false
	case explicit:
		return status >= 200 && status < 500 && status != http.StatusPartialContent && status != http.StatusNotModified
	}
	// Nobody's configuration means to keep another error, or a redirect.
	return slices.Contains([]int{
		http.StatusOK, http.StatusNonAuthoritativeInfo, http.StatusNoContent, http.StatusNotFound, http.StatusGone,
	}, status)
}

// understood are the statuses whose meaning for caches is known here: RFC 9110, 15.1.
func understood(status int) bool {
	return slices.Contains([]int{
		http.StatusOK, http.StatusNonAuthoritativeInfo, http.StatusNoContent, http.StatusMultipleChoices,
		http.StatusMovedPermanently, http.StatusPermanentRedirect, http.StatusNotFound, http.StatusMethodNotAllowed,
		http.StatusGone, http.StatusRequestURITooLong,
	}, status)
}

// lifetime is how long the answer is fresh from when it was made (RFC 9111, 4.2.1).
func lifetime(d *directives, h http.Header, now time.Time) (lifetime time.Duration, explicit bool) {
	switch {
	case d.sMaxAge.given:
		return d.sMaxAge.Duration, true
	case d.maxAge.given:
		return d.maxAge.Duration, true
	}
	expires, ok := h["Expires"]
	if !ok {
		return 0, false
	}
	end, valid := onlyDate(expires)
	if !valid {
		return 0, true // RFC 9111, 5.3: above all "0"
	}
	made := now
	if date, ok := h["Date"]; ok {
		if made, valid = onlyDate(date); !valid {
			return 0, true
		}
	}
	return end.Sub(made), true
}

// onlyDate is the date that a header has, if it has one.
func onlyDate(values []string) (time.Time, bool) {
	if len(values) != 1 {
		return time.Time{}, false
	}
	at, err := http.ParseTime(values[0])
	return at, err == nil
}

// readAge is false when Age is malformed or there twice: who knows then how old it is.
func readAge(h http.Header) (age time.Duration, ok bool) {
	switch values := h["Age"]; len(values) {
	case 0:
		return 0, true
	case 1:
		return deltaSeconds(strings.TrimSpace(values[0]))
	}
	return 0, false
}

// pragma is how HTTP/1.0 said no-cache (RFC 9111, 5.4); it counts where Cache-Control is
// silent.
func pragma(lines []string) bool {
	return len(lines) > 0 && readDirectives(lines).noCache
}

func variesOnAnything(h http.Header) bool {
	for _, line := range h["Vary"] {
		for name := range strings.SplitSeq(line, ",") {
			if strings.TrimSpace(name) == "*" {
				return true
			}
		}
	}
	return false
}
