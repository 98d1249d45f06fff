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
	Default time.Duration            `yaml:"default" default:"1s" validate:"gt=0"`
	Ops     map[string]time.Duration `yaml:"ops"` // by operation, instead of the default
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
	// Not context.WithTimeout, whose timer cannot be stopped without ending the stream,
	// and which relies on the parent's deadline where that is earlier: a flight's moves.
	attempt, end := context.WithCancelCause(ctx)
	timer := time.AfterFunc(most, func() { end(errTimeout) })
	streaming := false
	defer func() {
		timer.Stop()
		if !streaming {
			end(nil)
		}
	}()
	res, err := t.next(withDeadline{attempt, time.Now().Add(most)}, req)
	switch {
	case err != nil:
		if context.Cause(attempt) == errTimeout && fault.From(err).Kind == fault.Gone {
			return nil, failed(req, fault.TooSlow, errTimeout)
		}
		return nil, err
	case res.Stream == nil:
		return res, nil
	case !timer.Stop():
		_ = res.Stream.Close()
		return nil, failed(req, fault.TooSlow, errTimeout)
	}
	streaming = true
	return afterStream(res, func() { end(nil) }), nil
}

// A withDeadline tells those below how long they have, and leaves it to others to end it.
type withDeadline struct {
	context.Context
	at time.Time
}

func (c withDeadline) Deadline() (time.Time, bool) {
	if at, ok := c.Context.Deadline(); ok && at.Before(c.at) {
		return at, true
	}
	return c.at, true
}
