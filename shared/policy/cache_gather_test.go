package policy

import (
	"context"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
)

// A trickle brings a byte at intervals, so many times, and then nothing any more, until its
// call ends.
type trickle struct {
	ctx   context.Context
	every time.Duration
	times int
	end   error
}

func (s *trickle) Read(p []byte) (int, error) {
	if s.times == 0 {
		if s.end != nil {
			return 0, s.end
		}
		<-s.ctx.Done()
		return 0, s.ctx.Err()
	}
	s.times--
	if err := wait(s.ctx, s.every); err != nil {
		return 0, err
	}
	return copy(p, "x"), nil
}

func (*trickle) Close() error { return nil }

// trickling sends with a cache around a service whose answers come slowly.
func trickling(t *testing.T, every time.Duration, times int, size int64, end error) (backend.Sender, *stub) {
	t.Helper()
	service := &stub{answer: func(ctx context.Context, _ int) (*backend.Response, error) {
		return &backend.Response{Status: 200, Stream: &trickle{ctx, every, times, end}, Size: size}, nil
	}}
	return caching(t, cacheDefaults, metrics(), service.send), service
}

// What goes on for long, as live events do, is passed on as it comes.
func TestALiveAnswerIsNotHeldBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		send, _ := trickling(t, time.Second, 1000, -1, nil)
		began := time.Now()
		res, err := send(ctx, streamed())
		if err != nil || res.Stream == nil || time.Since(began) > 10*time.Second {
			t.Fatalf("got %v, %v after %v", res, err, time.Since(began))
		}
		text, err := io.ReadAll(io.LimitReader(res.Stream, 100))
		if took := time.Since(began); len(text) != 100 || err != nil || took != 100*time.Second {
			t.Errorf("%d bytes, %v after %v", len(text), err, took)
		}
	})
}

// A body that ends is kept, however slow the service is with it.
func TestASlowAnswerIsKept(t *testing.T) {
	for name, c := range map[string]struct {
		times int
		size  int64
	}{"of known length": {20, 20}, "of unknown length": {3, -1}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				send, service := trickling(t, time.Second, c.times, c.size, io.EOF)
				for range 2 {
					if res, err := send(t.Context(), streamed()); err != nil || len(res.Body) != c.times {
						t.Fatalf("got %v, %v", res, err)
					}
				}
				if service.calls() != 1 {
					t.Errorf("%d calls", service.calls())
				}
			})
		})
	}
}

// A service that hangs in the middle of a body keeps the call for as long as its route says that
// a body may pause, and no longer.
func TestABodyThatHangsFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, size := range []int64{10, -1} {
			send, _ := trickling(t, time.Millisecond, 3, size, nil)
			req := streamed()
			req.Pause = time.Minute
			c := start(t.Context(), send, req)
			if after(time.Hour); !c.done || c.took < req.Pause || c.took > req.Pause+time.Second {
				t.Fatalf("done %v, after %v", c.done, c.took)
			}
			wantNamed(t, c.err, fault.TooSlow)
		}
	})
}
