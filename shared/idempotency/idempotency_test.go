package idempotency

import (
	"errors"
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/redis"
	"github.com/facet-bff/facet/shared/redis/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type meter struct{}

func (meter) RedisCalled(string, string) {}
func (meter) RedisReachable(bool)        {}

func connect(t *testing.T, address string) *redis.Client {
	t.Helper()
	client, err := redis.Open(
		&redis.Config{URL: "redis://" + address, Timeout: time.Second, Connections: 8, Namespace: "facet"},
		redis.Options{Gateway: "bff-test", Meter: meter{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// each runs a test with both stores.
func each(t *testing.T, test func(t *testing.T, r *Records, pass func(time.Duration))) {
	t.Helper()
	t.Run("memory", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { test(t, New(nil), time.Sleep) })
	})
	t.Run("Redis", func(t *testing.T) {
		server := redistest.Start(t)
		test(t, New(connect(t, server.Address)), server.FastForward)
	})
}

var (
	key    = Key{Endpoint: "POST /orders", Issuer: "i", Subject: "u1", Key: "k"}
	first  = Fingerprint{1}
	other  = Fingerprint{2}
	answer = &Answer{Status: 201, Header: http.Header{"Location": {"/orders/1"}}, Body: []byte{'{', 0, 255, '}'}}
)

func TestAnAnswerIsGivenAgain(t *testing.T) {
	each(t, func(t *testing.T, r *Records, pass func(time.Duration)) {
		t.Helper()
		c, found, err := r.Claim(t.Context(), key, first, time.Second)
		if c == nil || found != nil || err != nil {
			t.Fatalf("got %v, %v, %v", c, found, err)
		}
		if _, _, err := r.Claim(t.Context(), key, first, time.Second); !errors.Is(err, ErrInFlight) {
			t.Errorf("under way: %v", err)
		}
		if _, _, err := r.Claim(t.Context(), key, other, time.Second); !errors.Is(err, ErrOther) {
			t.Errorf("another: %v", err)
		}
		if err := c.Settle(t.Context(), answer, 500*time.Millisecond); err != nil {
			t.Fatal(err)
		}
		c.Release() // does not count any more
		if _, found, err := r.Claim(t.Context(), key, first, time.Second); !reflect.DeepEqual(found, answer) || err != nil {
			t.Errorf("again: %+v, %v", found, err)
		}
		if _, _, err := r.Claim(t.Context(), key, other, time.Second); !errors.Is(err, ErrOther) {
			t.Errorf("another: %v", err)
		}
		pass(600 * time.Millisecond)
		if c, _, err := r.Claim(t.Context(), key, other, time.Second); c == nil {
			t.Errorf("its time is over: %v", err)
		}
	})
}

// A service may send bytes in a header that are no UTF-8.
func TestHeadersAreGivenAgainByteByByte(t *testing.T) {
	each(t, func(t *testing.T, r *Records, _ func(time.Duration)) {
		t.Helper()
		c, _, _ := r.Claim(t.Context(), key, first, time.Second)
		want := &Answer{Status: 201, Header: http.Header{"Content-Disposition": {"attachment; filename=caf\xe9.pdf", ""}, "Link": {}}}
		if err := c.Settle(t.Context(), want, time.Minute); err != nil {
			t.Fatal(err)
		}
		if _, found, err := r.Claim(t.Context(), key, first, time.Second); !reflect.DeepEqual(found, want) {
			t.Errorf("got %+v, %v", found, err)
		}
	})
}

func TestARefusalIsGivenAgain(t *testing.T) {
	each(t, func(t *testing.T, r *Records, _ func(time.Duration)) {
		t.Helper()
		c, _, _ := r.Claim(t.Context(), key, first, time.Second)
		want := &Answer{Refused: &Refusal{409, "d", []fault.Field{{In: "body", Detail: "x"}}}}
		if err := c.Settle(t.Context(), want, time.Minute); err != nil {
			t.Fatal(err)
		}
		if _, found, _ := r.Claim(t.Context(), key, first, time.Second); !reflect.DeepEqual(found, want) {
			t.Errorf("got %+v", found)
		}
	})
}

func TestEverybodyHasKeysOfTheirOwn(t *testing.T) {
	keys := []Key{
		key, {"POST /carts", "i", "u1", "k"}, {"POST /orders", "j", "u1", "k"}, {"POST /orders", "i", "u2", "k"},
		{"POST /orders", "i", "u1", "l"}, {"POST /orders", "iu1", "", "k"}, {"POST /orders", "i", "u1k", ""},
	}
	each(t, func(t *testing.T, r *Records, _ func(time.Duration)) {
		t.Helper()
		for _, k := range keys {
			if c, _, err := r.Claim(t.Context(), k, first, time.Minute); c == nil {
				t.Errorf("%v: %v", k, err)
			}
			if strings.Contains(k.name(), "u1") {
				t.Errorf("%v is named %s", k, k.name())
			}
		}
	})
}

func TestAReleasedKeyIsFree(t *testing.T) {
	each(t, func(t *testing.T, r *Records, _ func(time.Duration)) {
		t.Helper()
		c, _, _ := r.Claim(t.Context(), key, first, time.Minute)
		c.Release()
		next, _, err := r.Claim(t.Context(), key, other, time.Minute)
		if next == nil {
			t.Fatal(err)
		}
		c.Release()
		if err := c.Settle(t.Context(), answer, time.Minute); err != nil {
			t.Error(err)
		}
		if _, _, err := r.Claim(t.Context(), key, other, time.Minute); !errors.Is(err, ErrInFlight) {
			t.Errorf("the next one's claim was touched: %v", err)
		}
	})
}

// Whoever has died leaves a key that is free when its lease is over; whoever only took too
// long cannot take it from the next.
func TestALeaseEnds(t *testing.T) {
	each(t, func(t *testing.T, r *Records, pass func(time.Duration)) {
		t.Helper()
		slow, _, _ := r.Claim(t.Context(), key, first, 100*time.Millisecond)
		pass(150 * time.Millisecond)
		next, _, err := r.Claim(t.Context(), key, other, time.Minute)
		if next == nil {
			t.Fatal(err)
		}
		slow.Release()
		if _, _, err := r.Claim(t.Context(), key, other, time.Minute); !errors.Is(err, ErrInFlight) {
			t.Errorf("got %v", err)
		}
	})
	each(t, func(t *testing.T, r *Records, pass func(time.Duration)) {
		t.Helper()
		slow, _, _ := r.Claim(t.Context(), key, first, 100*time.Millisecond)
		pass(150 * time.Millisecond)
		if err := slow.Settle(t.Context(), answer, time.Minute); err != nil {
			t.Errorf("nobody else has begun: %v", err)
		}
		if _, found, _ := r.Claim(t.Context(), key, first, time.Minute); found == nil {
			t.Error("its answer is lost")
		}
	})
}

func TestOneOfManyMakesTheWrite(t *testing.T) {
	each(t, func(t *testing.T, r *Records, _ func(time.Duration)) {
		t.Helper()
		var mu sync.Mutex
		var group sync.WaitGroup
		made := 0
		for range 50 {
			group.Go(func() {
				c, _, err := r.Claim(t.Context(), key, first, time.Minute)
				mu.Lock()
				defer mu.Unlock()
				if c != nil {
					made++
				} else if !errors.Is(err, ErrInFlight) {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if made != 1 {
			t.Errorf("made %d times", made)
		}
	})
}

// Without the records nothing is promised; what was made just before is remembered here.
func TestALostRedis(t *testing.T) {
	server := redistest.Start(t)
	r := New(connect(t, server.Address))
	c, _, _ := r.Claim(t.Context(), key, first, time.Minute)
	server.Kill()
	if err := c.Settle(t.Context(), answer, time.Minute); err == nil {
		t.Error("it was kept in Redis")
	}
	if _, found, err := r.Claim(t.Context(), key, first, time.Minute); !reflect.DeepEqual(found, answer) {
		t.Errorf("got %v, %v", found, err)
	}
	if _, _, err := r.Claim(t.Context(), Key{Key: "other"}, first, time.Minute); !errors.Is(err, ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

func TestGarbageIsNoAnswer(t *testing.T) {
	server := redistest.Start(t)
	client := connect(t, server.Address)
	r := New(client)
	good := string(newValue(key.name(), settled, first, []byte(`{"status":201}`)))
	values := []string{
		"", "s", "s" + string(first[:]) + "{", good[:len(good)-1], good + "x", string(newValue(key.name(), settled, first, []byte("{"))),
		string(newValue("another", settled, first, []byte(`{"status":201}`))),
		strings.Repeat("garbage ", 10),
	}
	for i := range good {
		values = append(values, good[:i]+string(good[i]^1)+good[i+1:])
	}
	for _, value := range values {
		if err := client.Set(t.Context(), client.Key("idempotency:"+key.name()), []byte(value), time.Minute); err != nil {
			t.Fatal(err)
		}
		if _, _, err := r.Claim(t.Context(), key, first, time.Minute); !errors.Is(err, ErrUnavailable) {
			t.Errorf("%q: %v", value, err)
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	m := newMemory(10 * 1000)
	value := append([]byte{settled}, make([]byte, 1000-perRecord-2)...)
	for i := range 100 {
		m.put(string(rune('a'+i)), value, time.Hour)
		if m.size > m.most || len(m.records) != m.order.Len() {
			t.Fatalf("%d bytes, %d and %d records", m.size, len(m.records), m.order.Len())
		}
	}
	if len(m.records) < 8 || m.get(string(rune('a'+99))) == nil || m.get("a") != nil {
		t.Errorf("%d records", len(m.records))
	}
	under := append([]byte{pending}, value[1:]...)
	m = newMemory(10 * 1000)
	for i := range 9 {
		if _, err := m.claim(t.Context(), string(rune('a'+i)), under, time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := m.claim(t.Context(), "next", append(under, under...), time.Hour); err == nil {
		t.Error("what is under way had to go")
	}
}

// Whatever order they came in, answers whose time is over go before others.
func TestWhatIsOverGoesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory(10 * 1000)
		value := append([]byte{settled}, make([]byte, 1000-perRecord-10)...)
		m.put("day", value, 24*time.Hour)
		for range 3 {
			for i := range 9 {
				m.put(string(rune('a'+i)), value, time.Minute)
			}
			time.Sleep(time.Hour)
			m.put("next", value, time.Second)
			if m.get("day") == nil {
				t.Fatal("it has gone before its time")
			}
			if m.size > m.most || len(m.records) != m.order.Len() {
				t.Fatalf("%d bytes, %d and %d records", m.size, len(m.records), m.order.Len())
			}
			time.Sleep(time.Second)
		}
	})
}
