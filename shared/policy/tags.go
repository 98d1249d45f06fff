package policy

import (
	"context"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/cache"
	"github.com/facet-bff/facet/shared/fault"
)

// Tags is where calls meet what can be purged: it notes by what the answer of each can be, for
// views that are made of it, and purges what an operation invalidates. It stands outside of
// everything, so that it sees what no other cache keeps.
func Tags(epochs *cache.Epochs) backend.Policy {
	return func(next backend.Sender) backend.Sender {
		return func(ctx context.Context, req *backend.Request) (*backend.Response, error) {
			if trace := cache.TraceFrom(ctx); trace != nil {
				trace.Add(epochs.Answer(req.Service, req.Path, req.Tags))
			}
			if len(req.Invalidates) == 0 {
				return next(ctx, req)
			}
			return change(ctx, req, next, func() {
				// The change is made, even if its maker has no more time.
				epochs.Purge(context.WithoutCancel(ctx), cache.Purge{Tags: req.Invalidates})
			})
		}
	}
}

// change makes a call that may change something, and has changed called unless it certainly did
// not: also when the call panics, for by then the service may have done its work.
func change(ctx context.Context, req *backend.Request, next backend.Sender, changed func()) (*backend.Response, error) {
	outcome := errPanicked // unless next returns
	defer func() {
		if mayHaveHappened(outcome) {
			changed()
		}
	}()
	res, err := next(ctx, req)
	outcome = err
	return res, err
}

// mayHaveHappened reports that a call has changed something, as far as anybody can tell.
func mayHaveHappened(err error) bool {
	if err == nil {
		return true
	}
	switch fault.From(err).Kind {
	case fault.Broken, fault.TooSlow, fault.Gone, fault.Bug:
		return true
	}
	return false
}
