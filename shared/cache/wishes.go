package cache

import "time"

// Wishes are what a request asks of a cache (RFC 9111, 5.2.1). The zero value takes any
// answer that may be used.
type Wishes struct {
	// NoStore keeps the answer out of the cache.
	NoStore bool
	// OnlyIfCached wants no answer rather than a call.
	OnlyIfCached bool
	// Revalidate wants the service asked, whatever is kept.
	Revalidate bool

	maxAge, minFresh, maxStale seconds
}

// ReadWishes reads the request's Cache-Control lines, or its Pragma lines if it has none.
func ReadWishes(control, pragmas []string) Wishes {
	if len(control) == 0 {
		return Wishes{Revalidate: pragma(pragmas)}
	}
	d := readDirectives(control)
	return Wishes{
		NoStore: d.noStore, OnlyIfCached: d.onlyIfCached, Revalidate: d.noCache,
		maxAge: d.maxAge, minFresh: d.minFresh, maxStale: d.maxStale,
	}
}

// Harmless leaves out the wishes by which a client could make the service work: only those
// are left that ask for less.
func (w Wishes) Harmless() Wishes {
	return Wishes{NoStore: w.NoStore, OnlyIfCached: w.OnlyIfCached, maxStale: w.maxStale}
}

// Satisfied reports whether an answer of that age, fresh for that long yet (or stale, when
// that is negative), is as new as is wished for.
func (w Wishes) Satisfied(age, left time.Duration) bool {
	if w.Revalidate || w.maxAge.given && (age > w.maxAge.Duration || w.maxAge.Duration == 0) {
		return false
	}
	return !w.minFresh.given || left >= w.minFresh.Duration
}

// TakesStale reports whether an answer may be that long past its time.
func (w Wishes) TakesStale(past time.Duration) bool {
	return w.maxStale.given && past <= w.maxStale.Duration
}
