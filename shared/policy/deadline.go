package policy

import (
	"context"
	"errors"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/observe"
)

// Deadline does not start a call for an optional step when less time is left than half of
// the operation's calls take: it would be late for its answer, and cost the service
// something. What is required, and what may change something, is started in any case. It
// stands inside the cache, which answers in no time, and outside of collapse, so that no
// other caller shares a failure that is one caller's own.
func Deadline() backend.Policy {
	return func(next backend.Sender) backend.Sender {
		d := &prospect{next: next}
		d.usual.percentile = 0.5
		return d.send
	}
}

type prospect struct {
	usual latencies
	next  backend.Sender
}

var errLate = errors.New("half of the operation's calls take longer than what is left; it was not started")

func (d *prospect) send(ctx context.Context, req *backend.Request) (*backend.Response, error) {
	if !plain(req) {
		return d.next(ctx, req)
	}
	calls, began := d.usual.of(req.Op), time.Now()
	usual := calls.at(began)
	if usual > 0 && observe.StepFrom(ctx).Optional() {
		if until, ok := ctx.Deadline(); ok && until.Sub(began) < usual {
			return nil, failed(req, fault.TooSlow, errLate)
		}
	}
	res, err := d.next(ctx, req)
	// What was ended late counts with its time until then, which is beyond the half already.
	if took := time.Since(began); answered(err) || usual > 0 && took >= usual {
		calls.add(took)
	}
	return res, err
}
