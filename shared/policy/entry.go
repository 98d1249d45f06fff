package policy

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/cache"
)

// An Entry is an answer in a cache. It is immutable.
type Entry struct {
	res *backend.Response // complete; nil if vary is not

	// vary names the headers that the answers depend on that are kept in the place of this
	// one, by their values.
	vary []string

	of string // the operation, as service.op

	asked  time.Time // when the service was asked
	made   time.Time // when the service made it, by our clock
	fresh  time.Time // until when it is, and until when it is kept if there is only vary
	spare  time.Time // until when it may be used while it is fetched anew
	rescue time.Time // until when it may be used in place of a failure

	strict bool // never used when stale, whoever wants it
	public bool // also for callers with other credentials than it was made for
	silent bool // the service does not say how long it is fresh
}

// Cost is about how many bytes of memory the entry takes, for cache.New.
func (e *Entry) Cost() int64 {
	const fixed, perValue = 384, 64 // structs and maps
	n := fixed + len(e.of)
	for _, name := range e.vary {
		n += len(name) + perValue
	}
	if e.res == nil {
		return int64(n)
	}
	n += len(e.res.Body)
	for name, values := range e.res.Header {
		n += len(name) + perValue
		for _, v := range values {
			n += len(v) + perValue
		}
	}
	return int64(n)
}

// answers says what the entry is an answer of, for metrics.
func (e *Entry) answers() string { return e.of }

// askable is for how long after its time an answer is kept of which the service can be asked
// whether it still holds: for that it need not be sent again.
const askable = 10 * time.Minute

// until is when the entry is of no use any more.
func (e *Entry) until() time.Time {
	end := e.fresh
	if cache.Validators(e.res.Header) {
		end = end.Add(askable)
	}
	for _, other := range []time.Time{e.spare, e.rescue} {
		if other.After(end) {
			end = other
		}
	}
	return end
}

func (e *Entry) lists(names []string) bool { return e.vary != nil && slices.Equal(e.vary, names) }

// A use is what an entry is good for.
type use uint8

const (
	useless use = iota
	fresh
	stale     // its client takes it so
	refreshed // it is stale, and may be used while it is fetched anew
)

// good says what was found is good for at a time, to a client with wishes.
func (f finding) good(now time.Time, w cache.Wishes) use {
	if f.Entry == nil || f.changed || w.Revalidate {
		return useless
	}
	age, left := now.Sub(f.made), f.fresh.Sub(now)
	switch {
	case left > 0 && w.Satisfied(age, left):
		return fresh
	case left > 0 || f.strict || !w.Satisfied(age, max(left, 0)):
		return useless
	case now.Before(f.spare):
		return refreshed
	case w.TakesStale(-left):
		return stale
	}
	return useless
}

// rescues reports whether what was found may stand in for a failure.
func (f finding) rescues(now time.Time) bool {
	return f.Entry != nil && !f.changed && now.Before(f.rescue)
}

// answer is the entry as a complete answer to req: that there is nothing is a failure of an
// operation, and an answer of a route.
func (e *Entry) answer(req *backend.Request) (*backend.Response, error) {
	if req.Stream || !absent(e.res.Status) {
		return e.res, nil
	}
	f := (&backend.StatusError{Status: e.res.Status, Header: e.res.Header}).Fault(req)
	f.Service, f.Op = req.Service, req.Op
	return nil, f
}

// found is answer as the inner half of the cache gives it: the outer one learns from it that
// the service was not asked. See foundIn.
func (e *Entry) found(req *backend.Request) (*backend.Response, error) {
	res, err := e.answer(req)
	if err != nil {
		return nil, &absence{err, e}
	}
	own := *res
	own.Kept = e
	return &own, nil
}

// An absence is the failure that is kept, and not the service's.
type absence struct {
	error
	entry *Entry
}

func (a *absence) Unwrap() error { return a.error }

// foundIn is the entry that the outcome of a call is, or nil when the service was asked.
func foundIn(res *backend.Response, err error) *Entry {
	if err == nil {
		e, _ := res.Kept.(*Entry)
		return e
	}
	if a, ok := errors.AsType[*absence](err); ok {
		return a.entry
	}
	return nil
}

// absent reports the statuses that say that there is nothing.
func absent(status int) bool { return status == http.StatusNotFound || status == http.StatusGone }
