package compose_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/compose"
)

// TestRunTakesAsLongAsItsLongestChain runs random compositions in fake time: no step
// starts later than the last of what it waits for ends.
func TestRunTakesAsLongAsItsLongestChain(t *testing.T) {
	for seed := range uint64(500) {
		rng := rand.New(rand.NewPCG(seed, 2))
		var longest []time.Duration // the chain that ends at each node
		g := compose.Define("g", func(in num) num {
			nodes := []num{in}
			longest = []time.Duration{0}
			for i := range 2 + rng.IntN(20) {
				a, b, c := rng.IntN(len(nodes)), rng.IntN(len(nodes)), rng.IntN(len(nodes))
				begin, took := max(longest[a], longest[b]), time.Duration(0)
				n := compose.Join2(nodes[a], nodes[b], func(a, b int) int { return a + b })
				if rng.IntN(3) > 0 {
					took = time.Duration(rng.IntN(50)) * ms
					n = compose.Step(fmt.Sprint("s", i), n, after[int](took, i, nil))
				}
				if rng.IntN(4) == 0 {
					n = n.When(compose.Map(nodes[c], func(int) bool { return true })).Or(0)
					begin = max(begin, longest[c])
				}
				nodes, longest = append(nodes, n), append(longest, begin+took)
			}
			return nodes[len(nodes)-1]
		})
		synctest.Test(t, func(t *testing.T) {
			if _, err := timed(t, t.Context(), g, 1, longest[len(longest)-1]); err != nil || t.Failed() {
				t.Fatalf("seed %d: %v\n%s", seed, err, g.Plan().Mermaid())
			}
		})
	}
}
