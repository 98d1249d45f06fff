package policy

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
)

// Balance sends each call to the next of the service's instances, in turn. It stands
// innermost: the attempts of one call, retries and hedges, go to different instances while there are any left,
// whatever other calls do in between. Without instances every call fails.
func Balance(bases []string) backend.Policy {
	return func(next backend.Sender) backend.Sender {
		b := &balance{bases: bases, next: next}
		return b.send
	}
}

type balance struct {
	bases []string
	turn  atomic.Uint64
	next  backend.Sender
}

func (b *balance) send(ctx context.Context, req *backend.Request) (*backend.Response, error) {
	if len(b.bases) == 0 {
		none := failed(req, fault.Unavailable, nil)
		none.Detail = "a service has no instance"
		return nil, none
	}
	own := *req
	own.Base = b.pick(ctx)
	return b.next(ctx, &own)
}

func (b *balance) pick(ctx context.Context) (base string) {
	if len(b.bases) == 1 {
		return b.bases[0]
	}
	before, _ := ctx.Value(triedKey{}).(*tried)
	if before == nil {
		before = new(tried)
	}
	before.mu.Lock()
	defer before.mu.Unlock()
	for range b.bases {
		base = b.bases[(b.turn.Add(1)-1)%uint64(len(b.bases))]
		if !slices.Contains(before.bases, base) {
			break
		}
	}
	before.bases = append(before.bases, base)
	return base
}

// tried are the instances that the attempts of one call went to. Those of a hedged call
// are concurrent.
type tried struct {
	mu    sync.Mutex
	bases []string
}

type triedKey struct{}

// remember lets the attempts of one call know of each other which instances they went to. It
// stands in the place of retry, around it. One instance needs no memory.
func remember(next backend.Sender) backend.Sender {
	return func(ctx context.Context, req *backend.Request) (*backend.Response, error) {
		return next(context.WithValue(ctx, triedKey{}, new(tried)), req)
	}
}
