package cache

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/facet-bff/facet/shared/redis"
)

// Generations say what has been purged. Each name that answers can be purged by has a
// generation; an answer is stamped with those that hold when its making begins, and counts
// for nothing once one of them has gone up. So a purge costs the same however much is kept,
// and an answer that is being made while it is purged is never given.
//
// Names share a fixed number of generations by their hash: a purge may take a few other
// answers with it, and memory is bounded whatever the names are.
//
// With a Redis, replicas hear of each other's purges at once. One that cannot hear gives
// nothing that is older than [redis.Config.Blind], and learns what it has missed when it can
// hear again; what is purged there meanwhile it tells the others then.
//
// The methods are safe for concurrent use. A nil Generations purges nothing.
type Generations struct {
	slots [1 << slotBits]atomic.Uint64

	gateway string
	redis   *redis.Client // nil: there are no others
	blind   time.Duration
	deaf    atomic.Bool   // the others cannot be heard
	era     atomic.Uint64 // see spread.go

	mu     sync.Mutex
	untold map[uint16]bool // what the others have to be told of yet
}

const slotBits = 16

// NewGenerations returns generations of a gateway's own. With a client that is not nil they
// are those of all its replicas: their tags are common to all gateways of the client's
// namespace, and the rest is the gateway's. They end with the client.
func NewGenerations(gateway string, client *redis.Client, blind time.Duration) *Generations {
	g := &Generations{gateway: gateway, redis: client, blind: blind, untold: make(map[uint16]bool)}
	if client != nil {
		g.deaf.Store(true)
		client.Follow(client.Common("purges"), redis.Follower{
			Begin: g.catchUp, Hear: g.hear, Idle: g.tell, Lost: func() { g.deaf.Store(true) },
		})
	}
	return g
}

// Stamps are the generations by which an answer can be purged, as they were when its making
// began.
type Stamps struct {
	taken time.Time
	list  []stamp
}

type stamp struct {
	slot       uint16
	generation uint64
}

// Answer stamps an answer of a service that is about to be asked for: it can be purged by its
// service, its path (with query) and its tags, and together with all others.
func (g *Generations) Answer(service, path string, tags []string) Stamps {
	if g == nil {
		return Stamps{}
	}
	s := Stamps{taken: time.Now(), list: make([]stamp, 0, 3+len(tags))}
	s.list = append(s.list, g.stamp(g.own(ofAll)), g.stamp(g.own(ofService, service)), g.stamp(g.own(ofPath, service, path)))
	for _, tag := range tags {
		s.list = append(s.list, g.stamp(slotOf(ofTag, tag)))
	}
	return s
}

// nothing stamps what is made of no answer yet: see [Trace].
func (g *Generations) nothing() Stamps {
	if g == nil {
		return Stamps{}
	}
	return Stamps{taken: time.Now(), list: []stamp{g.stamp(g.own(ofAll))}}
}

func (g *Generations) stamp(slot uint16) stamp { return stamp{slot, g.slots[slot].Load()} }

// Hold reports whether nothing of what was stamped has been purged since.
func (g *Generations) Hold(s Stamps) bool {
	if g == nil {
		return true
	}
	for _, one := range s.list {
		if g.slots[one.slot].Load() > one.generation {
			return false
		}
	}
	return !g.deaf.Load() || time.Since(s.taken) <= g.blind
}

// Spread reports whether replicas hear of each other's purges.
func (g *Generations) Spread() bool { return g != nil && g.redis != nil }

// Synced reports whether all is known that others have purged.
func (g *Generations) Synced() bool { return g == nil || !g.deaf.Load() }

// What a name is the name of.
const (
	ofAll     = "all"
	ofService = "service"
	ofPath    = "path"
	ofTag     = "tag"
)

// own is the slot of a name that is this gateway's.
func (g *Generations) own(kind string, names ...string) uint16 {
	return slotOf(kind, append(names, g.gateway)...)
}

func slotOf(kind string, names ...string) uint16 {
	var d xxhash.Digest
	d.Reset()
	_, _ = d.WriteString(kind)
	for _, name := range names {
		_, _ = d.WriteString("\x00")
		_, _ = d.WriteString(name)
	}
	return uint16(d.Sum64() >> (64 - slotBits))
}

// purge ends the generations of the slots. It reports whether the others know; if not, they
// will be told as soon as they can be.
func (g *Generations) purge(ctx context.Context, slots []uint16) (told bool) {
	if len(slots) == 0 {
		return true
	}
	if g.redis == nil {
		g.raiseAll(slots)
		return true
	}
	if g.publish(ctx, slots) == nil {
		return true
	}
	g.raiseAll(slots)
	g.owe(slots...)
	return false
}

// raiseAll begins generations without Redis. Generations are microseconds since 1970, but
// for those that follow each other faster.
func (g *Generations) raiseAll(slots []uint16) {
	now := uint64(time.Now().UnixMicro())
	for _, slot := range slots {
		for {
			old := g.slots[slot].Load()
			if g.slots[slot].CompareAndSwap(old, max(now, old+1)) {
				break
			}
		}
	}
}

// raise never goes back.
func (g *Generations) raise(slot uint16, generation uint64) {
	for {
		old := g.slots[slot].Load()
		if old >= generation || g.slots[slot].CompareAndSwap(old, generation) {
			return
		}
	}
}
