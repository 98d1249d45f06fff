package balance

import (
	"math"
	"slices"
	"sync/atomic"
	"time"
)

// An estimate is what calls take, in nanoseconds: an average that rises fast and falls
// slowly, with the time that passes and not with the number of calls. 0 is not known yet.
type estimate struct {
	value atomic.Uint64 // of a float64
	at    atomic.Int64  // when something was last learned
}

const (
	fades = float64(3 * time.Second) // the time in which half of what was learned is forgotten
	rises = 0.25                     // of the way, with each call that takes longer
)

func (e *estimate) load() int64 { return int64(math.Float64frombits(e.value.Load())) }

// observe learns from one call.
func (e *estimate) observe(took, now int64) {
	fade := 1 - kept(now-e.touch(now))
	for {
		old := e.value.Load()
		value, sample := math.Float64frombits(old), max(float64(took), 1)
		switch {
		case old == 0:
			value = sample
		case sample > value:
			value += (sample - value) * max(fade, rises)
		default:
			value += (sample - value) * fade
		}
		if e.value.CompareAndSwap(old, math.Float64bits(value)) {
			return
		}
	}
}

// touch returns when something was last learned before now.
func (e *estimate) touch(now int64) int64 { return e.at.Swap(now) }

// fresh is how much of what was learned last still counts.
func (e *estimate) fresh(now int64) float64 { return kept(now - e.at.Load()) }

func kept(age int64) float64 { return fades / (fades + float64(max(age, 0))) }

// expect is what a call will take. What is not used is forgotten, so that it is tried
// again: an instance that was slow is taken for a typical one in the end.
func (e *estimate) expect(now int64, typical float64) float64 {
	value := math.Float64frombits(e.value.Load())
	switch {
	case value == 0:
		return typical
	case value <= typical:
		return value
	}
	return typical + (value-typical)*e.fresh(now)
}

// A fleet is what the instances have in common. It is looked at now and then, by whoever
// ends a call.
type fleet struct {
	typical atomic.Int64 // latency: the median; 0: not known
	limit   atomic.Int64 // beyond which an answer took long; 0: none
	due     atomic.Int64 // the next look
}

const (
	lookEvery = int64(time.Second)
	enough    = 5                           // answers, to judge an instance by
	atLeast   = int64(5 * time.Millisecond) // that a slow answer takes longer than others
	fewest    = 3                           // instances that have a median to speak of
	looks     = 3                           // in a row, for an instance to be slow
)

// lookAround finds the median latency, and instances most of whose answers took long.
func (b *Balancer) lookAround(now int64) {
	if now < b.due.Load() || !b.mu.TryLock() {
		return
	}
	defer b.mu.Unlock()
	b.due.Store(now + lookEvery)
	var known []int64
	for _, i := range b.all {
		if latency := i.latency.load(); latency > 0 {
			known = append(known, latency)
		}
		if seen := i.seen.Load(); seen >= enough {
			i.judge(now, i.slow.Swap(0) > seen/2)
			i.seen.Store(0)
		}
	}
	if len(known) == 0 {
		return
	}
	slices.Sort(known)
	median := known[(len(known)-1)/2]
	b.typical.Store(median)
	b.limit.Store(0)
	if factor := b.config.Eject.SlowFactor; factor > 0 && len(known) >= fewest {
		b.limit.Store(max(int64(factor*float64(median)), median+atLeast))
	}
}

// judge needs the balancer's mu.
func (i *Instance) judge(now int64, slow bool) {
	if !slow {
		i.slowLooks = 0
		return
	}
	if i.slowLooks++; i.slowLooks >= looks {
		i.slowLooks = 0
		i.balancer.ejectLocked(i, now, "slow")
	}
}

// costs are what another call to either of two instances would cost, beside the other.
func (b *Balancer) costs(x, y *choice, now int64) (float64, float64) {
	typical := float64(b.typical.Load())
	latencyX, latencyY := x.expect(now, typical), y.expect(now, typical)
	if latencyX == 0 || latencyY == 0 { // then they may be alike
		latencyX, latencyY = 1, 1
	}
	return x.cost(latencyX, now), y.cost(latencyY, now)
}

// expect is what a call will take. One that fails is not quick.
func (i *Instance) expect(now int64, typical float64) float64 {
	latency := i.latency.expect(now, typical)
	if i.failures.Load() > 0 {
		return max(latency, typical)
	}
	return latency
}

func (c *choice) cost(latency float64, now int64) float64 {
	return (float64(c.inFlight.Load())/c.share + 1) * latency * c.trouble(now)
}
