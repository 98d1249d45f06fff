package policy

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
)

const millis = time.Millisecond

func TestTimeout(t *testing.T) {
	config := TimeoutConfig{Default: time.Second, Ops: map[string]time.Duration{"quick": 200 * millis}}
	for _, c := range []struct {
		name           string
		op             string
		takes          time.Duration
		deadline, gone time.Duration // of the caller
		kind           fault.Kind
		took           time.Duration
		told           time.Duration // the time that the transport sees
	}{
		{name: "in time", takes: 999 * millis, took: 999 * millis, told: time.Second},
		{name: "late", takes: 2 * time.Second, kind: fault.TooSlow, took: time.Second, told: time.Second},
		{name: "its own, in time", op: "quick", takes: 199 * millis, took: 199 * millis, told: 200 * millis},
		{name: "its own, late", op: "quick", takes: time.Second, kind: fault.TooSlow, took: 200 * millis, told: 200 * millis},
		{name: "the caller's deadline", takes: time.Minute, deadline: 300 * millis, kind: fault.TooSlow, took: 300 * millis, told: 300 * millis},
		{name: "a later deadline", takes: time.Minute, deadline: 3 * time.Second, kind: fault.TooSlow, took: time.Second, told: time.Second},
		{name: "the caller went away", takes: time.Minute, gone: 300 * millis, kind: fault.Gone, took: 300 * millis, told: time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if c.deadline > 0 {
					ctx, cancel = context.WithTimeout(ctx, c.deadline)
					defer cancel()
				}
				if c.gone > 0 {
					time.AfterFunc(c.gone, cancel)
				}
				var told time.Duration
				service := &stub{answer: func(ctx context.Context, _ int) (*backend.Response, error) {
					at, _ := ctx.Deadline()
					told = time.Until(at)
					return ok(), wait(ctx, c.takes)
				}}
				service.answer = answersOrFails(service.answer)
				req := get()
				req.Op = c.op
				begin := time.Now()
				_, err := Timeout(config)(service.send)(ctx, req)
				if took := time.Since(begin); took != c.took {
					t.Errorf("took %v, want %v", took, c.took)
				}
				if told != c.told {
					t.Errorf("the transport was told %v, want %v", told, c.told)
				}
				if c.kind != fault.Bug {
					wantKind(t, err, c.kind)
				} else if err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// answersOrFails drops the answer of a failure.
func answersOrFails(f func(context.Context, int) (*backend.Response, error)) func(context.Context, int) (*backend.Response, error) {
	return func(ctx context.Context, n int) (*backend.Response, error) {
		res, err := f(ctx, n)
		if err != nil {
			return nil, err
		}
		return res, nil
	}
}
