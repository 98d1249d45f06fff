// Package cache keeps answers in this process, and says for how long an answer may be
// kept (RFC 9111).
package cache

import (
	"fmt"
	"time"

	"github.com/dgraph-io/ristretto/v2"
)

// Config is the section "cache".
type Config struct {
	// MaxBytes bounds what all entries together may cost, keys included.
	MaxBytes int64 `yaml:"max_bytes" default:"64MiB" unit:"bytes" validate:"min=1"`
}

// A Store keeps values by key until their time is over or others are asked for more
// often: any entry may be missing at any time. It is safe for concurrent use. Values are
// shared by everyone who gets them, so nobody may change one.
type Store[V any] struct {
	entries *ristretto.Cache[string, entry[V]]
	cost    func(V) int64
}

// An entry keeps its whole key: the store below compares hashes, and a key that collides
// with another caller's must not get that caller's answer.
type entry[V any] struct {
	key   string
	value V
}

// New returns an empty store. cost is the size of a value in bytes. Close the store when
// nobody uses it any more.
func New[V any](c Config, cost func(V) int64) (*Store[V], error) {
	return newStore(c, cost, nil)
}

// typicalEntry is used to guess how many entries fill a store.
const typicalEntry = 4 << 10

func newStore[V any](c Config, cost func(V) int64, hash func(string) (uint64, uint64)) (*Store[V], error) {
	entries, err := ristretto.NewCache(&ristretto.Config[string, entry[V]]{
		MaxCost:     c.MaxBytes,
		NumCounters: max(10*c.MaxBytes/typicalEntry, 1000),
		BufferItems: 64,
		KeyToHash:   hash,
	})
	if err != nil {
		return nil, fmt.Errorf("cache: max_bytes %d: %w", c.MaxBytes, err)
	}
	return &Store[V]{entries: entries, cost: cost}, nil
}

// Get returns the value of key, if it is there and its time is not over.
func (s *Store[V]) Get(key string) (v V, ok bool) {
	e, ok := s.entries.Get(key)
	if !ok || e.key != key {
		return v, false
	}
	return e.value, true
}

// Set keeps v for ttl; a ttl that is not positive keeps nothing. When it returns, Get
// finds the value, unless the store had no room for it.
func (s *Store[V]) Set(key string, v V, ttl time.Duration) {
	if ttl <= 0 {
		return // the store below would keep it for ever
	}
	cost := s.cost(v) + int64(len(key))
	if s.entries.SetWithTTL(key, entry[V]{key, v}, cost, ttl) {
		// It has only been queued, behind at most what other callers are waiting for.
		s.entries.Wait()
	}
}

// Delete forgets key.
func (s *Store[V]) Delete(key string) { s.entries.Del(key) }

// Close frees the store. Afterwards it is empty, and stays so; it must not be called
// while other methods run. A nil Store has nothing to free.
func (s *Store[V]) Close() {
	if s != nil {
		s.entries.Close()
	}
}
