package balance

import (
	"slices"
	"sync"
)

// Tried are the instances that the attempts of one call went to. The zero value is none.
// Those of a hedged call are concurrent.
type Tried struct {
	mu   sync.Mutex
	n    int
	few  [4]*Instance
	more []*Instance
}

// add needs mu.
func (t *Tried) add(i *Instance) {
	if t.n == len(t.few) {
		t.more = append(t.more, i)
		return
	}
	t.few[t.n] = i
	t.n++
}

// has needs mu. Nil has none.
func (t *Tried) has(i *Instance) bool {
	return t != nil && (slices.Contains(t.few[:t.n], i) || slices.Contains(t.more, i))
}
