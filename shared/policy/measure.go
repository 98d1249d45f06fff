package policy

import (
	"context"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/observe"
)

// Measure records how long each attempt took and how it ended: "ok" or a kind of fault.
// It stands inside retry and outside the breaker, so that attempts which the breaker
// refused are seen as well. A hedge is within one attempt.
func Measure(metrics *observe.Metrics) backend.Policy {
	return func(next backend.Sender) backend.Sender {
		return func(ctx context.Context, req *backend.Request) (*backend.Response, error) {
			start, outcome := time.Now(), fault.Bug.String() // which a panic leaves
			defer func() { metrics.CallDone(req.Service, req.Op, outcome, time.Since(start)) }()
			res, err := next(ctx, req)
			if outcome = "ok"; err != nil {
				outcome = fault.From(err).Kind.String()
			}
			return res, err
		}
	}
}
