package observe

import (
	"maps"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// A family finds the metric of given labels for less than prometheus' own look-up costs,
// which hashes every label and locks. Labels are bounded, so it never forgets one.
type family[M any] struct {
	vec vector[M]

	known  atomic.Pointer[map[labels]M] // never changed, but replaced
	adding sync.Mutex
}

// A vector is what prometheus calls one.
type vector[M any] interface{ WithLabelValues(values ...string) M }

// labels are up to three values; the empty one is not given.
type labels [3]string

type (
	histograms = family[prometheus.Observer]
	counters   = family[prometheus.Counter]
)

func newFamily[M any](vec vector[M]) *family[M] {
	f := &family[M]{vec: vec}
	f.known.Store(new(map[labels]M))
	return f
}

// with is the metric of the labels.
func (f *family[M]) with(l labels) M {
	if m, ok := (*f.known.Load())[l]; ok {
		return m
	}
	return f.add(l)
}

func (f *family[M]) add(l labels) M {
	f.adding.Lock()
	defer f.adding.Unlock()
	given := l[:]
	for len(given) > 1 && given[len(given)-1] == "" {
		given = given[:len(given)-1]
	}
	more := map[labels]M{l: f.vec.WithLabelValues(given...)}
	maps.Copy(more, *f.known.Load())
	f.known.Store(&more)
	return more[l]
}
