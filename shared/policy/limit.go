package policy

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
)

// Limit lets only so many calls at a time reach the service (a bulkhead), so that one
// that hangs cannot take all of the gateway's memory and connections with it. Some more
// may wait in a queue, first come, first served; the others fail at once. It stands inside
// the breaker, which a full bulkhead does not count against, and outside the timeout,
// which begins when the call has its place. A streamed answer keeps its place until it is
// closed.
func Limit(c LimitConfig) backend.Policy {
	if c.Concurrent == 0 {
		return nil
	}
	return func(next backend.Sender) backend.Sender {
		b := &bulkhead{LimitConfig: c, places: make(chan struct{}, c.Concurrent), next: next}
		return b.send
	}
}

// LimitConfig is the section "limit".
type LimitConfig struct {
	Concurrent int           `yaml:"concurrent" default:"128" validate:"min=0"` // 0: no limit
	Queue      int           `yaml:"queue" default:"0" validate:"min=0"`        // how many more may wait
	MaxWait    time.Duration `yaml:"max_wait" default:"100ms" validate:"gt=0"`  // for how long
}

type bulkhead struct {
	LimitConfig
	places  chan struct{} // holds one for each call
	waiting atomic.Int64
	next    backend.Sender
}

func (b *bulkhead) send(ctx context.Context, req *backend.Request) (*backend.Response, error) {
	if err := b.enter(ctx, req); err != nil {
		return nil, err
	}
	streaming := false
	defer func() { // also when a panic passes
		if !streaming {
			b.leave()
		}
	}()
	res, err := b.next(ctx, req)
	if err != nil || res.Stream == nil {
		return res, err
	}
	streaming = true
	return afterStream(res, b.leave), nil
}

var errFull = errors.New("as many calls as limit.concurrent allows are under way")

func (b *bulkhead) enter(ctx context.Context, req *backend.Request) error {
	select {
	case b.places <- struct{}{}:
		return nil
	default:
	}
	full := failed(req, fault.Unavailable, errFull)
	full.RetryAfter, full.Detail = time.Second, "a service has too much to do"
	defer b.waiting.Add(-1)
	if b.waiting.Add(1) > int64(b.Queue) {
		return full
	}
	timer := time.NewTimer(b.patience(ctx))
	defer timer.Stop()
	select {
	case b.places <- struct{}{}:
		return nil
	case <-timer.C:
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.Canceled) {
			return ended(ctx, req)
		}
		// The call was never made, so it is not the service that was too slow.
	}
	return full
}

// patience is how long a call can wait for a place.
func (b *bulkhead) patience(ctx context.Context) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return min(b.MaxWait, time.Until(deadline))
	}
	return b.MaxWait
}

func (b *bulkhead) leave() { <-b.places }
