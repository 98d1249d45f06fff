package policy

import (
	"context"
	"sync"
	"time"
)

// A Refresher fetches answers anew while their clients go on with stale ones: one call at a
// time for each, and a bounded number of calls in all. Its methods are safe for concurrent use.
type Refresher struct {
	mu      sync.Mutex
	running map[string]struct{} // nil: closed
	calls   sync.WaitGroup
	stop    chan struct{}
}

const (
	mostRefreshes = 128 // at a time
	refreshWithin = 10 * time.Second
)

// NewRefresher returns a Refresher. Close it before the services that it calls.
func NewRefresher() *Refresher {
	return &Refresher{running: make(map[string]struct{}), stop: make(chan struct{})}
}

// start runs call for key, unless that is under way already. It reports false when it can do
// neither. call sees the values of ctx, and not its end.
func (r *Refresher) start(ctx context.Context, key string, call func(context.Context)) bool {
	if r == nil {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, under := r.running[key]; under {
		return true
	}
	if r.running == nil || len(r.running) == mostRefreshes {
		return false
	}
	r.running[key] = struct{}{}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), refreshWithin)
	r.calls.Go(func() {
		defer r.done(key)
		defer cancel()
		ended := make(chan struct{})
		defer close(ended)
		r.calls.Go(func() {
			select {
			case <-r.stop:
				cancel()
			case <-ended:
			}
		})
		call(ctx)
	})
	return true
}

func (r *Refresher) done(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.running, key)
}

// Close ends what is under way, and waits for it. Nil has nothing to end.
func (r *Refresher) Close() {
	if r == nil {
		return
	}
	r.mu.Lock()
	if r.running != nil {
		close(r.stop)
	}
	r.running = nil
	r.mu.Unlock()
	r.calls.Wait()
}
