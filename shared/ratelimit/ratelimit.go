// Package ratelimit counts how often each client asks, in the memory of this process, and
// says whether it may ask once more.
//
// Every client has a token bucket. Of a bucket only the time is kept at which it will be
// full (the generic cell rate algorithm): one that has become full is as good as none, and
// its place is free.
//
// Memory is bounded, and allocated once. A client that finds no free place takes over the
// bucket that is nearest to full among some, with what is in it: its owner does the same
// when it comes back, and finds no more than it had left. So nobody gets more than the
// limit by asking under many names, and somebody new has to wait only when all of those
// buckets are empty.
package ratelimit

import (
	"hash/maphash"
	"math"
	"math/bits"
	"net/netip"
	"time"
)

// A Limiter has a bucket for every client. It is safe for concurrent use.
type Limiter struct {
	burst    int
	interval time.Duration // between two tokens
	window   time.Duration // until an empty bucket is full
	start    time.Time
	seed     maphash.Seed // secret, so that nobody can choose whose bucket to share
	sets     []set
}

// New returns a limiter whose buckets are all full, of what config.Load returned. Without
// a section there is none: nil.
func New(c *Config) *Limiter {
	if c == nil {
		return nil
	}
	// Rounding up never allows too much, and at a million per second 0.1 % too little.
	interval := time.Duration(math.Ceil(float64(time.Second) / c.Rate))
	return &Limiter{
		burst: c.Burst, interval: interval, window: time.Duration(c.Burst) * interval,
		start: time.Now(), seed: maphash.MakeSeed(), sets: make([]set, c.MaxKeys/ways),
	}
}

// A Key is who is counted as one client: a principal or, of whoever is nobody in
// particular, a network.
type Key struct {
	Issuer, Subject string
	Network         netip.Prefix
}

// A Decision is about one request.
type Decision struct {
	Allowed   bool
	Remaining int // further requests that would be allowed at once
	// Reset is when there is one more than Remaining: whoever was refused may come back
	// after it. It is more than 0.
	Reset time.Duration
}

// Allow decides about a request that k makes now, and counts it unless it is refused. It
// allocates nothing. now is not before the limiter was made.
func (l *Limiter) Allow(k Key, now time.Time) Decision {
	owner, at := l.hash(k), now.Sub(l.start)
	i, _ := bits.Mul64(owner, uint64(len(l.sets)))
	s := &l.sets[i]
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.find(owner)
	taken := max(b.full-at, 0) + l.interval
	room := l.window - taken
	if room < 0 {
		return Decision{Reset: -room}
	}
	b.owner, b.full = owner, at+taken
	return Decision{Allowed: true, Remaining: int(room / l.interval), Reset: l.interval - room%l.interval}
}

// Quota is the limit in other words: so many requests at once, and as many again in each
// window.
func (l *Limiter) Quota() (requests int, window time.Duration) { return l.burst, l.window }

// hash names a client. That two have the same is so improbable, and beyond anybody's
// control, that they may share a bucket then.
func (l *Limiter) hash(k Key) uint64 {
	var h maphash.Hash
	h.SetSeed(l.seed)
	_, _ = h.WriteString(k.Issuer)
	_ = h.WriteByte(0) // which is in no printable string
	_, _ = h.WriteString(k.Subject)
	if k.Network.IsValid() {
		address := k.Network.Addr().As16()
		_ = h.WriteByte(byte(k.Network.Bits()))
		_, _ = h.Write(address[:])
	}
	return h.Sum64()
}
