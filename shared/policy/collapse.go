package policy

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/observe"
)

// Collapse makes one call, a flight, of equal calls that are under way at the same time:
// complete answers of safe operations only. A flight belongs to none of its callers. Each
// stops waiting when its own context ends, and only when the last has left is the flight
// ended; so its deadline is the latest of its callers', also of those who came later. A
// failure is shared with those who waited for it and not remembered. It stands inside the
// cache, and outside of everything that costs the service something.
func Collapse() backend.Policy {
	return func(next backend.Sender) backend.Sender {
		c := &collapse{next: next, flights: make(map[string]*flight)}
		return c.send
	}
}

// golang.org/x/sync/singleflight cannot end a call that nobody waits for any more, and
// lets a panic kill the process.
type collapse struct {
	next backend.Sender

	mu      sync.Mutex
	flights map[string]*flight
}

// A flight is also the context of its call: it has the values of the first caller, and
// ends as its last one did.
type flight struct {
	context.Context
	key     string
	over    context.Context // ended when the last caller has left
	end     context.CancelFunc
	endedBy error // written before end is called

	mu       *sync.Mutex // the collapse's; guards the next two
	waiting  int
	deadline time.Time // of the most patient caller; zero if one has none

	landed chan struct{} // closed when res and err are there
	res    *backend.Response
	err    error
}

func (c *collapse) send(ctx context.Context, req *backend.Request) (*backend.Response, error) {
	if !plain(req) {
		return c.next(ctx, req)
	}
	f, joined := c.board(ctx, req.Key())
	if joined {
		observe.StepFrom(ctx).Shared()
	} else {
		go c.fly(f, req)
	}
	select {
	case <-f.landed:
		return f.res, f.err
	case <-ctx.Done():
		c.leave(f, ctx.Err())
		return nil, ended(ctx, req)
	}
}

// board joins the flight of key, or makes one that the caller has to start.
func (c *collapse) board(ctx context.Context, key string) (f *flight, joined bool) {
	deadline, bounded := ctx.Deadline()
	c.mu.Lock()
	defer c.mu.Unlock()
	if f, joined = c.flights[key]; joined {
		f.waiting++
		if !bounded {
			f.deadline = time.Time{}
		} else if !f.deadline.IsZero() && deadline.After(f.deadline) {
			f.deadline = deadline
		}
		return f, true
	}
	f = &flight{
		Context: context.WithoutCancel(ctx), key: key, mu: &c.mu,
		waiting: 1, deadline: deadline, landed: make(chan struct{}),
	}
	f.over, f.end = context.WithCancel(context.Background())
	c.flights[key] = f
	return f, false
}

// fly makes the call.
func (c *collapse) fly(f *flight, req *backend.Request) {
	f.err = failed(req, fault.Bug, errors.New("the call ended without an answer")) // runtime.Goexit
	defer func() {
		if p := recover(); p != nil {
			f.err = failed(req, fault.Bug, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
		c.mu.Lock()
		c.forget(f)
		c.mu.Unlock()
		close(f.landed)
	}()
	ctx, done := context.WithCancel(f) // a context that package context derives from cheaply
	defer done()
	f.res, f.err = c.next(ctx, req)
}

// leave ends the flight if nobody waits for it any more, and from then on nobody can join.
func (c *collapse) leave(f *flight, why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f.waiting--; f.waiting > 0 {
		return
	}
	c.forget(f)
	f.endedBy = why
	f.end()
}

func (c *collapse) forget(f *flight) {
	if c.flights[f.key] == f {
		delete(c.flights, f.key)
	}
}

// Deadline moves when a more patient caller joins.
func (f *flight) Deadline() (time.Time, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.deadline, !f.deadline.IsZero()
}

func (f *flight) Done() <-chan struct{} { return f.over.Done() }

// Err is how the last caller ended: a service that let everybody's time run out was too
// slow, and that is counted; callers who went away are not.
func (f *flight) Err() error {
	if f.over.Err() == nil {
		return nil
	}
	return f.endedBy
}

// AfterFunc saves package context a goroutine for the context derived from f.
func (f *flight) AfterFunc(call func()) (stop func() bool) { return context.AfterFunc(f.over, call) }
