// Package cache keeps answers: in this process and, where there is a Redis, in a second level
// that replicas share. It says for how long an answer may be kept (RFC 9111), and purges what
// is out of date before ([Epochs]).
package cache

import (
	"context"
	"fmt"
	"time"

	"github.com/dgraph-io/ristretto/v2"
)

// Config is the section "cache".
type Config struct {
	// MaxBytes bounds what all entries together may cost, keys included.
	MaxBytes int64 `yaml:"max_bytes" default:"64MiB" unit:"bytes" validate:"min=1"`
	// Shared keeps entries in Redis as well, if the gateway has one, for all its replicas.
	Shared bool `yaml:"shared" default:"true"`
}

// A Store keeps values by key until their time is over or others are asked for more
// often: any entry may be missing at any time. It is safe for concurrent use. Values are
// shared by everyone who gets them, so nobody may change one.
type Store[V any] struct {
	entries *ristretto.Cache[string, entry[V]]
	cost    func(V) int64

	epochs *Epochs
	second *level[V] // nil: there is none
}

// An entry keeps its whole key: the store below compares hashes, and a key that collides
// with another caller's must not get that caller's answer.
type entry[V any] struct {
	key    string
	value  V
	stamps Stamps
}

// New returns an empty store. cost is the size of a value in bytes. Close the store when
// nobody uses it any more.
func New[V any](c Config, cost func(V) int64) (*Store[V], error) {
	return newStore[V](c, cost, nil, nil)
}

// Open is New for a store that can be purged, or has a second level.
func Open[V any](c Config, cost func(V) int64, o Options[V]) (*Store[V], error) {
	s, err := newStore(c, cost, nil, o.evicted())
	if err != nil {
		return nil, err
	}
	s.epochs = o.Epochs
	if o.Redis != nil && c.Shared {
		s.second = &level[V]{Options: o}
	}
	return s, nil
}

// typicalEntry is used to guess how many entries fill a store.
const typicalEntry = 4 << 10

func newStore[V any](
	c Config, cost func(V) int64, hash func(string) (uint64, uint64), evicted func(*ristretto.Item[entry[V]]),
) (*Store[V], error) {
	entries, err := ristretto.NewCache(&ristretto.Config[string, entry[V]]{
		MaxCost:     c.MaxBytes,
		NumCounters: max(10*c.MaxBytes/typicalEntry, 1000),
		BufferItems: 64,
		KeyToHash:   hash,
		OnEvict:     evicted,
	})
	if err != nil {
		return nil, fmt.Errorf("cache: max_bytes %d: %w", c.MaxBytes, err)
	}
	return &Store[V]{entries: entries, cost: cost}, nil
}

// evicted counts what goes before its time.
func (o Options[V]) evicted() func(*ristretto.Item[entry[V]]) {
	if o.Meter == nil || o.Of == nil {
		return nil
	}
	return func(i *ristretto.Item[entry[V]]) {
		if i.Expiration.IsZero() { // else its time was over
			o.Meter.Evicted(o.Name, o.Of(i.Value.value))
		}
	}
}

// Stamps stamp an answer of a service that is about to be asked for: see
// [Epochs.Answer].
func (s *Store[V]) Stamps(service, path string, tags []string) Stamps {
	return s.epochs.Answer(service, path, tags)
}

// Trace is that of the store's epochs.
func (s *Store[V]) Trace(ctx context.Context) (context.Context, *Trace) {
	return s.epochs.Trace(ctx)
}

// Get returns the value of key from this process, if it is there, its time is not over and it
// has not been purged.
func (s *Store[V]) Get(key string) (v V, ok bool) {
	e, ok := s.entries.Get(key)
	if !ok || e.key != key || !s.epochs.Hold(e.stamps) {
		return v, false
	}
	return e.value, true
}

// Set keeps v for ttl in this process, where nothing purges it; a ttl that is not positive
// keeps nothing. When it returns, Get finds the value, unless the store had no room for it.
func (s *Store[V]) Set(key string, v V, ttl time.Duration) {
	s.set(key, v, ttl, Stamps{taken: time.Now()})
}

func (s *Store[V]) set(key string, v V, ttl time.Duration, stamps Stamps) {
	if ttl <= 0 {
		return // the store below would keep it for ever
	}
	cost := s.cost(v) + int64(len(key)) + perEntry + int64(len(stamps.list))*perStamp
	if s.entries.SetWithTTL(key, entry[V]{key, v, stamps}, cost, ttl) {
		// It has only been queued, behind at most what other callers are waiting for.
		s.entries.Wait()
	}
}

const (
	// perEntry is the memory that an entry takes besides its key and value: here, and in the
	// maps of the store below, which counts only 56 bytes for itself.
	perEntry = 384
	perStamp = 16 // likewise, for each stamp
)

// Delete forgets key in both levels.
func (s *Store[V]) Delete(key string) {
	s.entries.Del(key)
	if s.second != nil {
		s.second.remove(key)
	}
}

// Close frees the store. Afterwards it is empty, and stays so; it must not be called
// while other methods run. A nil Store has nothing to free.
func (s *Store[V]) Close() {
	if s != nil {
		s.entries.Close()
	}
}
