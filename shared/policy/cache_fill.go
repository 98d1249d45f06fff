package policy

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/cache"
)

// A filler is the inner half of the cache.
type filler struct {
	*keeper
	next backend.Sender
}

// An asking is for an answer that may be kept.
type asking struct {
	*backend.Request
	at     keys
	since  time.Time
	stamps cache.Stamps            // by which the answer can be purged: taken before it is made
	end    context.CancelCauseFunc // of a streamed request; its caller's end ends it as well
}

func (f *filler) send(ctx context.Context, req *backend.Request) (*backend.Response, error) {
	at, ok := f.keys(req)
	if !ok || req.Method == http.MethodHead || partial(req) {
		return f.next(ctx, req)
	}
	w := f.wishes(req)
	e := f.findAnywhere(ctx, req, at)
	if e.good(time.Now(), w) != fresh && !w.NoStore {
		release, again := f.store.Lock(ctx, cmp.Or(at.own, at.shared), either(f.Ops[req.Op].Lock, f.Lock))
		defer release()
		if again {
			e = f.findAnywhere(ctx, req, at)
		}
	}
	if e.good(time.Now(), w) == fresh {
		return e.found(req)
	}
	if w.NoStore {
		return f.next(ctx, req)
	}
	a := asking{Request: req, at: at}
	if req.Stream { // its answer may have to be ended while it is gathered
		ctx, a.end = context.WithCancelCause(ctx)
	}
	a.since, a.stamps = time.Now(), f.store.Stamps(req.Service, req.Path, req.Tags)
	return f.fetch(ctx, a, e.Entry)
}

// fetch asks the service, of what is kept whether it still holds.
func (f *filler) fetch(ctx context.Context, a asking, e *Entry) (*backend.Response, error) {
	if e != nil && e.res.Status == http.StatusOK && cache.Validators(e.res.Header) {
		res, err := f.ask(ctx, a.Request, e)
		if err != nil || res != nil && res.Status != http.StatusNotModified {
			return f.keep(ctx, a, res, err)
		}
		if res != nil {
			return f.confirmed(ctx, a, e, res), nil
		}
	}
	res, err := f.next(ctx, a.Request)
	return f.keep(ctx, a, res, err)
}

// ask asks the service whether e still holds (RFC 9111, 4.3). The answer is nil, without an
// error, when it says so of another one than e.
func (f *filler) ask(ctx context.Context, req *backend.Request, e *Entry) (*backend.Response, error) {
	own := *req
	own.Header = cache.Conditional(req.Header, e.res.Header)
	res, err := f.next(ctx, &own)
	if err != nil || res.Status != http.StatusNotModified {
		return res, err
	}
	if res.Stream != nil {
		_ = res.Stream.Close()
	}
	if !cache.Confirms(res.Header, e.res.Header) {
		return nil, nil
	}
	return res, nil
}

// confirmed keeps what the service says that it still holds (RFC 9111, 4.3.4).
func (f *filler) confirmed(ctx context.Context, a asking, e *Entry, notModified *backend.Response) *backend.Response {
	res := &backend.Response{
		Status: e.res.Status, Header: cache.Freshened(e.res.Header, notModified.Header), Body: e.res.Body,
	}
	now := time.Now()
	if own := f.entry(a, res.Status, res.Header, now); own != nil {
		own.res = res
		f.put(ctx, a, own, now)
	}
	return res
}

// keep keeps the outcome of a call, if it may be kept.
func (f *filler) keep(ctx context.Context, a asking, res *backend.Response, err error) (*backend.Response, error) {
	now := time.Now()
	if err != nil {
		status, ok := errors.AsType[*backend.StatusError](err)
		if ok && absent(status.Status) && f.ttl(a.Request, status.Status) > 0 {
			if e := f.entry(a, status.Status, status.Header, now); e != nil {
				e.res = &backend.Response{Status: status.Status, Header: status.Header}
				f.put(ctx, a, e, now)
			}
		}
		return nil, err
	}
	e := f.entry(a, res.Status, res.Header, now)
	if e == nil {
		return res, nil
	}
	if res.Stream != nil {
		if res, err = f.complete(ctx, a, res); err != nil {
			return nil, err
		}
	}
	if res.Stream == nil && int64(len(res.Body)) <= f.MaxEntry {
		e.res = res
		f.put(ctx, a, e, now)
	}
	return res, nil
}

// put stores an answer where those find it who may have it.
func (f *filler) put(ctx context.Context, a asking, e *Entry, now time.Time) {
	slot := a.at.shared
	if a.at.own != "" && !e.public {
		slot = a.at.own
	}
	left := e.until().Sub(now)
	if names := varies(a.Request, e); names != nil {
		if index, ok := f.store.Get(slot); !ok || !index.lists(names) || index.fresh.Before(now.Add(left)) {
			f.store.Put(ctx, slot, &Entry{of: e.of, vary: names, fresh: now.Add(left)}, left, a.stamps)
		}
		slot += variant(names, a.Header)
	}
	f.store.Put(ctx, slot, e, left, a.stamps)
	f.metrics.Kept(a.Service, a.Op, len(e.res.Body))
}

// entry is what is kept of an answer that has just arrived, still without the answer itself;
// nil if it is not kept.
func (f *filler) entry(a asking, status int, h http.Header, now time.Time) *Entry {
	says := cache.ReadFreshness(status, h, now)
	configured, op := f.ttl(a.Request, status), f.Ops[a.Op]
	if !says.Storable || a.at.own != "" && op.TTL == nil && !says.Shared { // RFC 9111, 3.5
		return nil
	}
	ttl := configured
	switch {
	case says.Explicit:
		ttl = max(0, says.TTL-now.Sub(a.since)) // RFC 9111, 4.2.3
		if absent(status) && !a.Stream {
			ttl = min(ttl, configured)
		}
	case ttl == 0:
		return nil
	}
	ttl -= f.jitter(ttl)
	e := &Entry{
		of: a.Service + "." + a.Op, asked: a.since, made: a.since.Add(-says.Age), fresh: now.Add(ttl),
		strict: says.Strict, public: says.Shared, silent: !says.Explicit,
	}
	timely := says.Strict || absent(status) // that there is nothing may soon be wrong
	e.spare = e.fresh.Add(grace(says.StaleWhileRevalidate, either(op.StaleWhileRevalidate, f.StaleWhileRevalidate), timely))
	e.rescue = e.fresh.Add(grace(says.StaleIfError, either(op.StaleIfError, f.StaleIfError), timely))
	if ttl == 0 && !cache.Validators(h) && !now.Before(e.spare) && !now.Before(e.rescue) {
		return nil
	}
	return e
}

// grace is for how long after its time an answer may be used: as the service says, and where
// it does not, as is configured for answers that need not be timely.
func grace(said, configured time.Duration, timely bool) time.Duration {
	switch {
	case said >= 0:
		return said
	case timely:
		return 0
	}
	return configured
}

// jitter is by how much less than ttl an answer is kept.
func (f *filler) jitter(ttl time.Duration) time.Duration {
	most := time.Duration(float64(ttl) * f.Jitter)
	if most <= 0 {
		return 0
	}
	return rand.N(most)
}
