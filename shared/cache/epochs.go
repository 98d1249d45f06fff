package cache

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/facet-bff/facet/shared/redis"
)

// Epochs say what has been purged. Each name that answers can be purged by has an
// epoch; an answer is stamped with those that hold when its making begins, and counts
// for nothing once one of them has gone up. So a purge costs the same however much is kept,
// and an answer that is being made while it is purged is never given.
//
// Names share a fixed number of epochs by their hash: a purge may take a few other
// answers with it, and memory is bounded whatever the names are. Those of services, and of
// everything, are apart from the others, which clients have a part in.
//
// With a Redis, replicas hear of each other's purges at once. One that cannot hear gives
// nothing that is older than [redis.Config.Blind], and learns what it has missed when it can
// hear again; what is purged there meanwhile it tells the others then.
//
// The methods are safe for concurrent use. A nil Epochs purges nothing.
type Epochs struct {
	slots [1 << slotBits]atomic.Uint64

	gateway string
	redis   *redis.Client // nil: there are no others
	blind   time.Duration
	deaf    atomic.Bool   // the others cannot be heard
	era     atomic.Uint64 // see spread.go

	mu     sync.Mutex
	untold map[uint16]bool // what the others have to be told of yet
}

const (
	slotBits = 16
	wide     = 1 << 10 // slots that only names of very many answers have: others are as many as clients like
)

// NewEpochs returns epochs of a gateway's own. With a client that is not nil they
// are those of all its replicas: their tags are common to all gateways of the client's
// namespace, and the rest is the gateway's. They end with the client.
func NewEpochs(gateway string, client *redis.Client, blind time.Duration) *Epochs {
	e := &Epochs{gateway: gateway, redis: client, blind: blind, untold: make(map[uint16]bool)}
	if client != nil {
		e.deaf.Store(true)
		client.Follow(client.Common("purges"), redis.Follower{
			Begin: e.catchUp, Hear: e.hear, Idle: e.tell, Lost: func() { e.deaf.Store(true) },
		})
	}
	return e
}

// Stamps are the epochs by which an answer can be purged, as they were when its making
// began.
type Stamps struct {
	taken time.Time
	list  []stamp
}

type stamp struct {
	slot  uint16
	epoch uint64
}

// Answer stamps an answer of a service that is about to be asked for: it can be purged by its
// service, its path (with query) and its tags, and together with all others.
func (e *Epochs) Answer(service, path string, tags []string) Stamps {
	if e == nil {
		return Stamps{}
	}
	return e.Restamp(Stamps{list: make([]stamp, 0, 3+len(tags))}, service, path, tags)
}

// Restamp is Answer in the memory of stamps that nobody needs any more.
func (e *Epochs) Restamp(s Stamps, service, path string, tags []string) Stamps {
	if e == nil {
		return s
	}
	s.taken, s.list = time.Now(), s.list[:0]
	s.list = append(s.list, e.stamp(e.own(ofAll)), e.stamp(e.own(ofService, service)), e.stamp(e.own(ofPath, service, path)))
	for _, tag := range tags {
		s.list = append(s.list, e.stamp(slotOf(ofTag, tag)))
	}
	return s
}

// nothing stamps what is made of no answer yet: see [Trace].
func (e *Epochs) nothing() Stamps {
	if e == nil {
		return Stamps{}
	}
	return Stamps{taken: time.Now(), list: []stamp{e.stamp(e.own(ofAll))}}
}

func (e *Epochs) stamp(slot uint16) stamp { return stamp{slot, e.slots[slot].Load()} }

// Hold reports whether nothing of what was stamped has been purged since.
func (e *Epochs) Hold(s Stamps) bool {
	if e == nil {
		return true
	}
	return !e.Purged(s) && (!e.deaf.Load() || time.Since(s.taken) <= e.blind)
}

// Purged reports whether something of what was stamped has been purged since, as far as this
// replica has heard.
func (e *Epochs) Purged(s Stamps) bool {
	if e == nil {
		return false
	}
	for _, one := range s.list {
		if e.slots[one.slot].Load() > one.epoch {
			return true
		}
	}
	return false
}

// Spread reports whether replicas hear of each other's purges.
func (e *Epochs) Spread() bool { return e != nil && e.redis != nil }

// Synced reports whether all is known that others have purged.
func (e *Epochs) Synced() bool { return e == nil || !e.deaf.Load() }

// What a name is the name of.
const (
	ofAll     = "all"
	ofService = "service"
	ofPath    = "path"
	ofTag     = "tag"
)

// own is the slot of a name that is this gateway's.
func (e *Epochs) own(kind string, names ...string) uint16 {
	return slotOf(kind, e.gateway, names...)
}

// slotOf is the slot of a name that ends with last. Of one that is not very long it allocates
// nothing.
func slotOf(kind, last string, names ...string) uint16 {
	var room [256]byte
	name := append(room[:0], kind...)
	for _, part := range names {
		name = append(name, 0)
		name = append(name, part...)
	}
	name = append(name, 0)
	name = append(name, last...)
	sum := xxhash.Sum64(name) >> 32
	if kind == ofAll || kind == ofService {
		return uint16(sum * wide >> 32)
	}
	return uint16(wide + sum*(1<<slotBits-wide)>>32)
}

// purge ends the epochs of the slots. It reports whether the others know; if not, they
// will be told as soon as they can be.
func (e *Epochs) purge(ctx context.Context, slots []uint16) (told bool) {
	if len(slots) == 0 {
		return true
	}
	if e.redis == nil {
		e.raiseAll(slots)
		return true
	}
	if e.publish(ctx, atOnce, slots) == nil {
		return true
	}
	e.raiseAll(slots)
	e.owe(slots...)
	return false
}

// raiseAll begins epochs without Redis. Epochs are microseconds since 1970, but
// for those that follow each other faster.
func (e *Epochs) raiseAll(slots []uint16) {
	now := uint64(time.Now().UnixMicro())
	for _, slot := range slots {
		for {
			old := e.slots[slot].Load()
			if e.slots[slot].CompareAndSwap(old, max(now, old+1)) {
				break
			}
		}
	}
}

// raise never goes back.
func (e *Epochs) raise(slot uint16, epoch uint64) {
	for {
		old := e.slots[slot].Load()
		if old >= epoch || e.slots[slot].CompareAndSwap(old, epoch) {
			return
		}
	}
}
