package cache

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func size(s string) int64 { return int64(len(s)) }

// open returns a store that is closed before the test, or its bubble, ends.
func open(t *testing.T, maxBytes int64, hash func(string) (uint64, uint64)) *Store[string] {
	t.Helper()
	s, err := newStore(Config{MaxBytes: maxBytes}, size, hash, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestSetIsVisibleAtOnceAndEndsWithItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 1<<20, nil)
		s.Set("k", "v", time.Minute)
		time.Sleep(time.Minute)
		if v, ok := s.Get("k"); !ok || v != "v" {
			t.Fatalf("within its time: %q, %v", v, ok)
		}
		time.Sleep(time.Nanosecond)
		if v, ok := s.Get("k"); ok {
			t.Fatalf("after its time: %q", v)
		}
	})
}

func TestSetReplacesAndDeleteForgets(t *testing.T) {
	s := open(t, 1<<20, nil)
	s.Set("k", "old", time.Minute)
	s.Set("k", "new", time.Minute)
	if v, _ := s.Get("k"); v != "new" {
		t.Errorf("replaced: %q", v)
	}
	s.Delete("k")
	if v, ok := s.Get("k"); ok {
		t.Errorf("deleted: %q", v)
	}
}

func TestNothingIsKeptWithoutTime(t *testing.T) {
	s := open(t, 1<<20, nil)
	for _, ttl := range []time.Duration{0, -time.Second} {
		s.Set("k", "v", ttl)
		if v, ok := s.Get("k"); ok {
			t.Errorf("ttl %v kept %q", ttl, v)
		}
	}
}

func TestCollidingKeysNeverShareAnEntry(t *testing.T) {
	for name, hash := range map[string]func(string) (uint64, uint64){
		"one hash":  func(string) (uint64, uint64) { return 1, 0 },
		"both hash": func(string) (uint64, uint64) { return 1, 1 },
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, 1<<20, hash)
			s.Set("alice", "alice's", time.Minute)
			if v, ok := s.Get("bob"); ok {
				t.Fatalf("bob got %q", v)
			}
			s.Set("bob", "bob's", time.Minute)
			if v, ok := s.Get("alice"); ok && v != "alice's" {
				t.Fatalf("alice got %q", v)
			}
		})
	}
}

func TestTheSizeOfAllEntriesIsBounded(t *testing.T) {
	const limit = 64 << 10
	s := open(t, limit, nil)
	value := strings.Repeat("x", 1000)
	kept := 0
	for i := range 1000 {
		s.Set(fmt.Sprint("key", i), value, time.Minute)
	}
	for i := range 1000 {
		if _, ok := s.Get(fmt.Sprint("key", i)); ok {
			kept++
		}
	}
	if kept == 0 || kept > limit/1000 {
		t.Errorf("%d entries of 1000 bytes in %d bytes", kept, limit)
	}
	s.Set("huge", strings.Repeat("x", 2*limit), time.Minute)
	if _, ok := s.Get("huge"); ok {
		t.Error("an entry larger than the store was kept")
	}
}

func TestAKeyCounts(t *testing.T) {
	s := open(t, 10<<10, nil)
	long := strings.Repeat("k", 20<<10)
	s.Set(long, "", time.Minute)
	if _, ok := s.Get(long); ok {
		t.Error("a key larger than the store was kept")
	}
}

func TestAClosedStoreIsEmpty(t *testing.T) {
	s := open(t, 1<<20, nil)
	s.Set("k", "v", time.Minute)
	s.Close()
	s.Set("k", "v", time.Minute)
	if _, ok := s.Get("k"); ok {
		t.Error("found after Close")
	}
}

func TestAStoreWithoutRoomIsRefused(t *testing.T) {
	if _, err := New(Config{}, size); err == nil || !strings.Contains(err.Error(), "max_bytes") {
		t.Errorf("got %v", err)
	}
}

func ExampleStore() {
	store, err := New(Config{MaxBytes: 1 << 20}, func(s string) int64 { return int64(len(s)) })
	if err != nil {
		panic(err)
	}
	defer store.Close()

	store.Set("greeting", "hello", time.Minute)
	fmt.Println(store.Get("greeting"))
	// Output: hello true
}

func BenchmarkGet(b *testing.B) {
	s, err := New(Config{MaxBytes: 1 << 20}, size)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	s.Set("key", "value", time.Hour)
	b.ReportAllocs()
	for b.Loop() {
		s.Get("key")
	}
}
