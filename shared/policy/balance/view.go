package balance

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"github.com/facet-bff/facet/shared/discover"
)

// A view is the instances as picks see them. It is never changed, but replaced.
type view struct {
	drawn []choice    // those in use
	total uint64      // their weights
	turns []int32     // indexes of drawn, as round robin takes them
	rest  []*Instance // those left out, the better first
	until int64       // when the first of them comes back
	panic bool        // all are used, as too few of them are well
}

// A choice is an instance in use.
type choice struct {
	*Instance
	upTo  uint64  // its weight, and those of all before it
	share float64 // its weight, where the mean is 1
}

// draw is an index of drawn, by weight.
func (v *view) draw(random uint64) int {
	point, _ := bits.Mul64(random, v.total)
	return v.holding(point)
}

// drawBut is one that is not i.
func (v *view) drawBut(i int, random uint64) int {
	before, upTo := uint64(0), v.drawn[i].upTo
	if i > 0 {
		before = v.drawn[i-1].upTo
	}
	point, _ := bits.Mul64(random, v.total-(upTo-before))
	if point >= before {
		point += upTo - before
	}
	return v.holding(point)
}

// holding is the index of the choice whose weight has a point below the total.
func (v *view) holding(point uint64) int {
	low, high := 0, len(v.drawn)-1
	for low < high {
		if middle := (low + high) / 2; v.drawn[middle].upTo > point {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return low
}

// current is the view at a time.
func (b *Balancer) current(now int64) *view {
	v := b.view.Load()
	if now < v.until || len(v.drawn) == 0 || !b.mu.TryLock() {
		return v
	}
	defer b.mu.Unlock()
	b.renew(now)
	return b.view.Load()
}

// Update makes list the instances. Of those that it had before, what is known is kept; new
// ones get their part of the traffic by and by, but for the first that there are. Those that
// are not in the list are not picked any more.
func (b *Balancer) Update(list []discover.Instance) {
	for _, i := range b.replace(discover.In(list)) {
		b.dropped(i)
	}
}

// replace returns the instances that the list lacks.
func (b *Balancer) replace(list []discover.Instance) (dropped []*Instance) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	before := make(map[string]*Instance, len(b.all))
	for _, i := range b.all {
		before[i.url] = i
	}
	b.all = nil
	for _, one := range list {
		i, known := before[one.URL]
		if !known {
			i = &Instance{url: one.URL, balancer: b}
			if i.since.Store(now); !b.began {
				i.since.Store(now - warmUp)
			}
		}
		delete(before, one.URL)
		i.weight, i.priority = one.Weight, one.Priority
		b.all = append(b.all, i)
	}
	b.began = true
	slices.SortStableFunc(b.all, func(x, y *Instance) int { return cmp.Compare(x.priority, y.priority) })
	b.renew(now)
	for _, i := range before {
		i.removed.Store(true) // after the view is there that lacks it
		dropped = append(dropped, i)
	}
	return dropped
}

func (b *Balancer) dropped(i *Instance) {
	if b.gone != nil {
		b.gone(i.url)
	}
}

// renew makes the view. It needs mu.
func (b *Balancer) renew(now int64) {
	v := &view{until: math.MaxInt64}
	var ejected, sick int
	for _, i := range b.all {
		b.readmit(i, now)
		if i.until > 0 {
			v.until = min(v.until, i.until)
			ejected++
		}
		if i.sick {
			sick++
		}
	}
	var in []*Instance
	if in, v.rest, v.panic = b.used(); v.panic {
		in, v.rest = b.all, nil
	}
	v.fill(in)
	if b.config.Strategy == "round_robin" {
		v.turns = turns(in)
	}
	b.view.Store(v)
	b.metrics.Instances(b.service, len(b.all), ejected, sick)
}

// used are the instances that are well, and of a priority that is needed: each next one is
// while fewer than half of those before it are well. The others are the rest. It is short if
// fewer than half of all are well.
func (b *Balancer) used() (in, rest []*Instance, short bool) {
	var out []*Instance
	needed := true
	for start, end := 0, 0; start < len(b.all); start = end {
		for ; end < len(b.all) && b.all[end].priority == b.all[start].priority; end++ {
			switch i := b.all[end]; {
			case !i.well():
				out = append(out, i)
			case needed:
				in = append(in, i)
			default:
				rest = append(rest, i)
			}
		}
		needed = needed && 2*len(in) < end
	}
	return in, append(rest, out...), needed && len(b.all) > 0
}

func (i *Instance) well() bool { return i.until == 0 && !i.sick }

func (v *view) fill(in []*Instance) {
	v.drawn = make([]choice, len(in))
	for n, i := range in {
		v.total += uint64(i.weight)
		v.drawn[n] = choice{Instance: i, upTo: v.total}
	}
	for n, i := range in {
		v.drawn[n].share = float64(i.weight) * float64(len(in)) / float64(v.total)
	}
}

// mostTurns bound the order of turns, whatever the weights.
const mostTurns = 1000

// turns is an order in which each instance comes as often as its weight says, spread out
// evenly.
func turns(in []*Instance) []int32 {
	weights, total := make([]int, len(in)), 0
	for n, i := range in {
		weights[n] = i.weight
		total += i.weight
	}
	reduce(weights, total)
	total = 0
	for _, w := range weights {
		total += w
	}
	order, credit := make([]int32, total), make([]int, len(in))
	for turn := range order {
		best := 0
		for n := range credit {
			if credit[n] += weights[n]; credit[n] > credit[best] {
				best = n
			}
		}
		credit[best] -= total
		order[turn] = int32(best)
	}
	return order
}

// reduce makes weights as small as they can be, and smaller if need be.
func reduce(weights []int, total int) {
	common := 0
	for _, w := range weights {
		for a := w; a != 0; {
			common, a = a, common%a
		}
	}
	for n, w := range weights {
		if weights[n] = w / common; total/common > mostTurns {
			weights[n] = max(1, w*mostTurns/total)
		}
	}
}
