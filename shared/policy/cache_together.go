package policy

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/cache"
)

const (
	notWorth = 10 * time.Second // for so long nobody waits for an answer of which the last was not kept
	longWait = 2 * time.Second  // nor for longer than this for any
)

// fetch makes the call for an answer that is not kept. Of a route's equal requests that come
// together, the first makes it, and the others take what it has put into the cache; collapse
// cannot do that, for a stream has one reader. Where nothing has been kept, each makes its own
// call, and for a while nobody waits any more.
func (l *lookup) fetch(ctx context.Context, req *backend.Request, at keys, w cache.Wishes) (*backend.Response, error) {
	key := cmp.Or(at.own, at.shared)
	if !req.Stream || req.Method != http.MethodGet || partial(req) || w.NoStore {
		return l.next(ctx, req)
	}
	if l.single.within(key, notWorth) {
		return l.alone(ctx, req, key)
	}
	for {
		f, landed := l.flights.board(req, key)
		switch {
		case landed == nil:
			res, err := l.flights.fly(ctx, req, key, f)
			l.learn(key, res)
			return res, err
		case !await(ctx, landed):
			if over(ctx) {
				return nil, ended(ctx, req)
			}
			return l.alone(ctx, req, key)
		case f.abandoned && over(ctx):
			return nil, ended(ctx, req)
		case f.abandoned:
			continue
		case f.err != nil:
			return nil, f.err
		}
		if kept := l.find(req, at); kept.good(time.Now(), w) == fresh {
			return kept.found(req)
		}
		return l.alone(ctx, req, key)
	}
}

func (l *lookup) alone(ctx context.Context, req *backend.Request, key string) (*backend.Response, error) {
	res, err := l.next(ctx, req)
	l.learn(key, res)
	return res, err
}

// learn notes that an answer was not kept, for it is not complete. It may be nil.
func (l *lookup) learn(key string, res *backend.Response) {
	if res != nil && res.Stream != nil {
		l.single.note(key, time.Now())
	}
}

// await is false when that takes too long, or ctx ends first.
func await(ctx context.Context, landed <-chan struct{}) bool {
	patience := longWait
	if deadline, ok := ctx.Deadline(); ok {
		patience = min(patience, time.Until(deadline))
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-landed:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}
