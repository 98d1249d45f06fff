package cache

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/redis"
	"github.com/facet-bff/facet/shared/redis/redistest"

	"github.com/facet-bff/facet/shared/cache/pack"
)

// A meter counts for all.
type meter struct {
	mu      sync.Mutex
	counted map[string]int
}

func (m *meter) count(what string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.counted == nil {
		m.counted = make(map[string]int)
	}
	m.counted[what]++
}

func (m *meter) RedisCalled(command, outcome string) { m.count(command + " " + outcome) }
func (m *meter) RedisReachable(bool)                 {}
func (m *meter) Evicted(cache, of string)            { m.count(cache + " evicted " + of) }
func (m *meter) SecondLevel(cache, result string)    { m.count(cache + " " + result) }
func (m *meter) saw(t *testing.T, what string, n int) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.counted[what] != n {
		t.Errorf("%d times %s, want %d: %v", m.counted[what], what, n, m.counted)
	}
}

var texts = Codec[string]{
	Append: pack.AppendText[string],
	Read:   func(r *pack.Reader) string { return r.Text() },
}

// A replica is what one process has.
type replica struct {
	*Store[string]
	*Epochs
	meter  *meter
	client *redis.Client
}

func join(t *testing.T, address, gateway string) *replica {
	t.Helper()
	r := &replica{meter: &meter{}}
	c := redis.Config{URL: "redis://" + address, Timeout: time.Second, Connections: 8, Namespace: "facet"}
	var err error
	if r.client, err = redis.Open(&c, redis.Options{Gateway: gateway, Meter: r.meter, Log: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.client.Close)
	r.Epochs = NewEpochs(gateway, r.client, time.Minute)
	r.Store, err = Open(Config{MaxBytes: 1 << 20, Shared: true}, size,
		Options[string]{Name: "texts", Codec: texts, Shared: Shared{Epochs: r.Epochs, Redis: r.client, Meter: r.meter}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	r.ready(t)
	return r
}

func (r *replica) ready(t *testing.T) {
	t.Helper()
	redistest.Eventually(t, "the replica is ready", func() bool { return r.client.Reachable() && r.Synced() })
}

func (r *replica) keep(t *testing.T, key, value string, tags ...string) {
	t.Helper()
	r.Put(t.Context(), key, value, time.Minute, r.Answer("catalog", "/"+key, tags))
}

func (r *replica) wants(t *testing.T, key, value string) {
	t.Helper()
	if got, ok := r.Fetch(t.Context(), key); got != value || ok != (value != "") {
		t.Errorf("%s: got %q, %v, want %q", key, got, ok, value)
	}
}

func TestReplicasShareWhatTheyKeep(t *testing.T) {
	server := redistest.Start(t)
	a, b, other := join(t, server.Address, "bff-a"), join(t, server.Address, "bff-a"), join(t, server.Address, "bff-b")
	long := strings.Repeat("long ", 10_000)
	a.keep(t, "short", "v")
	a.keep(t, "long", long)
	b.wants(t, "short", "v")
	b.wants(t, "long", long)
	b.wants(t, "none", "")
	b.meter.saw(t, "texts hit", 2)
	b.meter.saw(t, "texts miss", 1)
	b.wants(t, "short", "v") // now from its own memory
	b.meter.saw(t, "texts hit", 2)
	other.wants(t, "short", "")
	a.Delete("short")
	join(t, server.Address, "bff-a").wants(t, "short", "")
}

func TestWhatIsLeftOfItsTimeIsShared(t *testing.T) {
	server := redistest.Start(t)
	a, b := join(t, server.Address, "bff-a"), join(t, server.Address, "bff-a")
	a.Put(t.Context(), "k", "v", 400*time.Millisecond, a.Answer("catalog", "/k", nil))
	b.wants(t, "k", "v")
	server.FastForward(500 * time.Millisecond)
	redistest.Eventually(t, "its time is over in both levels", func() bool {
		_, ok := b.Fetch(t.Context(), "k")
		return !ok
	})
}

// What nobody else wrote like this is a miss, and counted.
func TestGarbageIsAMiss(t *testing.T) {
	server := redistest.Start(t)
	a := join(t, server.Address, "bff-a")
	good := seal(texts, "k", a.era.Load(), a.Answer("catalog", "/k", nil), strings.Repeat("v", 1000))
	flipped := append([]byte{}, good...)
	flipped[len(flipped)/2] ^= 1
	newer := append([]byte{}, good...)
	newer[0]++
	values := map[string][]byte{
		"empty": {}, "text": []byte("garbage"), "cut": good[:len(good)-1], "flipped": flipped, "another version": newer,
		"another key's": seal(texts, "other", a.era.Load(), a.Answer("catalog", "/k", nil), "v"),
	}
	for name, value := range values {
		if err := a.client.Set(t.Context(), a.second.key("k"), value, time.Minute); err != nil {
			t.Fatal(err)
		}
		if v, ok := a.Fetch(t.Context(), "k"); ok {
			t.Errorf("%s: got %q", name, v)
		}
	}
	a.meter.saw(t, "texts garbage", len(values))
	if err := a.client.Set(t.Context(), a.second.key("k"), good, time.Minute); err != nil {
		t.Fatal(err)
	}
	a.wants(t, "k", strings.Repeat("v", 1000))
}

func TestKeysAndValuesTellNothingOfTheRequest(t *testing.T) {
	server := redistest.Start(t)
	a := join(t, server.Address, "bff-a")
	const secret = "Authorization: Bearer s3cret"
	key := a.second.key(secret)
	if !strings.HasPrefix(key, "facet:2:bff-a:texts:") || strings.Contains(key, "s3cret") {
		t.Errorf("key %q", key)
	}
	if sealed := seal(texts, secret, 1, Stamps{}, "v"); strings.Contains(string(sealed), "s3cret") {
		t.Errorf("value %q", sealed)
	}
}

func TestAPurgeReachesAllReplicas(t *testing.T) {
	server := redistest.Start(t)
	a, b, other := join(t, server.Address, "bff-a"), join(t, server.Address, "bff-a"), join(t, server.Address, "bff-b")
	for _, r := range []*replica{a, b, other} {
		r.keep(t, "k", "old", "tag")
		r.wants(t, "k", "old")
	}
	late := b.Answer("catalog", "/k", []string{"tag"})
	if !a.Purge(t.Context(), Purge{Tags: []string{"tag"}}) {
		t.Error("the others do not know")
	}
	a.wants(t, "k", "")
	began := time.Now()
	for _, r := range []*replica{b, other} {
		redistest.Eventually(t, "it is purged", func() bool { _, ok := r.Fetch(t.Context(), "k"); return !ok })
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("took %v", took)
	}
	b.Put(t.Context(), "k", "old", time.Minute, late) // it was under way
	a.wants(t, "k", "")
	b.wants(t, "k", "")
	a.keep(t, "k", "new", "tag")
	b.wants(t, "k", "new")
	a.Purge(t.Context(), Purge{Services: []string{"catalog"}}) // is the gateway's own
	other.keep(t, "k", "kept")
	redistest.Eventually(t, "it is purged", func() bool { _, ok := b.Fetch(t.Context(), "k"); return !ok })
	other.wants(t, "k", "kept")
}

// A replica that was started after a purge knows of it.
func TestAPurgeOutlivesTheReplicas(t *testing.T) {
	server := redistest.Start(t)
	a := join(t, server.Address, "bff-a")
	sealed := seal(texts, "k", a.era.Load(), a.Answer("catalog", "/k", []string{"tag"}), "old")
	a.Purge(t.Context(), Purge{Tags: []string{"tag"}})
	if err := a.client.Set(t.Context(), a.second.key("k"), sealed, time.Minute); err != nil {
		t.Fatal(err)
	}
	late := join(t, server.Address, "bff-a")
	late.wants(t, "k", "")
	late.meter.saw(t, "texts purged", 1)
}

// Where Redis has forgotten the purges, what it still has counts for nothing.
func TestAnswersOfAnotherEraAreNotTrusted(t *testing.T) {
	server := redistest.Start(t)
	a := join(t, server.Address, "bff-a")
	a.keep(t, "k", "old", "tag")
	if err := a.client.Delete(t.Context(), a.client.Common("epochs")); err != nil {
		t.Fatal(err)
	}
	join(t, server.Address, "bff-a").wants(t, "k", "")
}

// What happens while Redis is gone is made good for when it is back, although it has
// forgotten everything.
func TestPurgesAreMadeGoodForAfterALoss(t *testing.T) {
	server := redistest.Start(t)
	a, b := join(t, server.Address, "bff-a"), join(t, server.Address, "bff-a")
	a.Purge(t.Context(), Purge{Tags: []string{"early"}})
	redistest.Eventually(t, "b knows", func() bool { return b.slots[slotOf(ofTag, "early")].Load() != 0 })
	b.keep(t, "k", "old", "tag")
	b.keep(t, "kept", "kept", "other")
	server.Kill()
	redistest.Eventually(t, "both have noticed", func() bool { return !a.Synced() && !b.Synced() })
	if a.Purge(context.Background(), Purge{Tags: []string{"tag"}}) {
		t.Error("the others know, without a Redis")
	}
	b.wants(t, "k", "old") // it cannot know
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	a.ready(t)
	b.ready(t)
	redistest.Eventually(t, "b has learnt of it", func() bool { _, ok := b.Get("k"); return !ok })
	b.wants(t, "kept", "kept")
	c := join(t, server.Address, "bff-a")
	for _, tag := range []string{"early", "tag"} {
		redistest.Eventually(t, "a new replica learns of "+tag, func() bool { return c.slots[slotOf(ofTag, tag)].Load() != 0 })
	}
}

// limit bounds the memory of a Redis, which must be real.
func limit(t *testing.T, server *redistest.Server, bytes string) {
	t.Helper()
	if answer, err := server.Do("CONFIG", "SET", "maxmemory", bytes); answer != "+OK\r\n" {
		t.Fatalf("maxmemory %s: %q, %v", bytes, answer, err)
	}
}

// A Redis that is full is read, and not offered everything.
func TestAFullRedisIsSpared(t *testing.T) {
	server := redistest.Start(t)
	if !server.Real() {
		return // miniredis is never full
	}
	a, b := join(t, server.Address, "bff-a"), join(t, server.Address, "bff-a")
	a.keep(t, "early", "v")
	limit(t, server, "1")
	began := time.Now()
	for i := range 200 {
		a.keep(t, fmt.Sprint("k", i), "v")
	}
	a.meter.mu.Lock()
	if refused := a.meter.counted["set failed"]; refused > 1+int(time.Since(began)/respite) {
		t.Errorf("refused %d times", refused)
	}
	a.meter.mu.Unlock()
	a.wants(t, "k199", "v")
	b.wants(t, "early", "v")
	limit(t, server, "0")
	redistest.Eventually(t, "it is offered something", func() bool {
		a.keep(t, "late", "v")
		_, ok := b.Fetch(t.Context(), "late")
		return ok
	})
}

// A Redis that is full can keep no purge, but pass it on, once.
func TestAPurgeIsHeardOfThroughAFullRedis(t *testing.T) {
	server := redistest.Start(t)
	if !server.Real() {
		return // miniredis is never full
	}
	a, b := join(t, server.Address, "bff-a"), join(t, server.Address, "bff-a")
	b.keep(t, "k", "old", "tag")
	limit(t, server, "1")
	if a.Purge(t.Context(), Purge{Tags: []string{"tag"}}) {
		t.Error("it is said to be kept")
	}
	redistest.Eventually(t, "b has heard of it", func() bool { _, ok := b.Get("k"); return !ok })
	b.keep(t, "k", "new", "tag")
	failures := func() int {
		a.meter.mu.Lock()
		defer a.meter.mu.Unlock()
		return a.meter.counted["purge failed"]
	}
	redistest.Eventually(t, "a has tried again", func() bool { return failures() > 2 })
	b.wants(t, "k", "new")
	limit(t, server, "0")
	slot := slotOf(ofTag, "tag")
	redistest.Eventually(t, "Redis knows of it", func() bool {
		answer, err := server.Do("HGET", a.client.Common("epochs"), strconv.Itoa(int(slot)))
		return err == nil && strings.HasPrefix(answer, "$") && answer != "$-1\r\n"
	})
}

// A replica that cannot hear gives nothing that is too old.
func TestADeafReplicaGivesNothingOld(t *testing.T) {
	server := redistest.Start(t)
	a := join(t, server.Address, "bff-a")
	a.blind = 300 * time.Millisecond
	a.keep(t, "k", "v")
	server.Kill()
	redistest.Eventually(t, "it is too old", func() bool { _, ok := a.Get("k"); return !ok })
	a.keep(t, "k", "new")
	a.wants(t, "k", "new")
}

func TestWithoutRedisTheFirstLevelWorks(t *testing.T) {
	server := redistest.Start(t)
	a := join(t, server.Address, "bff-a")
	server.Kill()
	began := time.Now()
	for i := range 200 {
		key := fmt.Sprint("k", i)
		a.wants(t, key, "")
		a.keep(t, key, "v")
		a.wants(t, key, "v")
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("took %v", took)
	}
}

// What has to go for want of room is counted, by what it answers.
func TestEvictionsAreCounted(t *testing.T) {
	m := &meter{}
	s, err := Open(Config{MaxBytes: 8 << 10}, size, Options[string]{
		Name: "texts", Of: func(string) string { return "catalog.product" }, Shared: Shared{Meter: m},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i := range 200 {
		key := fmt.Sprint("key", i)
		for range 4 { // those that are asked for more often take the place of others
			s.Get(key)
		}
		s.Set(key, strings.Repeat("x", 1000), time.Minute)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.counted["texts evicted catalog.product"] == 0 {
		t.Errorf("counted %v", m.counted)
	}
}
