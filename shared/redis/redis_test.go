package redis_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/redis"
	"github.com/facet-bff/facet/shared/redis/redistest"
)

// A meter remembers what was counted.
type meter struct {
	mu        sync.Mutex
	calls     map[string]int
	reachable bool
}

func (m *meter) RedisCalled(command, outcome string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.calls == nil {
		m.calls = make(map[string]int)
	}
	m.calls[command+" "+outcome]++
}

func (m *meter) RedisReachable(reachable bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reachable = reachable
}

func (m *meter) count(what string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.calls[what]
}

// patience is a timeout that a busy machine does not run into.
const patience = time.Second

func config(address string) redis.Config {
	return redis.Config{URL: "redis://" + address, Timeout: patience, Connections: 8, Namespace: "facet", Blind: time.Minute}
}

func open(t *testing.T, c redis.Config) (*redis.Client, *meter) {
	t.Helper()
	m := &meter{}
	client, err := redis.Open(&c, redis.Options{Gateway: "bff-test", Meter: m, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client, m
}

func TestCommands(t *testing.T) {
	server := redistest.Start(t)
	c, m := open(t, config(server.Address))
	ctx, key := t.Context(), c.Key("k")
	if key != "facet:2:bff-test:k" || c.Common("k") != "facet:2:k" {
		t.Errorf("keys %q and %q", key, c.Common("k"))
	}
	if v, _, err := c.Get(ctx, key); v != nil || err != nil {
		t.Errorf("nothing: %q, %v", v, err)
	}
	if err := c.Set(ctx, key, []byte("v\x00"), time.Minute); err != nil {
		t.Fatal(err)
	}
	if v, left, err := c.Get(ctx, key); string(v) != "v\x00" || left <= 59*time.Second || left > time.Minute || err != nil {
		t.Errorf("got %q for %v, %v", v, left, err)
	}
	if err := c.Set(ctx, key, nil, time.Microsecond); err != nil {
		t.Errorf("less time than Redis can count: %v", err)
	}
	if err := c.Delete(ctx, key); err != nil {
		t.Error(err)
	}
	set := redis.NewScript("put", `redis.call('HSET', KEYS[1], 'a', ARGV[1]) return {1, 'two'}`)
	for range 2 {
		result, err := c.Run(ctx, set, []string{c.Key("h")}, 7)
		if fmt.Sprint(result) != "[1 two]" || err != nil {
			t.Errorf("script: %v, %v", result, err)
		}
	}
	if h, err := c.Hash(ctx, c.Key("h")); len(h) != 1 || h["a"] != "7" || err != nil {
		t.Errorf("hash: %v, %v", h, err)
	}
	if result, err := c.Run(ctx, redis.NewScript("none", `return false`), nil); result != nil || err != nil {
		t.Errorf("no result: %v, %v", result, err)
	}
	if m.count("get ok") != 2 || m.count("put ok") != 2 || m.count("hash ok") != 1 {
		t.Errorf("counted %v", m.calls)
	}
}

func TestWhatRedisRefusesDoesNotOpenTheBreaker(t *testing.T) {
	server := redistest.Start(t)
	c, m := open(t, config(server.Address))
	if _, err := c.Run(t.Context(), redis.NewScript("broken", `return redis.call('HGET', KEYS[1])`), []string{"k"}); err == nil {
		t.Error("a wrong command succeeded")
	}
	if !c.Reachable() || m.count("broken failed") != 1 {
		t.Errorf("reachable: %v, counted %v", c.Reachable(), m.calls)
	}
}

// A Redis that is gone costs once; all are refused at once then; and it comes back.
func TestAKilledRedisIsBypassedUntilItIsBack(t *testing.T) {
	server := redistest.Start(t)
	var log buffer
	c := config(server.Address)
	m := &meter{}
	client, err := redis.Open(&c, redis.Options{Gateway: "bff-test", Meter: m, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server.Kill()
	if _, _, err := client.Get(t.Context(), "k"); err == nil || errors.Is(err, redis.ErrUnavailable) {
		t.Errorf("the first: %v", err)
	}
	for range 100 {
		if _, _, err := client.Get(t.Context(), "k"); !errors.Is(err, redis.ErrUnavailable) {
			t.Fatalf("the next: %v", err)
		}
	}
	if m.count("get failed") != 1 || m.count("get bypassed") != 100 {
		t.Errorf("counted %v", m.calls)
	}
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	redistest.Eventually(t, "Redis is back", client.Reachable)
	if _, _, err := client.Get(t.Context(), "k"); err != nil {
		t.Errorf("back: %v", err)
	}
	if text := log.String(); strings.Count(text, "bypassed") != 1 || strings.Count(text, "answers again") != 1 {
		t.Errorf("logged:\n%s", text)
	}
}

// A buffer may be written and read at the same time.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// mute accepts connections and never answers.
func mute(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l.Addr().String()
}

func TestARedisThatIsMissingAtTheStartIsNoError(t *testing.T) {
	c, m := open(t, config(mute(t)))
	began := time.Now()
	if err := c.Set(t.Context(), "k", nil, time.Minute); !errors.Is(err, redis.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(began); took > patience/2 {
		t.Errorf("took %v", took)
	}
	if m.reachable {
		t.Error("it is said to be reachable")
	}
}

// A proxy stands before a Redis and can hold everything back.
type proxy struct {
	address string
	held    sync.RWMutex
}

func startProxy(t *testing.T, to string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{address: l.Addr().String()}
	var group sync.WaitGroup
	pass := func(from, to net.Conn) {
		defer from.Close()
		defer to.Close()
		buf := make([]byte, 4<<10)
		for {
			n, err := from.Read(buf)
			if err != nil {
				return
			}
			p.held.RLock()
			_, err = to.Write(buf[:n])
			p.held.RUnlock()
			if err != nil {
				return
			}
		}
	}
	group.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				_ = in.Close()
				continue
			}
			group.Go(func() { pass(in, out) })
			group.Go(func() { pass(out, in) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		group.Wait()
	})
	return p
}

func TestASlowRedisCostsItsTimeoutOnce(t *testing.T) {
	p := startProxy(t, redistest.Start(t).Address)
	const timeout = 300 * time.Millisecond
	settings := config(p.address)
	settings.Timeout = timeout
	c, _ := open(t, settings)
	if err := c.Set(t.Context(), "k", nil, time.Minute); err != nil {
		t.Fatal(err)
	}
	p.held.Lock()
	began := time.Now()
	for range 50 {
		_, _, _ = c.Get(t.Context(), "k")
	}
	if took := time.Since(began); took > 3*timeout {
		t.Errorf("50 calls took %v", took)
	}
	if c.Reachable() {
		t.Error("it is still called")
	}
	p.held.Unlock()
	redistest.Eventually(t, "Redis is called again", c.Reachable)
}

func TestACallerWithLittleTimeSaysNothingOfRedis(t *testing.T) {
	p := startProxy(t, redistest.Start(t).Address)
	c, _ := open(t, config(p.address))
	p.held.Lock()
	defer p.held.Unlock()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, _, err := c.Get(ctx, "k"); err == nil {
		t.Error("it succeeded")
	}
	if took := time.Since(began); took > patience/2 {
		t.Errorf("took %v", took)
	}
	if !c.Reachable() {
		t.Error("the breaker is open")
	}
	if _, _, err := c.Get(ctx, "k"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("no time left: %v", err)
	}
}
