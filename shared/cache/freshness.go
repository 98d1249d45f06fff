package cache

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Freshness is what an answer says about being kept in a shared cache.
type Freshness struct {
	// Storable is false when the answer must not be kept, or is stale already.
	Storable bool
	// Explicit means that the answer says itself how long it is fresh. A storable one
	// that does not may be kept as long as the cache likes.
	Explicit bool
	// TTL is how long the answer stays fresh; zero unless it is storable and Explicit.
	TTL time.Duration
	// Shared means that the answer to a request with credentials may be kept for
	// everybody who asks the same (RFC 9111, 3.5).
	Shared bool
	// Age is how long the answer had been kept elsewhere.
	Age time.Duration
}

// ReadFreshness reads what an answer that arrived now says. What is malformed or
// contradictory is read in the most restrictive way. Nothing is ever served stale, so
// no-cache means that the answer is not kept. Vary is left to the cache's key, which has
// to name every header that the service saw; Vary: * cannot be met.
func ReadFreshness(status int, h http.Header, now time.Time) Freshness {
	d := directives(h.Values("Cache-Control"))
	age, sane := readAge(h)
	f := Freshness{Shared: d.has("public") || d.has("s-maxage") || d.has("must-revalidate"), Age: age}
	fresh, explicit := lifetime(d, h, now)
	f.Explicit = explicit
	switch {
	case d.has("no-store") || d.has("private") || d.has("no-cache"):
	case len(h["Set-Cookie"]) > 0 || variesOnAnything(h):
	case explicit:
		f.Storable = sane && fresh > age && slices.Contains(storable, status)
	default:
		f.Storable = slices.Contains(storableSilently, status)
	}
	if f.Storable && explicit {
		f.TTL = fresh - age
	}
	return f
}

var (
	// The cacheable statuses of RFC 9110, 15.1, that say something for others too; 206
	// would need its ranges put together.
	storable = []int{
		http.StatusOK, http.StatusNonAuthoritativeInfo, http.StatusNoContent,
		http.StatusMultipleChoices, http.StatusMovedPermanently, http.StatusNotFound, http.StatusGone,
	}
	// Nobody's configuration means to keep an error or a redirect.
	storableSilently = storable[:3]
)

// lifetime is how long the answer is fresh from when it was made (RFC 9111, 4.2.1).
func lifetime(d directiveSet, h http.Header, now time.Time) (lifetime time.Duration, explicit bool) {
	for _, name := range []string{"s-maxage", "max-age"} {
		if values, ok := d[name]; ok {
			return shortest(values), true
		}
	}
	expires, ok := h["Expires"]
	if !ok {
		return 0, false
	}
	end, err := only(expires)
	if err != nil {
		return 0, true // RFC 9111, 5.3: above all "0"
	}
	made := now
	if date, ok := h["Date"]; ok {
		if made, err = only(date); err != nil {
			return 0, true
		}
	}
	return end.Sub(made), true
}

// only is the date that a header has, if it has one.
func only(values []string) (time.Time, error) {
	if len(values) != 1 {
		return time.Time{}, strconv.ErrSyntax
	}
	return http.ParseTime(values[0])
}

// readAge is the largest Age, and false when one is malformed.
func readAge(h http.Header) (age time.Duration, ok bool) {
	for _, value := range h["Age"] {
		one, valid := seconds(strings.TrimSpace(value))
		if !valid {
			return 0, false
		}
		age = max(age, one)
	}
	return age, true
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

// shortest is zero if one of the values is no number.
func shortest(values []string) time.Duration {
	least := time.Duration(math.MaxInt64)
	for _, value := range values {
		d, _ := seconds(value)
		least = min(least, d)
	}
	return least
}

// seconds reads delta-seconds; what is too large means a very long time (RFC 9111, 1.2.2).
func seconds(s string) (time.Duration, bool) {
	const most = 1 << 31
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		n = most
	}
	return time.Duration(min(n, most)) * time.Second, true
}
