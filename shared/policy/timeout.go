package policy

import (
	"context"
	"errors"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
)

// Timeout bounds the time of one attempt. Of a streamed answer it bounds the time until
// the headers are there; from then on the stream lives as long as the caller. It stands
// inside retry, breaker and limit, so that each attempt has its own time, a late one is
// counted, and waiting for a place takes nothing of it.
func Timeout(c TimeoutConfig) backend.Policy {
	return func(next backend.Sender) backend.Sender {
		t := &timeout{TimeoutConfig: c, next: next}
		return t.send
	}
}

// TimeoutConfig is the section "timeout".
type TimeoutConfig struct {
	Default time.Duration            `yaml:"default" default:"1s" validate:"gt=0"` // of one attempt
	Ops     map[string]time.Duration `yaml:"ops"`                                  // by operation, instead of the default
}

// longest is what a call may take at most.
func (c TimeoutConfig) longest() time.Duration {
	most := c.Default
	for _, limit := range c.Ops {
		most = max(most, limit)
	}
	return most
}

type timeout struct {
	TimeoutConfig
	next backend.Sender
}

var errTimeout = errors.New("the service did not answer within its timeout")

func (t *timeout) send(ctx context.Context, req *backend.Request) (*backend.Response, error) {
	most, ok := t.Ops[req.Op]
	if !ok {
		most = t.Default
	}
	until := time.Now().Add(most)
	if deadline, ok := ctx.Deadline(); ok && !until.Before(deadline) {
		return t.next(ctx, req)
	}
	res, err := t.next(backend.WithDeadline(ctx, until), req)
	if err != nil && fault.From(err).Kind == fault.TooSlow && !time.Now().Before(until) {
		return nil, failed(req, fault.TooSlow, errTimeout)
	}
	return res, err
}
