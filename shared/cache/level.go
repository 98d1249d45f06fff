package cache

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"sync/atomic"
	"time"

	"github.com/facet-bff/facet/shared/redis"
)

// A Meter counts. *observe.Metrics is one.
type Meter interface {
	// SecondLevel counts a look-up in the second level of a cache: "hit", "miss", "purged",
	// "garbage" or "failed".
	SecondLevel(cache, result string)
	// Evicted counts an entry that had to go before its time, for want of room; of is what
	// it is an answer of.
	Evicted(cache, of string)
}

// Options are what a store needs besides its configuration.
type Options[V any] struct {
	Name  string         // "answers"; it is part of the keys
	Codec Codec[V]       // for the second level
	Of    func(V) string // what a value is an answer of, for the Meter
	Shared
}

// Shared is what all caches of a gateway have in common. Each may be nil, but for Meter and
// Epochs if there is a Redis.
type Shared struct {
	Epochs *Epochs       // nil: nothing is purged
	Redis  *redis.Client // nil: there is no second level
	Meter  Meter         // nil: nothing is counted
}

// A level is the one that replicas share.
type level[V any] struct {
	Options[V]
	spared atomic.Int64 // until when nothing is put there, in nanoseconds since 1970
}

// respite is for how long nothing is put where something was refused: who is full stays so for a
// while, and connections to a replica that refuses a write are made anew each time.
const respite = time.Second

// Fetch is Get, but looks in the second level besides. What it finds there is kept in the
// first for the rest of its time.
func (s *Store[V]) Fetch(ctx context.Context, key string) (v V, ok bool) {
	if v, ok = s.Get(key); ok || s.second == nil {
		return v, ok
	}
	found, stamps, left, ok := s.second.get(ctx, key)
	if !ok {
		return v, false
	}
	s.set(key, found, left, stamps)
	return found, true
}

// Put keeps v for ttl in both levels. It can be purged by what was stamped before v began to
// be made: if that has been purged meanwhile, v is kept in vain.
func (s *Store[V]) Put(ctx context.Context, key string, v V, ttl time.Duration, stamps Stamps) {
	s.set(key, v, ttl, stamps)
	if s.second != nil && ttl > 0 {
		s.second.put(ctx, key, v, ttl, stamps)
	}
}

// get finds what is there and holds.
func (l *level[V]) get(ctx context.Context, key string) (v V, s Stamps, left time.Duration, ok bool) {
	if !l.Epochs.Synced() {
		return v, s, 0, false // it may have been purged, and nobody could tell
	}
	sealed, left, err := l.Redis.Get(ctx, l.key(key))
	switch {
	case errors.Is(err, redis.ErrUnavailable):
		return v, s, 0, false
	case err != nil:
		l.Meter.SecondLevel(l.Name, "failed")
		return v, s, 0, false
	case sealed == nil || left <= 0:
		l.Meter.SecondLevel(l.Name, "miss")
		return v, s, 0, false
	}
	v, era, s, err := unseal(l.Codec, key, sealed)
	if err != nil {
		l.Meter.SecondLevel(l.Name, "garbage")
		return v, s, 0, false
	}
	if era != l.Epochs.era.Load() || !l.Epochs.Hold(s) {
		l.Meter.SecondLevel(l.Name, "purged")
		return v, s, 0, false
	}
	l.Meter.SecondLevel(l.Name, "hit")
	return v, s, left, true
}

// put keeps what has been purged meanwhile from the others, as far as it knows.
func (l *level[V]) put(ctx context.Context, key string, v V, ttl time.Duration, s Stamps) {
	now := time.Now()
	if !l.Redis.Reachable() || now.UnixNano() < l.spared.Load() || !l.Epochs.Synced() || !l.Epochs.Hold(s) {
		return
	}
	// Nobody depends on it; the client counts what fails.
	err := l.Redis.Set(ctx, l.key(key), seal(l.Codec, key, l.Epochs.era.Load(), s, v), ttl)
	if redis.Refused(err) {
		l.spared.Store(now.Add(respite).UnixNano())
	}
}

func (l *level[V]) remove(key string) {
	if l.Redis.Reachable() {
		_ = l.Redis.Delete(context.Background(), l.key(key)) // as above
	}
}

// key is a name that tells nothing of the request, in which there may be credentials.
func (l *level[V]) key(key string) string {
	digest := sha256.Sum256([]byte(key))
	return l.Redis.Key(l.Name + ":" + base64.RawURLEncoding.EncodeToString(digest[:]))
}
