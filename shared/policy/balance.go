package policy

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/policy/balance"
)

// Balance sends each call to one of the service's instances, and learns from how it goes. It
// stands innermost: the attempts of one call, retries and hedges, go to different instances
// while there are any left, whatever other calls do in between. A streamed answer keeps its
// instance busy until it is closed. Without instances every call fails.
func Balance(instances *balance.Balancer) backend.Policy {
	if url, only := instances.Only(); only {
		return toOnly(url)
	}
	return func(next backend.Sender) backend.Sender {
		b := &balanced{instances: instances, next: next}
		return b.send
	}
}

// toOnly sends each call to the same instance.
func toOnly(url string) backend.Policy {
	return func(next backend.Sender) backend.Sender {
		return func(ctx context.Context, req *backend.Request) (*backend.Response, error) {
			own := copyOf(req)
			defer putBack(own)
			own.Base = url
			return next(ctx, own)
		}
	}
}

// copies are requests to which an instance is added. Nobody keeps one: balance stands next to
// the transport.
var copies = sync.Pool{New: func() any { return new(backend.Request) }}

func copyOf(req *backend.Request) *backend.Request {
	own := copies.Get().(*backend.Request)
	*own = *req
	return own
}

func putBack(own *backend.Request) {
	*own = backend.Request{}
	copies.Put(own)
}

type balanced struct {
	instances *balance.Balancer
	next      backend.Sender
}

func (b *balanced) send(ctx context.Context, req *backend.Request) (*backend.Response, error) {
	before, _ := ctx.Value(triedKey{}).(*balance.Tried)
	call, found := b.instances.Begin(before)
	if !found {
		none := failed(req, fault.Unavailable, nil)
		none.RetryAfter, none.Detail = time.Second, "a service has no instance"
		return nil, none
	}
	own := copyOf(req)
	defer putBack(own)
	own.Base = call.URL()
	outcome, streaming := errPanicked, false // unless next returns
	defer func() {
		call.End(outcome)
		if !streaming {
			call.Leave()
		}
	}()
	res, err := b.next(ctx, own)
	if outcome = err; errors.Is(err, errLost) { // it has answered, second of two
		outcome = context.Canceled
	}
	if err != nil || res.Stream == nil {
		return res, err
	}
	streaming = true
	return afterStream(res, call.Leave), nil
}

type triedKey struct{}

// remember lets the attempts of one call know of each other which instances they went to. It
// stands in the place of retry, around it. One instance needs no memory.
func remember(next backend.Sender) backend.Sender {
	return func(ctx context.Context, req *backend.Request) (*backend.Response, error) {
		return next(context.WithValue(ctx, triedKey{}, new(balance.Tried)), req)
	}
}
