package policy

import (
	"maps"
	"math/bits"
	"sync"
	"sync/atomic"
	"time"
)

// latencies are what the calls of each operation of a service take. Operations are named
// by contracts, so their number is bounded and none is forgotten.
type latencies struct {
	percentile float64

	known  atomic.Pointer[map[string]*latency] // never changed, but replaced
	adding sync.Mutex
}

// of is the latency of an operation.
func (l *latencies) of(op string) *latency {
	if known := l.known.Load(); known != nil {
		if one, ok := (*known)[op]; ok {
			return one
		}
	}
	l.adding.Lock()
	defer l.adding.Unlock()
	more := make(map[string]*latency)
	if known := l.known.Load(); known != nil {
		maps.Copy(more, *known)
	}
	one, ok := more[op]
	if !ok {
		one = newLatency(l.percentile)
		more[op] = one
	}
	l.known.Store(&more)
	return one
}

// A latency estimates a percentile of what calls have taken in the last five to ten
// seconds. It counts in two windows, of which the older is dropped when the newer is full,
// and looks at them now and then: for a call it costs a few atomic operations.
type latency struct {
	percentile float64
	made       time.Time

	usual   atomic.Int64 // the percentile, in nanoseconds
	due     atomic.Int64 // when usual is to be found again, in nanoseconds since made
	current atomic.Pointer[window]

	mu       sync.Mutex // guards the next two, and replacing current
	previous *window
	began    time.Time // current
}

const (
	windowTime = 5 * time.Second
	lookEvery  = 100 * time.Millisecond
	fewest     = 3 // calls beyond the percentile, for it to mean something
)

func newLatency(percentile float64) *latency {
	now := time.Now()
	l := &latency{percentile: percentile, made: now, previous: new(window), began: now}
	l.current.Store(new(window))
	return l
}

// add counts a call that took d.
func (l *latency) add(d time.Duration) { l.current.Load()[step(d)].Add(1) }

// at is the percentile as it is known at a time; 0 while calls are too few to tell.
func (l *latency) at(now time.Time) time.Duration {
	if int64(now.Sub(l.made)) >= l.due.Load() && l.mu.TryLock() {
		l.look(now)
		l.mu.Unlock()
	}
	return time.Duration(l.usual.Load())
}

func (l *latency) look(now time.Time) {
	l.due.Store(int64(now.Sub(l.made) + lookEvery))
	if age := now.Sub(l.began); age >= windowTime {
		l.previous, l.began = l.current.Swap(new(window)), now
		if age >= 2*windowTime { // it says nothing of today
			l.previous = new(window)
		}
	}
	l.usual.Store(int64(beyond(1-l.percentile, l.previous, l.current.Load())))
}

// beyond is what no more than a part of the calls in both windows has exceeded.
func beyond(part float64, a, b *window) time.Duration {
	var both [steps]uint32
	var total float64
	for i := range both {
		both[i] = a[i].Load() + b[i].Load()
		total += float64(both[i])
	}
	left := part * total
	if left < fewest {
		return 0
	}
	i := steps - 1
	for ; left >= float64(both[i]); i-- {
		left -= float64(both[i])
	}
	return endOf(i)
}

// A window counts calls by what they took, in steps of which sixteen double it.
type window [steps]atomic.Uint32

const (
	perDouble = 16
	steps     = 24 * perDouble // microseconds, to two minutes
)

// step is exact below the first doubles, and then an exponent and the highest bits.
func step(d time.Duration) int {
	micros := uint64(max(d, 0) / time.Microsecond)
	exponent := max(0, bits.Len64(micros)-bits.Len(perDouble))
	return min(exponent*perDouble+int(micros>>exponent), steps-1)
}

// endOf is the first duration that is beyond a step.
func endOf(step int) time.Duration {
	exponent := max(0, step/perDouble-1)
	return time.Duration(step-exponent*perDouble+1) << exponent * time.Microsecond
}
