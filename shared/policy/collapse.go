package policy

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"sync"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/cache"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/observe"
)

// Collapse makes one call, a flight, of equal calls that are under way at the same time:
// complete answers of safe operations only. The first caller makes the call, for all who come
// while it is under way. Each stops waiting when its own context ends. When the call ends
// because its maker had no more time, or went away, one of those who still wait makes it
// anew: nobody fails on account of another's impatience. Any other failure is shared with
// those who waited for it, and not remembered. It stands inside the cache, and outside of
// everything that costs the service something.
//
// A flight that began before something of it was purged from epochs, or before a call may have
// changed something at its path, is not joined any more: its answer may be from before that.
func Collapse(epochs *cache.Epochs) backend.Policy {
	return func(next backend.Sender) backend.Sender {
		c := &collapse{next: next, epochs: epochs, flights: make(map[string]*flight)}
		return c.send
	}
}

// golang.org/x/sync/singleflight lets a panic kill the process, and shares the failure of a
// caller who went away.
type collapse struct {
	next   backend.Sender
	epochs *cache.Epochs // nil: nothing is purged

	mu      sync.Mutex
	flights map[string]*flight
}

// A flight is a call that others may wait for.
type flight struct {
	path   string
	stamps cache.Stamps // when it began

	landed chan struct{} // closed when the rest is there; nil while nobody waits

	res       *backend.Response
	err       error
	abandoned bool // the failure is its maker's own
}

// spare are flights that have landed and that nobody waited for.
var spare = sync.Pool{New: func() any { return new(flight) }}

func (c *collapse) send(ctx context.Context, req *backend.Request) (*backend.Response, error) {
	switch {
	case !req.Safe:
		return change(ctx, req, c.next, func() { c.leave(req.Path) })
	case !plain(req):
		return c.next(ctx, req)
	}
	key := req.Key()
	for {
		f, landed := c.board(req, key)
		if landed == nil {
			return c.fly(ctx, req, key, f)
		}
		select {
		case <-landed:
			if !f.abandoned {
				observe.StepFrom(ctx).Shared()
				return f.res, f.err
			}
			if over(ctx) {
				return nil, ended(ctx, req)
			}
		case <-ctx.Done():
			return nil, ended(ctx, req)
		}
	}
}

// board joins the flight of key, or makes one that the caller has to fly: then there is
// nothing to wait for.
func (c *collapse) board(req *backend.Request, key string) (*flight, chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f, under := c.flights[key]; under && !c.epochs.Purged(f.stamps) {
		if f.landed == nil {
			f.landed = make(chan struct{})
		}
		return f, f.landed
	}
	f := spare.Get().(*flight)
	f.path, f.stamps = req.Path, c.epochs.Restamp(f.stamps, req.Service, req.Path, req.Tags)
	c.flights[key] = f
	return f, nil
}

// leave has nobody else board the flights at a path at which something may have changed. Who is
// waiting for one asked before.
func (c *collapse) leave(path string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	maps.DeleteFunc(c.flights, func(_ string, f *flight) bool { return f.path == path })
}

// fly makes the call.
func (c *collapse) fly(ctx context.Context, req *backend.Request, key string, f *flight) (res *backend.Response, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = failed(req, fault.Bug, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
		if res == nil && err == nil {
			err = failed(req, fault.Bug, errors.New("the call ended without an answer")) // runtime.Goexit
		}
		f.res, f.err, f.abandoned = res, err, err != nil && over(ctx)
		c.mu.Lock()
		if c.flights[key] == f {
			delete(c.flights, key)
		}
		landed := f.landed
		c.mu.Unlock()
		if landed != nil {
			close(landed)
			return
		}
		*f = flight{stamps: f.stamps} // nobody else has seen it
		spare.Put(f)
	}()
	return c.next(ctx, req)
}
