package generator

import (
	"math/bits"
	"time"
)

// A Histogram counts durations, each with an error below 1.6 %. The zero Histogram is
// empty. Durations above two minutes count as two minutes.
type Histogram struct {
	counts [perDouble * doubles]uint64
	total  uint64
}

const (
	perDouble = 64 // steps from a duration to its double
	doubles   = 32
)

// Add counts a duration.
func (h *Histogram) Add(d time.Duration) {
	h.counts[bucket(d)]++
	h.total++
}

// Merge adds what other has counted.
func (h *Histogram) Merge(other *Histogram) {
	for i, n := range other.counts {
		h.counts[i] += n
	}
	h.total += other.total
}

// Quantile is a duration that the part q, from 0 to 1, of all does not exceed; 0 when there
// are none.
func (h *Histogram) Quantile(q float64) time.Duration {
	rank := uint64(q * float64(h.total))
	var below uint64
	for i, n := range h.counts {
		if below += n; below > rank || n > 0 && below == h.total {
			return least(i)
		}
	}
	return 0
}

// bucket is exact below the first double, and then linear within each: an exponent, and the
// highest bits.
func bucket(d time.Duration) int {
	ns := uint64(max(d, 0))
	if ns < 2*perDouble {
		return int(ns)
	}
	exponent := bits.Len64(ns) - bits.Len(perDouble)
	return min(exponent*perDouble+int(ns>>exponent), perDouble*doubles-1)
}

// least is the smallest duration of a bucket.
func least(bucket int) time.Duration {
	if bucket < 2*perDouble {
		return time.Duration(bucket)
	}
	exponent := bucket/perDouble - 1
	return time.Duration(bucket%perDouble+perDouble) << exponent
}
