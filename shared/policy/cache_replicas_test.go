package policy

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/observe"
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

// looked is how often a replica's cache has answered, and how often it has not.
func (r *replica) looked(t *testing.T) (hits, misses float64) {
	t.Helper()
	of := func(result string) float64 {
		return observetest.Sum(t, r.metrics.Registry(), "facet_cache_lookups_total", "catalog", result)
	}
	return of("hit"), of("miss")
}

// Whoever looks at the metrics sees what the service is spared, whichever level spares it.
func TestAHitInTheSecondLevelIsAHit(t *testing.T) {
	server, service := redistest.Start(t), costly()
	config := CacheConfig{TTL: time.Minute, MaxEntry: 1 << 20}
	a, b := join(t, server.Address, config, service.send), join(t, server.Address, config, service.send)
	askAll(t, 1, a)
	askAll(t, 20, b) // one looks into Redis, for all who ask at the same time
	notes := observe.NewRequest(nil)
	ctx, step := notes.StartStep(t.Context(), "product")
	other := get()
	other.Path += "/other"
	_, _ = a.send(t.Context(), other)
	if _, err := b.send(ctx, other); err != nil {
		t.Fatal(err)
	}
	step.Done()
	if timing := notes.ServerTiming(); !strings.Contains(timing, "cached=1") {
		t.Errorf("Server-Timing: %s", timing)
	}
	if hits, misses := a.looked(t); hits != 0 || misses != 2 {
		t.Errorf("who asked the service: %v hits, %v misses", hits, misses)
	}
	if hits, misses := b.looked(t); hits != 21 || misses != 0 || service.calls() != 2 {
		t.Errorf("the other: %v hits, %v misses; %d calls", hits, misses, service.calls())
	}
}

// That there is nothing is an answer, too.
func TestAnAbsenceInTheSecondLevelIsAHit(t *testing.T) {
	server, service := redistest.Start(t), &stub{answer: func(context.Context, int) (*backend.Response, error) {
		return nil, (&backend.StatusError{Status: http.StatusNotFound}).Fault(get())
	}}
	config := CacheConfig{NegativeTTL: time.Minute, MaxEntry: 1 << 20}
	a, b := join(t, server.Address, config, service.send), join(t, server.Address, config, service.send)
	for _, r := range []*replica{a, b} {
		if _, err := r.send(t.Context(), get()); fault.From(err).HTTPStatus() != http.StatusNotFound {
			t.Errorf("got %v", err)
		}
	}
	if hits, misses := b.looked(t); hits != 1 || misses != 0 || service.calls() != 1 {
		t.Errorf("%v hits, %v misses; %d calls", hits, misses, service.calls())
	}
}

// What another replica has kept for a while is as old as it is, whoever gives it.
func TestAnAnswerIsAsOldInTheSecondLevel(t *testing.T) {
	server, service := redistest.Start(t), costly("Cache-Control", "max-age=60", "Age", "40")
	config := CacheConfig{MaxEntry: 1 << 20}
	a, b := join(t, server.Address, config, service.send), join(t, server.Address, config, service.send)
	route := get()
	route.Stream = true
	var ended time.Time
	for i, r := range []*replica{a, b} {
		notes := observe.NewRequest(nil)
		if _, err := r.send(observe.NewContext(t.Context(), notes), get()); err != nil {
			t.Fatal(err)
		}
		until := notes.Keeping().Until
		if i > 0 && until.After(ended) {
			t.Errorf("it ends %v later at another replica", until.Sub(ended))
		}
		ended = until
		if i == 0 {
			time.Sleep(20 * time.Millisecond) // it gets older
		}
		res, err := r.send(t.Context(), route)
		if err != nil {
			t.Fatal(err)
		}
		status, age := res.Header.Get("Cache-Status"), res.Header.Get("Age")
		if want := [...]string{"facet; fwd=uri-miss", "facet; hit; ttl=19"}[i]; status != want || age != "40" {
			t.Errorf("replica %d: Cache-Status %q, Age %q", i, status, age)
		}
	}
	if service.calls() != 2 {
		t.Errorf("%d calls", service.calls())
	}
}

// The clock of the replica that has kept an answer may be ahead of ours.
func TestNoAnswerIsYoungerThanNow(t *testing.T) {
	now := time.Now()
	e := &Entry{res: ok(), made: now.Add(3 * time.Second), fresh: now.Add(time.Minute)}
	req := get()
	req.Stream = true
	if age := (&keeper{}).kept(req, e, now).Header.Get("Age"); age != "0" {
		t.Errorf("Age: %s", age)
	}
}
