package cache

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"
)

// A Trace gathers the stamps of all answers that something is made of, which then can be
// purged by whatever can purge one of them. It is safe for concurrent use.
type Trace struct {
	mu     sync.Mutex
	stamps Stamps
}

type traceKey struct{}

// Trace returns a context whose calls add the stamps of their answers to the trace.
func (e *Epochs) Trace(ctx context.Context) (context.Context, *Trace) {
	t := &Trace{stamps: e.nothing()}
	return context.WithValue(ctx, traceKey{}, t), t
}

// TraceFrom is the trace that calls of this context add to, or nil.
func TraceFrom(ctx context.Context) *Trace {
	t, _ := ctx.Value(traceKey{}).(*Trace)
	return t
}

// Add adds stamps that were taken before the answer was looked for.
func (t *Trace) Add(s Stamps) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stamps.list = append(t.stamps.list, s.list...)
}

// Kept adds that one of the answers was kept, and had been asked for at that time.
func (t *Trace) Kept(asked time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if asked.Before(t.stamps.taken) {
		t.stamps.taken = asked
	}
}

// Stamps are those of everything so far, the earliest of each.
func (t *Trace) Stamps() Stamps {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := slices.Clone(t.stamps.list)
	slices.SortFunc(list, func(a, b stamp) int {
		return cmp.Or(cmp.Compare(a.slot, b.slot), cmp.Compare(a.epoch, b.epoch))
	})
	list = slices.CompactFunc(list, func(a, b stamp) bool { return a.slot == b.slot })
	return Stamps{taken: t.stamps.taken, list: list}
}
