package kubernetes

import (
	"context"
	"slices"
	"sync"
	"time"

	discovery "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"

	"github.com/facet-bff/facet/shared/discover"
)

const (
	settles = 50 * time.Millisecond // for changes that come together
	syncing = 10 * time.Millisecond // between looks whether everything has been told at first
)

// Watch is that of a discover.Source.
func (s *source) Watch(ctx context.Context, tell func([]discover.Instance, error)) {
	w := &watching{source: s, tell: tell, changed: make(chan struct{}, 1)}
	informer := cache.NewSharedInformer(w.requests(ctx), &discovery.EndpointSlice{}, 0)
	// What fails is told where it is asked for. The library would write to the error stream.
	_ = informer.SetWatchErrorHandlerWithContext(func(context.Context, *cache.Reflector, error) {})
	_, _ = informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { w.poke() },
		UpdateFunc: func(any, any) { w.poke() },
		DeleteFunc: func(any) { w.poke() },
	})
	defer s.http.CloseIdleConnections()
	var running sync.WaitGroup
	defer running.Wait()
	running.Go(func() { informer.RunWithContext(ctx) })
	for !informer.HasSynced() {
		if !pause(ctx, syncing) {
			return
		}
	}
	for {
		w.look(informer.GetStore())
		select {
		case <-ctx.Done():
			return
		case <-w.changed:
		}
		if !pause(ctx, settles) {
			return
		}
	}
}

func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// A watching is one run of Watch.
type watching struct {
	*source
	changed chan struct{} // holds at most one

	mu    sync.Mutex // held while somebody is told
	tell  func([]discover.Instance, error)
	ill   bool // the last that was told is a failure
	known []discover.Instance
}

func (w *watching) poke() {
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

// look tells what the slices say, if that is new.
func (w *watching) look(store cache.Store) {
	var all []*discovery.EndpointSlice
	for _, slice := range store.List() {
		all = append(all, slice.(*discovery.EndpointSlice))
	}
	list, err := w.instances(all)
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case err != nil:
		w.ill = true
		w.tell(nil, err)
	case w.ill || !slices.Equal(list, w.known):
		w.ill, w.known = false, list
		w.tell(list, nil)
	}
}

// asked takes how a request to the API has ended. After a failure the slices are looked at
// again, even if none of them has changed.
func (w *watching) asked(ctx context.Context, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case ctx.Err() != nil:
	case err != nil:
		w.ill = true
		w.tell(nil, err)
	case w.ill:
		w.poke()
	}
}

// requests are those for the service's slices.
func (w *watching) requests(ctx context.Context) *cache.ListWatch {
	own := func(o meta.ListOptions) meta.ListOptions {
		o.LabelSelector = discovery.LabelServiceName + "=" + w.service
		return o
	}
	return &cache.ListWatch{
		ListWithContextFunc: func(c context.Context, o meta.ListOptions) (runtime.Object, error) {
			list, err := w.client.List(c, own(o))
			w.asked(ctx, err)
			return list, err
		},
		WatchFuncWithContext: func(c context.Context, o meta.ListOptions) (watch.Interface, error) {
			events, err := w.client.Watch(c, own(o))
			if o.SendInitialEvents == nil || !errors.IsInvalid(err) { // else the cluster is old, and a list follows
				w.asked(ctx, err)
			}
			return events, err
		},
	}
}
