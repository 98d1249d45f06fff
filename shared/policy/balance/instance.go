package balance

import (
	"sync/atomic"
	"time"

	"github.com/facet-bff/facet/shared/fault"
)

// An Instance is what a Balancer knows of one.
type Instance struct {
	url      string
	balancer *Balancer

	inFlight atomic.Int64
	removed  atomic.Bool
	since    atomic.Int64 // when it came, or came back
	latency  estimate
	failures atomic.Int64 // in a row
	seen     atomic.Int64 // answers since somebody looked
	slow     atomic.Int64 // those of them that took long beside the fleet's
	pardon   atomic.Int64 // when its former ejections no longer count, if it is well then; 0: it has none

	standing // guarded by the balancer's mu
}

// A standing is what becomes of an instance.
type standing struct {
	weight, priority int

	until     int64 // it is ejected; 0: it is not
	ejections int   // in a row
	slowLooks int   // in a row
	sick      bool  // says its health check
	streak    int   // checks in a row that say otherwise
}

func (i *Instance) leave() {
	if i.inFlight.Add(-1) == 0 && i.removed.Load() {
		i.balancer.dropped(i)
	}
}

// A Call is under way to an instance. The zero value is none.
type Call struct {
	to    *Instance
	began int64
}

// URL is where the call goes.
func (c Call) URL() string { return c.to.url }

// Leave says that the call, with its stream if it has one, is over.
func (c Call) Leave() { c.to.leave() }

// End says how the call has ended: it is answered, or not. Of a stream, its head counts.
func (c Call) End(err error) {
	i, b := c.to, c.to.balancer
	now := b.now()
	took := now - c.began
	switch kind := kindOf(err); {
	case err == nil, answered(kind):
		i.succeeded(now, took)
	case kind.Counted():
		i.took(now, took, kind == fault.TooSlow)
		i.failed(now)
	case kind == fault.Gone:
		i.took(now, took, false)
	}
	b.lookAround(now)
}

func kindOf(err error) fault.Kind {
	if err == nil {
		return 0
	}
	return fault.From(err).Kind
}

// answered reports failures with which an instance has answered what it was asked. One that
// has no time for us is not as quick as it seems.
func answered(k fault.Kind) bool {
	return k == fault.Rejected || k == fault.Refused || k == fault.RefusedCaller
}

// took learns from a call that was not answered. An answer would have taken longer, so that
// it says something only if it is more than what is known.
func (i *Instance) took(now, took int64, whole bool) {
	if known := i.latency.load(); took > known && (known > 0 || whole) {
		i.latency.observe(took, now)
	}
}

func (i *Instance) succeeded(now, took int64) {
	i.latency.observe(took, now)
	if i.failures.Load() != 0 {
		i.failures.Store(0)
	}
	i.seen.Add(1)
	if limit := i.balancer.limit.Load(); limit > 0 && took > limit {
		i.slow.Add(1)
	}
	if pardon := i.pardon.Load(); pardon > 0 && now >= pardon {
		i.balancer.forgive(i)
	}
}

func (i *Instance) failed(now int64) {
	i.latency.touch(now)
	most := int64(i.balancer.config.Eject.Failures)
	if n := i.failures.Add(1); most > 0 && n >= most {
		i.balancer.eject(i, now, "failures")
	}
}

const (
	warmUp = int64(10 * time.Second) // until a new instance has its whole part of the traffic
	grave  = 8                       // failures in a row: more are not worse
)

// trouble is by how much a call to an instance costs more than its latency says: it is new,
// or it failed lately.
func (i *Instance) trouble(now int64) float64 {
	more := 1.0
	if f := float64(min(i.failures.Load(), grave)); f > 0 {
		more += f * (f + 2) * i.latency.fresh(now)
	}
	if age := now - i.since.Load(); age < warmUp {
		more *= float64(warmUp) / float64(max(age, warmUp/10))
	}
	return more
}
