package policy

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/observe/observetest"
	"github.com/facet-bff/facet/shared/redis/redistest"
)

// What replicas share is kept apart like what each has for itself.
func TestNobodyGetsWhatWasMadeForAnotherByAReplica(t *testing.T) {
	server, r := redistest.Start(t), rand.New(rand.NewPCG(3, 4))
	config := CacheConfig{TTL: time.Minute, MaxEntry: 1 << 20, Ops: map[string]OpCache{"named": {TTL: new(time.Minute)}}}
	var current atomic.Pointer[honest]
	service := func(ctx context.Context, req *backend.Request) (*backend.Response, error) {
		return current.Load().send(ctx, req)
	}
	replicas := []*replica{join(t, server.Address, config, service), join(t, server.Address, config, service)}
	for range 60 {
		says := honest{controls[r.IntN(len(controls))], varieties[r.IntN(len(varieties))]}
		current.Store(&says)
		// The answers of a service that says something else are not asked for any more.
		path := "/" + says.control + "/" + says.vary
		for range 40 {
			req := randomRequest(r)
			req.Path += path
			want := says.body(req)
			res, err := replicas[r.IntN(2)].send(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			if got := read(t, res); got != want {
				t.Fatalf("with %q, Vary %q:\n got %s\nwant %s", says.control, says.vary, got, want)
			}
		}
	}
	hits := 0.0
	for _, one := range replicas {
		hits += observetest.Sum(t, one.metrics.Registry(), "facet_cache_second_level_total", "answers", "hit")
	}
	if hits < 100 {
		t.Errorf("only %v answers were another replica's", hits)
	}
}

// RFC 9111, 4.4, and what one replica has changed the others do not give any more.
func TestAChangeIsHeardOfByReplicas(t *testing.T) {
	server, service := redistest.Start(t), &stub{}
	config := CacheConfig{TTL: time.Minute, MaxEntry: 1 << 20}
	a, b := join(t, server.Address, config, service.send), join(t, server.Address, config, service.send)
	askAll(t, 1, a)
	askAll(t, 1, b)
	if service.calls() != 1 {
		t.Fatalf("%d calls", service.calls())
	}
	change := get()
	change.Method, change.Safe = http.MethodPut, false
	if _, err := a.send(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	redistest.Eventually(t, "b asks anew", func() bool {
		askAll(t, 1, b)
		return service.calls() == 3
	})
}
