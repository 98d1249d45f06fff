package policy

import (
	"context"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/cache"
	"github.com/facet-bff/facet/shared/observe"
)

// tellParts stands in the place of the cache where a service has none: what its answers say
// of being kept counts for what is composed of them all the same.
func tellParts(next backend.Sender) backend.Sender {
	return func(ctx context.Context, req *backend.Request) (*backend.Response, error) {
		res, err := next(ctx, req)
		if err == nil && !req.Stream {
			observe.FromContext(ctx).Narrow(says(res, 0))
		}
		return res, err
	}
}

// tell tells of an answer of the service for how long it may be kept.
func (k *keeper) tell(ctx context.Context, req *backend.Request, res *backend.Response) {
	if req.Stream {
		return
	}
	ttl := k.ttl(req, res.Status)
	if !req.Safe {
		ttl = 0
	}
	observe.FromContext(ctx).Narrow(says(res, ttl))
}

// says is what an answer says, which is kept for ttl if that is nothing.
func says(res *backend.Response, ttl time.Duration) observe.Keeping {
	now := time.Now()
	f := cache.ReadFreshness(res.Status, res.Header, now)
	k := observe.Keeping{Silent: !f.Explicit, Private: f.Private, Never: f.Never}
	switch {
	case !f.Storable || f.Explicit:
		k.Until = now.Add(f.TTL)
	case ttl > 0:
		k.Until = now.Add(ttl)
	}
	return k
}
