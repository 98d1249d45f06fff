package policy

import (
	"context"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/cache"
	"github.com/facet-bff/facet/shared/fault"
)

// tagging is a chain that keeps answers, which can be purged.
func tagging(t *testing.T, service backend.Sender) (backend.Sender, *cache.Epochs) {
	t.Helper()
	g := cache.NewEpochs("bff-test", nil, 0)
	services := map[string]Service{"catalog": {Cache: &cacheDefaults}}
	store, err := NewStore(cache.Config{MaxBytes: 1 << 20}, services, cache.Shared{Epochs: g})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	answer, fill := Cache(cacheDefaults, nil, Shared{Store: store, Metrics: metrics()})
	return backend.Chain(service, Tags(g), answer, fill), g
}

func TestAnAnswerIsPurgedByWhatItIs(t *testing.T) {
	for name, c := range map[string]struct {
		purge cache.Purge
		calls int
	}{
		"its tag":         {cache.Purge{Tags: []string{"product:1"}}, 2},
		"another tag":     {cache.Purge{Tags: []string{"product:2"}}, 1},
		"its service":     {cache.Purge{Services: []string{"catalog"}}, 2},
		"another service": {cache.Purge{Services: []string{"pricing"}}, 1},
		"its path":        {cache.Purge{Paths: []cache.Path{{Service: "catalog", Path: "/p/1"}}}, 2},
		"all":             {cache.Purge{All: true}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			service := &stub{}
			send, g := tagging(t, service.send)
			for range 2 {
				req := get()
				req.Tags = []string{"product:1"}
				if _, err := send(t.Context(), req); err != nil {
					t.Fatal(err)
				}
				if service.calls() == 1 {
					g.Purge(t.Context(), c.purge)
				}
			}
			if service.calls() != c.calls {
				t.Errorf("%d calls, want %d", service.calls(), c.calls)
			}
		})
	}
}

// What a call may have changed is purged, also when its maker does not wait any more; what it
// has not, is not.
func TestWhatAWriteInvalidates(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		purged bool
	}{
		"it succeeds":       {nil, true},
		"it breaks off":     {&fault.Error{Kind: fault.Broken}, true},
		"it is too slow":    {&fault.Error{Kind: fault.TooSlow}, true},
		"nobody waits":      {&fault.Error{Kind: fault.Gone}, true},
		"it is refused":     {&fault.Error{Kind: fault.Rejected, Status: 409}, false},
		"it was never made": {&fault.Error{Kind: fault.Unavailable}, false},
	} {
		t.Run(name, func(t *testing.T) {
			service := &stub{}
			send, g := tagging(t, func(ctx context.Context, req *backend.Request) (*backend.Response, error) {
				if !req.Safe {
					return ok(), c.err
				}
				return service.send(ctx, req)
			})
			read, write := get(), post()
			read.Tags, write.Invalidates = []string{"orders:u1"}, []string{"orders:u1"}
			_, _ = send(t.Context(), read)
			stamps := g.Answer("carts", "/", []string{"orders:u1"})
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, _ = send(ctx, write)
			_, _ = send(t.Context(), read)
			if purged := service.calls() == 2; purged != c.purged || g.Hold(stamps) == c.purged {
				t.Errorf("purged: %v", purged)
			}
		})
	}
}

// The answer to a write may be what panics, in the type that reads it.
func TestAWriteThatPanicsInvalidates(t *testing.T) {
	send, g := tagging(t, func(context.Context, *backend.Request) (*backend.Response, error) { panic("a bug") })
	write := post()
	write.Invalidates = []string{"orders:u1"}
	stamps := g.Answer("carts", "/", []string{"orders:u1"})
	func() {
		defer func() { _ = recover() }()
		_, _ = send(t.Context(), write)
	}()
	if g.Hold(stamps) {
		t.Error("nothing was purged")
	}
}

func TestATraceHasAllCallsKeptOrNot(t *testing.T) {
	send, g := tagging(t, (&stub{}).send)
	for _, tag := range []string{"kept", "upload"} {
		ctx, trace := g.Trace(t.Context())
		kept, uncacheable := get(), get()
		kept.Tags, uncacheable.Tags, uncacheable.Safe = []string{"kept"}, []string{"upload"}, false
		for _, req := range []*backend.Request{kept, uncacheable} {
			if _, err := send(ctx, req); err != nil {
				t.Fatal(err)
			}
		}
		stamps := trace.Stamps()
		time.Sleep(time.Microsecond)
		g.Purge(ctx, cache.Purge{Tags: []string{tag}})
		if g.Hold(stamps) {
			t.Errorf("%s: a purge has no effect", tag)
		}
	}
}
