package policy

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/cache"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/redis"
	"github.com/facet-bff/facet/shared/redis/redistest"
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

// Whoever asks after a purge, or a write at the same place, is not told what was asked before.
func TestAFlightFromBeforeAChangeIsNotJoined(t *testing.T) {
	purge := func(p cache.Purge) func(*cache.Epochs, backend.Sender) {
		return func(e *cache.Epochs, _ backend.Sender) { e.Purge(t.Context(), p) }
	}
	write := func(path string, err error) func(*cache.Epochs, backend.Sender) {
		return func(_ *cache.Epochs, send backend.Sender) {
			req := post()
			req.Path = path
			_, _ = send(context.WithValue(t.Context(), failing{}, err), req)
		}
	}
	for name, c := range map[string]struct {
		change func(*cache.Epochs, backend.Sender)
		joined bool
	}{
		"nothing":         {func(*cache.Epochs, backend.Sender) {}, true},
		"its tag":         {purge(cache.Purge{Tags: []string{"product:1"}}), false},
		"its service":     {purge(cache.Purge{Services: []string{"catalog"}}), false},
		"another tag":     {purge(cache.Purge{Tags: []string{"product:2"}}), true},
		"a write":         {write("/p/1", nil), false},
		"perhaps a write": {write("/p/1", &fault.Error{Kind: fault.TooSlow}), false},
		"no write":        {write("/p/1", &fault.Error{Kind: fault.Rejected}), true},
		"a write nearby":  {write("/p/2", nil), true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				epochs, service := cache.NewEpochs("bff-test", nil, 0), takes(time.Second)
				send := Collapse(epochs)(func(ctx context.Context, req *backend.Request) (*backend.Response, error) {
					if !req.Safe {
						err, _ := ctx.Value(failing{}).(error)
						return ok(), err
					}
					return service.send(ctx, req)
				})
				product := func() *backend.Request {
					req := get()
					req.Tags = []string{"product:1"}
					return req
				}
				calls := []*call{start(t.Context(), send, product()), start(t.Context(), send, product())}
				after(100 * millis)
				c.change(epochs, send)
				calls = append(calls, start(t.Context(), send, product()), start(t.Context(), send, product()))
				after(950 * millis)
				calls = append(calls, start(t.Context(), send, product())) // the first flight is over, and another may be under way
				after(2 * time.Second)
				if joined := calls[2].took == 900*millis; joined != c.joined || service.calls() != 2 {
					t.Errorf("joined: %v, %d calls", joined, service.calls())
				}
				for _, one := range calls {
					if one.err != nil || !one.done {
						t.Errorf("got %v", one.err)
					}
				}
			})
		})
	}
}

type failing struct{}

// What others have purged cannot be heard without Redis: a view is then as old as the oldest
// answer that it is made of, and not as the moment in which it was made of that.
func TestAViewIsAsOldAsItsParts(t *testing.T) {
	const blind = time.Second
	server, m := redistest.Start(t), metrics()
	client, err := redis.Open(
		&redis.Config{URL: "redis://" + server.Address, Timeout: time.Second, Connections: 2, Namespace: "facet"},
		redis.Options{Gateway: "bff-test", Meter: m, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	deafen := sync.OnceFunc(client.Close)
	t.Cleanup(deafen)
	epochs := cache.NewEpochs("bff-test", client, blind)
	store, err := NewStore(cache.Config{MaxBytes: 1 << 20}, map[string]Service{"catalog": {Cache: &cacheDefaults}}, cache.Shared{Epochs: epochs, Meter: m})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	service := &stub{}
	answer, fill := Cache(cacheDefaults, nil, Shared{Store: store, Epochs: epochs, Metrics: m})
	send := backend.Chain(service.send, Tags(epochs), answer, fill)
	redistest.Eventually(t, "it hears", epochs.Synced)
	began := time.Now()
	if _, err := send(t.Context(), get()); err != nil {
		t.Fatal(err)
	}
	deafen()
	redistest.Eventually(t, "it hears no more", func() bool { return !epochs.Synced() })
	time.Sleep(time.Until(began.Add(blind * 3 / 4)))
	ctx, trace := epochs.Trace(t.Context())
	if _, err := send(ctx, get()); err != nil || service.calls() != 1 {
		t.Fatalf("%v, %d calls", err, service.calls())
	}
	if stamps := trace.Stamps(); !epochs.Hold(stamps) {
		t.Error("it is too old at once")
	} else if time.Sleep(time.Until(began.Add(blind * 5 / 4))); epochs.Hold(stamps) {
		t.Error("its part is too old, and it is not")
	}
}
