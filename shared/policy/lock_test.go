package policy

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/cache"
	"github.com/facet-bff/facet/shared/cache/pack"
	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/observe/observetest"
	"github.com/facet-bff/facet/shared/redis"
	"github.com/facet-bff/facet/shared/redis/redistest"
)

// A replica is the chain of one process.
type replica struct {
	send    backend.Sender
	metrics *observe.Metrics
	shared  cache.Shared
}

func join(t *testing.T, address string, c CacheConfig, service backend.Sender) *replica {
	t.Helper()
	r := &replica{metrics: metrics()}
	client, err := redis.Open(
		&redis.Config{URL: "redis://" + address, Timeout: time.Second, Connections: 8, Namespace: "facet"},
		redis.Options{Gateway: "bff-test", Meter: r.metrics, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	r.shared = cache.Shared{Epochs: cache.NewEpochs("bff-test", client, time.Minute), Redis: client, Meter: r.metrics}
	store, err := NewStore(cache.Config{MaxBytes: 1 << 20, Shared: true}, map[string]Service{"catalog": {Cache: &c}}, r.shared)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	answer, fill := Cache(c, nil, Shared{Store: store, Epochs: r.shared.Epochs, Metrics: r.metrics})
	r.send = backend.Chain(service, Tags(r.shared.Epochs), answer, Collapse(nil), fill)
	redistest.Eventually(t, "the replica is ready", func() bool { return client.Reachable() && r.shared.Epochs.Synced() })
	return r
}

// askAll asks all replicas at once, so many times each. All must be answered.
func askAll(t *testing.T, each int, replicas ...*replica) {
	t.Helper()
	var group sync.WaitGroup
	begin := make(chan struct{})
	for _, r := range replicas {
		for range each {
			group.Go(func() {
				<-begin
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				res, err := r.send(ctx, get())
				if err != nil || string(res.Body) != "answer" {
					t.Errorf("got %v, %v", res, err)
				}
			})
		}
	}
	close(begin)
	group.Wait()
}

// costly takes a while, so that all come while it is under way.
func costly(header ...string) *stub {
	return &stub{answer: func(context.Context, int) (*backend.Response, error) {
		time.Sleep(100 * time.Millisecond)
		res := ok()
		res.Header = headers(header...)
		return res, nil
	}}
}

var locked = CacheConfig{TTL: time.Minute, MaxEntry: 1 << 20, Lock: 5 * time.Second}

func TestThreeReplicasAskOnce(t *testing.T) {
	server, service := redistest.Start(t), costly()
	var replicas []*replica
	for range 3 {
		replicas = append(replicas, join(t, server.Address, locked, service.send))
	}
	askAll(t, 300, replicas...)
	if service.calls() != 1 {
		t.Errorf("%d calls", service.calls())
	}
	askAll(t, 10, join(t, server.Address, locked, service.send)) // one that comes later asks nobody
	if service.calls() != 1 {
		t.Errorf("%d calls", service.calls())
	}
}

func TestWithoutRedisEachReplicaAsksOnce(t *testing.T) {
	server, service := redistest.Start(t), costly()
	var replicas []*replica
	for range 3 {
		replicas = append(replicas, join(t, server.Address, locked, service.send))
	}
	server.Kill()
	askAll(t, 300, replicas...)
	if service.calls() > 3 {
		t.Errorf("%d calls", service.calls())
	}
}

// An answer that is not kept is not asked for by one after the other.
func TestWhatCannotBeKeptIsWaitedForOnce(t *testing.T) {
	server, service := redistest.Start(t), costly("Cache-Control", "no-store")
	var replicas []*replica
	for range 4 {
		replicas = append(replicas, join(t, server.Address, locked, service.send))
	}
	began := time.Now()
	askAll(t, 1, replicas...)
	if took := time.Since(began); took > 350*time.Millisecond || service.calls() != 4 {
		t.Errorf("%d calls in %v", service.calls(), took)
	}
}

// Whoever holds the lock may die.
func TestALockEndsByItself(t *testing.T) {
	server, service := redistest.Start(t), &stub{}
	c := locked
	c.Lock, c.Ops = 0, map[string]OpCache{"product": {Lock: new(200 * time.Millisecond)}}
	dead := join(t, server.Address, c, func(ctx context.Context, _ *backend.Request) (*backend.Response, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	group.Go(func() { _, _ = dead.send(ctx, get()) })
	defer group.Wait()
	defer cancel()
	redistest.Eventually(t, "it holds the lock", func() bool {
		return observetest.Sum(t, dead.metrics.Registry(), "facet_redis_calls_total", "lock", "ok") == 1
	})
	began := time.Now()
	askAll(t, 1, join(t, server.Address, c, service.send))
	if took := time.Since(began); took > 2*time.Second || service.calls() != 1 {
		t.Errorf("%d calls in %v", service.calls(), took)
	}
}

func TestWhoeverHasNoTimeDoesNotWaitForTheLock(t *testing.T) {
	server, service := redistest.Start(t), costly()
	a, b := join(t, server.Address, locked, service.send), join(t, server.Address, locked, service.send)
	var group sync.WaitGroup
	group.Go(func() { askAll(t, 1, a) })
	defer group.Wait()
	redistest.Eventually(t, "it holds the lock", func() bool { return service.calls() == 1 })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, _ = b.send(ctx, get())
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it waited for %v", took)
	}
}

func TestReplicasShareAnswersAndPurges(t *testing.T) {
	server, service := redistest.Start(t), &stub{}
	c := CacheConfig{TTL: time.Minute, MaxEntry: 1 << 20}
	a, b := join(t, server.Address, c, service.send), join(t, server.Address, c, service.send)
	askAll(t, 1, a)
	askAll(t, 1, b)
	if service.calls() != 1 {
		t.Errorf("%d calls", service.calls())
	}
	if n := observetest.Sum(t, b.metrics.Registry(), "facet_cache_second_level_total", "answers", "hit"); n != 1 {
		t.Errorf("%v hits in the second level", n)
	}
	if n := observetest.Sum(t, a.metrics.Registry(), "facet_cache_kept_bytes_total", "catalog", "product"); n != float64(len("answer")) {
		t.Errorf("%v bytes kept", n)
	}
	a.shared.Epochs.Purge(t.Context(), cache.Purge{Services: []string{"catalog"}})
	redistest.Eventually(t, "b asks anew", func() bool {
		askAll(t, 1, b)
		return service.calls() == 2
	})
}

func TestAnEntryIsReadAsItWas(t *testing.T) {
	now := time.Now().Truncate(time.Microsecond)
	at := func(seconds int) time.Time { return now.Add(time.Duration(seconds) * time.Second) }
	for _, e := range []*Entry{
		{
			res: &backend.Response{Status: 200, Header: headers("A", "1", "A", "2", "B", ""), Body: []byte("body")},
			of:  "catalog.product", asked: at(1), made: at(2), fresh: at(3), spare: at(4), rescue: at(5), strict: true, public: true, silent: true,
		},
		{res: &backend.Response{Status: 404, Header: headers(), Body: []byte{}}, asked: at(1), made: at(2), fresh: at(3), public: true},
		{vary: []string{"Accept-Language", "*"}, fresh: at(3)},
	} {
		b := appendEntry(nil, e)
		r := pack.NewReader(b)
		got := readEntry(r)
		if want := shown(e); !r.Done() || shown(got) != want {
			t.Errorf("got %s, want %s", shown(got), want)
		}
		for n := range b {
			if r := pack.NewReader(b[:n]); readEntry(r) != nil && r.Done() {
				t.Errorf("%d of %d bytes were taken for whole", n, len(b))
			}
		}
		b[0]++
		if r := pack.NewReader(b); readEntry(r) != nil && r.Done() {
			t.Error("another version was read")
		}
	}
}

func shown(e *Entry) string {
	var times []int64
	for _, t := range []time.Time{e.asked, e.made, e.fresh, e.spare, e.rescue} {
		times = append(times, t.UnixMicro())
	}
	return fmt.Sprint(e.of, e.res, e.vary, times, e.strict, e.public, e.silent)
}
