package policy

import (
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
)

// call is a call that runs; took and err may be read after synctest.Wait or after.
type call struct {
	took time.Duration
	err  error
	done bool
}

// after lets d pass.
func after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func start(ctx context.Context, send backend.Sender, req *backend.Request) *call {
	c, begin := &call{}, time.Now()
	go func() {
		_, c.err = send(ctx, req)
		c.took, c.done = time.Since(begin), true
	}()
	synctest.Wait()
	return c
}

func TestLimit(t *testing.T) {
	for _, c := range []struct {
		name   string
		config LimitConfig
		takes  time.Duration // each call
		calls  int           // at once
		served int
		failAt time.Duration // when the others fail
	}{
		{"off", LimitConfig{}, time.Second, 50, 50, 0},
		{"within", LimitConfig{Concurrent: 3}, time.Second, 3, 3, 0},
		{"full", LimitConfig{Concurrent: 3}, time.Second, 5, 3, 0},
		{"queued", LimitConfig{Concurrent: 3, Queue: 2, MaxWait: 2 * time.Second}, time.Second, 5, 5, 0},
		{"queue full", LimitConfig{Concurrent: 3, Queue: 2, MaxWait: 2 * time.Second}, time.Second, 6, 5, 0},
		{"waited in vain", LimitConfig{Concurrent: 3, Queue: 2, MaxWait: 300 * time.Millisecond}, time.Second, 5, 3, 300 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				service := takes(c.takes)
				send := backend.Chain(service.send, Limit(c.config))
				var calls []*call
				for range c.calls {
					calls = append(calls, start(t.Context(), send, get()))
				}
				after(5 * c.takes)
				served := 0
				for _, one := range calls {
					if one.err == nil {
						served++
						continue
					}
					wantNamed(t, one.err, fault.Unavailable)
					if f := fault.From(one.err); f.RetryAfter != time.Second || one.took != c.failAt {
						t.Errorf("failed after %v with Retry-After %v", one.took, f.RetryAfter)
					}
				}
				if served != c.served || service.calls() != c.served {
					t.Errorf("%d served, %d sent, want %d", served, service.calls(), c.served)
				}
			})
		})
	}
}

func TestTheQueueIsServedInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		send := Limit(LimitConfig{Concurrent: 1, Queue: 3, MaxWait: time.Minute})(takes(time.Second).send)
		var calls []*call
		for range 4 {
			calls = append(calls, start(t.Context(), send, get()))
		}
		after(5 * time.Second)
		for i, c := range calls {
			if want := time.Duration(i+1) * time.Second; c.took != want {
				t.Errorf("call %d took %v, want %v", i, c.took, want)
			}
		}
	})
}

func TestLeavingTheQueue(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(context.Context) (context.Context, context.CancelFunc)
		want fault.Kind
	}{
		{"cancelled", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(time.Second, cancel)
			return ctx, cancel
		}, fault.Gone},
		{"out of time", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Second)
		}, fault.Unavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				send := Limit(LimitConfig{Concurrent: 1, Queue: 1, MaxWait: time.Minute})(takes(3 * time.Second).send)
				first := start(t.Context(), send, get())
				ctx, cancel := c.end(t.Context())
				defer cancel()
				second := start(ctx, send, get())
				after(2 * time.Second)
				wantNamed(t, second.err, c.want)
				third := start(t.Context(), send, get()) // has the place in the queue
				after(5 * time.Second)
				if first.err != nil || third.err != nil {
					t.Errorf("the others: %v, %v", first.err, third.err)
				}
			})
		})
	}
}

func TestAStreamKeepsItsPlaceUntilClosed(t *testing.T) {
	service := &stub{answer: func(context.Context, int) (*backend.Response, error) {
		return &backend.Response{Status: 200, Stream: io.NopCloser(strings.NewReader("x"))}, nil
	}}
	send := Limit(LimitConfig{Concurrent: 1, MaxWait: time.Second})(service.send)
	res, err := send(t.Context(), get())
	if err != nil {
		t.Fatal(err)
	}
	_, err = send(t.Context(), get())
	wantNamed(t, err, fault.Unavailable)
	_ = res.Stream.Close()
	_ = res.Stream.Close() // gives back one place, not two
	if res, err = send(t.Context(), get()); err != nil {
		t.Fatalf("after Close: %v", err)
	}
	_, err = send(t.Context(), get())
	wantNamed(t, err, fault.Unavailable)
	_ = res.Stream.Close()
}

func TestAPanicGivesItsPlaceBack(t *testing.T) {
	service := &stub{answer: func(_ context.Context, n int) (*backend.Response, error) {
		if n == 1 {
			panic("bug")
		}
		return ok(), nil
	}}
	send := Limit(LimitConfig{Concurrent: 1})(service.send)
	func() {
		defer func() { _ = recover() }()
		_, _ = send(t.Context(), get())
	}()
	if _, err := send(t.Context(), get()); err != nil {
		t.Error(err)
	}
}
