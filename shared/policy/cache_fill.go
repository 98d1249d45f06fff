package policy

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/cache"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/observe"
)

// A filler is the inner half of the cache.
type filler struct {
	*keeper
	next backend.Sender
}

func (f *filler) send(ctx context.Context, req *backend.Request) (*backend.Response, error) {
	at, ok := f.keys(req)
	if !ok || req.Method == http.MethodHead || partial(req) {
		return f.next(ctx, req)
	}
	asked, w := time.Now(), f.wishes(req)
	e := f.find(req, at)
	if e.good(asked, w) == fresh {
		observe.StepFrom(ctx).Cached()
		return e.answer(req)
	}
	if w.NoStore {
		return f.next(ctx, req)
	}
	if e.Entry != nil && e.res.Status == http.StatusOK && cache.Validators(e.res.Header) {
		res, err := f.ask(ctx, req, e.Entry)
		if err != nil || res != nil && res.Status != http.StatusNotModified {
			return f.keep(ctx, req, at, res, err, asked)
		}
		if res != nil {
			return f.confirmed(req, at, e.Entry, res, asked), nil
		}
	}
	res, err := f.next(ctx, req)
	return f.keep(ctx, req, at, res, err, asked)
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
func (f *filler) confirmed(req *backend.Request, at keys, e *Entry, notModified *backend.Response, asked time.Time) *backend.Response {
	res := &backend.Response{
		Status: e.res.Status, Header: cache.Freshened(e.res.Header, notModified.Header), Body: e.res.Body,
	}
	now := time.Now()
	if own := f.entry(req, at, res.Status, res.Header, asked, now); own != nil {
		own.res = res
		f.put(req, at, own, now)
	}
	return res
}

// keep keeps the outcome of a call, if it may be kept.
func (f *filler) keep(ctx context.Context, req *backend.Request, at keys, res *backend.Response, err error, asked time.Time) (*backend.Response, error) {
	now := time.Now()
	if err != nil {
		status, ok := errors.AsType[*backend.StatusError](err)
		if ok && f.NegativeTTL > 0 && absent(status.Status) {
			if e := f.entry(req, at, status.Status, status.Header, asked, now); e != nil {
				e.res = &backend.Response{Status: status.Status, Header: status.Header}
				f.put(req, at, e, now)
			}
		}
		return nil, err
	}
	e := f.entry(req, at, res.Status, res.Header, asked, now)
	if e == nil {
		return res, nil
	}
	if res.Stream != nil {
		if res, err = f.complete(ctx, req, res); err != nil {
			return nil, err
		}
	}
	if res.Stream == nil && int64(len(res.Body)) <= f.MaxEntry {
		e.res = res
		f.put(req, at, e, now)
	}
	return res, nil
}

// entry is what is kept of an answer that has just arrived, still without the answer itself;
// nil if it is not kept.
func (f *filler) entry(req *backend.Request, at keys, status int, h http.Header, asked, now time.Time) *Entry {
	says := cache.ReadFreshness(status, h, now)
	configured, op := f.ttl(req, status), f.Ops[req.Op]
	if !says.Storable || at.own != "" && op.TTL == nil && !says.Shared { // RFC 9111, 3.5
		return nil
	}
	ttl := configured
	switch {
	case says.Explicit:
		ttl = max(0, says.TTL-now.Sub(asked)) // RFC 9111, 4.2.3
		if absent(status) && !req.Stream {
			ttl = min(ttl, configured)
		}
	case ttl == 0:
		return nil
	}
	ttl -= f.jitter(ttl)
	e := &Entry{
		asked: asked, made: asked.Add(-says.Age), fresh: now.Add(ttl),
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

// complete reads a streamed answer that is small enough to be kept, and returns it in
// full. Of another it hands on the stream, beginning with what was read.
func (f *filler) complete(ctx context.Context, req *backend.Request, res *backend.Response) (*backend.Response, error) {
	if res.Size > f.MaxEntry || endless(res.Header) {
		return res, nil
	}
	head, err := io.ReadAll(io.LimitReader(res.Stream, f.MaxEntry+1))
	if err != nil {
		_ = res.Stream.Close()
		if ctx.Err() != nil {
			return nil, ended(ctx, req)
		}
		return nil, failed(req, fault.Broken, err)
	}
	own := *res
	if int64(len(head)) > f.MaxEntry {
		own.Stream = &stream{Reader: io.MultiReader(bytes.NewReader(head), res.Stream), close: res.Stream.Close}
		return &own, nil
	}
	_ = res.Stream.Close()
	own.Body, own.Stream, own.Size = head, nil, 0
	return &own, nil
}

// endless reports events, which come one at a time and must not be waited for.
func endless(h http.Header) bool {
	return strings.HasPrefix(strings.ToLower(h.Get("Content-Type")), "text/event-stream")
}
