package services_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/cache"
	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/policy"
	"github.com/facet-bff/facet/shared/redis"
	"github.com/facet-bff/facet/shared/redis/redistest"
	"github.com/facet-bff/facet/shared/services"
)

func TestReplicasShareAnswersAndPurges(t *testing.T) {
	var asked atomic.Int32
	catalog := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		_, _ = w.Write([]byte(`{}`))
	}))
	defer catalog.Close()
	server := redistest.Start(t)
	start := func() *services.Running {
		t.Helper()
		running, err := services.Open(services.Config{
			Services: map[string]policy.Service{"catalog": {
				URL: catalog.URL, Timeout: policy.TimeoutConfig{Default: time.Second}, Cache: &policy.CacheConfig{TTL: time.Minute, MaxEntry: 1 << 20},
				Connections: backend.Connections{MaxResponse: 1 << 20, MaxConns: 4, MaxIdleConns: 4, DialTimeout: time.Second},
			}},
			Cache: cache.Config{MaxBytes: 1 << 20, Shared: true},
			Redis: &redis.Config{URL: server.URL, Timeout: time.Second, Connections: 4, Namespace: "facet", Blind: time.Minute},
		}, services.Options{Gateway: "bff-test", Metrics: observe.NewMetrics("test"), Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(running.Close)
		redistest.Eventually(t, "it is ready", func() bool { return running.Shared().Redis.Reachable() && running.Shared().Epochs.Synced() })
		return running
	}
	a, b := start(), start()
	ask := func(r *services.Running) {
		t.Helper()
		_, err := r.Calls().Get("catalog").Send(t.Context(), &backend.Request{
			Op: "product", Method: http.MethodGet, Path: "/products/p1", Safe: true, Tags: []string{"product:p1"},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	ask(a)
	ask(b)
	if n := asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
	for _, wrong := range []cache.Purge{
		{}, {Services: []string{"carts"}}, {Paths: []cache.Path{{Service: "carts", Path: "/"}}},
	} {
		if _, err := a.Purge(t.Context(), wrong); err == nil {
			t.Errorf("%+v was accepted", wrong)
		}
	}
	if told, err := a.Purge(t.Context(), cache.Purge{Tags: []string{"product:p1"}}); !told || err != nil {
		t.Errorf("told %v, %v", told, err)
	}
	redistest.Eventually(t, "b asks anew", func() bool { ask(b); return asked.Load() == 2 })
	ask(a)
	if n := asked.Load(); n != 2 {
		t.Errorf("asked %d times", n)
	}
}

func TestARedisThatCannotBeMeantIsRefused(t *testing.T) {
	_, err := services.Open(services.Config{Redis: &redis.Config{URL: "http://redis"}}, services.Options{Metrics: observe.NewMetrics("test")})
	if err == nil || !strings.HasPrefix(err.Error(), "redis: url: ") {
		t.Errorf("got %v", err)
	}
}
