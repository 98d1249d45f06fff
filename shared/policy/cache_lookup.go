package policy

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/cache"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/observe"
)

// A lookup is the outer half of the cache.
type lookup struct {
	*keeper
	next    backend.Sender
	flights *collapse // of routes
	single  *times    // when an answer was last not kept, by its key
}

func (l *lookup) send(ctx context.Context, req *backend.Request) (*backend.Response, error) {
	at, ok := l.keys(req)
	if !ok {
		return l.pass(ctx, req)
	}
	now, w := time.Now(), l.wishes(req)
	kept := l.find(req, at)
	use := kept.good(now, w)
	if partial(req) && (use != fresh || !kept.has(req)) {
		return l.pass(ctx, req)
	}
	switch use {
	case fresh:
		return l.hit(ctx, req, kept.Entry, now)
	case refreshed:
		if l.refresh(ctx, req, at) {
			return l.stale(ctx, req, kept.Entry, now)
		}
	case stale:
		return l.stale(ctx, req, kept.Entry, now)
	case useless:
	}
	if w.OnlyIfCached { // RFC 9111, 5.2.1.7
		return nil, failed(req, fault.TooSlow, errOnlyIfCached)
	}
	res, err := l.fetch(ctx, req, at, w)
	if e := foundIn(res, err); e != nil {
		return l.hit(ctx, req, e, time.Now())
	}
	if e := l.rescue(req, at, err); e != nil {
		return l.stale(ctx, req, e, time.Now())
	}
	l.metrics.Looked(req.Service, req.Op, "miss")
	if err != nil {
		return nil, err
	}
	l.tell(ctx, req, res)
	return l.forwarded(req, res, kept.why(now)), nil
}

// rescue finds what may stand in for a failure; nil is nothing. It looks again: what was there
// when the service was asked may have been purged or changed meanwhile.
func (l *lookup) rescue(req *backend.Request, at keys, err error) *Entry {
	if err == nil || !standsIn(fault.From(err).Kind) {
		return nil
	}
	if kept := l.find(req, at); kept.rescues(time.Now()) {
		return kept.Entry
	}
	return nil
}

// why says why the service was asked, in the words of RFC 9211, 2.2.
func (f finding) why(now time.Time) string {
	switch {
	case f.Entry == nil:
		return f.missed
	case f.changed || !now.Before(f.fresh):
		return "stale"
	}
	return "request"
}

var errOnlyIfCached = errors.New("the client wants what is kept only, and there is nothing")

// standsIn reports failures in whose place a stale answer is better than none (RFC 5861, 4):
// those of the service, or of the way to it.
func standsIn(k fault.Kind) bool {
	switch k {
	case fault.Broken, fault.Unreachable, fault.Unavailable, fault.TooSlow, fault.Throttled:
		return true
	}
	return false
}

// pass makes a call that the cache has no part in, but for what it changes (RFC 9111, 4.4).
func (l *lookup) pass(ctx context.Context, req *backend.Request) (*backend.Response, error) {
	l.metrics.Looked(req.Service, req.Op, "bypass")
	res, err := l.next(ctx, req)
	if err != nil {
		return nil, err
	}
	why := "bypass"
	if !req.Safe {
		why = "method"
		if res.Status < http.StatusBadRequest {
			l.invalidate(ctx, req, res)
		}
	}
	l.tell(ctx, req, res)
	return l.forwarded(req, res, why), nil
}

// hit answers with what is kept, wherever it was found.
func (l *lookup) hit(ctx context.Context, req *backend.Request, e *Entry, now time.Time) (*backend.Response, error) {
	l.metrics.Looked(req.Service, req.Op, "hit")
	observe.StepFrom(ctx).Cached()
	return l.use(ctx, req, e, now)
}

func (l *lookup) stale(ctx context.Context, req *backend.Request, e *Entry, now time.Time) (*backend.Response, error) {
	l.metrics.Looked(req.Service, req.Op, "stale")
	step := observe.StepFrom(ctx)
	step.Cached()
	step.Stale()
	return l.use(ctx, req, e, now)
}

// use is a kept answer for req.
func (l *lookup) use(ctx context.Context, req *backend.Request, e *Entry, now time.Time) (*backend.Response, error) {
	if !req.Stream {
		observe.FromContext(ctx).Narrow(observe.Keeping{Until: e.fresh, Silent: e.silent})
		if trace := cache.TraceFrom(ctx); trace != nil {
			trace.Kept(e.asked)
		}
		return e.answer(req)
	}
	return l.kept(req, e, now), nil
}

// refresh has the answer to req fetched anew while its client goes on with the stale one. It
// reports false when that cannot be done.
func (l *lookup) refresh(ctx context.Context, req *backend.Request, at keys) bool {
	own := *req
	if req.Checker != nil {
		repeatable, ok := req.Checker.(interface{ Again() checker })
		if !ok {
			return false
		}
		own.Checker = repeatable.Again() // the caller of the other one will have gone
	}
	own.Control = nil
	if own.Stream { // it is for all, whatever its client has
		own.Method, own.Header = http.MethodGet, cache.Conditional(req.Header, nil)
	}
	return l.refresher.start(ctx, at.shared+at.own, func(ctx context.Context) {
		defer func() {
			if recover() != nil {
				l.metrics.Panicked()
			}
		}()
		res, err := l.next(ctx, &own)
		if err == nil && res.Stream != nil {
			_ = res.Stream.Close()
		}
	})
}
