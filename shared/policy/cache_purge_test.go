package policy

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/cache"
	"github.com/facet-bff/facet/shared/fault"
)

// What is purged, or changed, while the service is asked does not stand in for its failure.
func TestAPurgedAnswerIsNoRescue(t *testing.T) {
	for name, change := range map[string]func(*cache.Epochs, backend.Sender){
		"nothing": func(*cache.Epochs, backend.Sender) {},
		"a purge": func(e *cache.Epochs, _ backend.Sender) {
			e.Purge(t.Context(), cache.Purge{Services: []string{"catalog"}})
		},
		"a change": func(_ *cache.Epochs, send backend.Sender) {
			put := get()
			put.Method, put.Safe = "PUT", false
			_, _ = send(t.Context(), put)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				config := CacheConfig{TTL: time.Minute, StaleIfError: time.Hour, MaxEntry: 1 << 20}
				epochs := cache.NewEpochs("bff-test", nil, 0)
				store, err := NewStore(cache.Config{MaxBytes: 1 << 20}, map[string]Service{"catalog": {Cache: &config}}, cache.Shared{Epochs: epochs})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(store.Close)
				var send backend.Sender
				ill := false
				answer, fill := Cache(config, nil, Shared{Store: store, Epochs: epochs, Metrics: metrics()})
				send = backend.Chain(func(_ context.Context, req *backend.Request) (*backend.Response, error) {
					if !ill || !req.Safe {
						return ok(), nil
					}
					change(epochs, send)
					return nil, &fault.Error{Kind: fault.Broken}
				}, Tags(epochs), answer, fill)
				if _, err := send(t.Context(), get()); err != nil {
					t.Fatal(err)
				}
				time.Sleep(2 * time.Minute)
				ill = true
				if _, err := send(t.Context(), get()); (err == nil) != (name == "nothing") {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}
