//go:build !race

// The race detector makes sync.Pool forget what it was given.

package compose_test

import (
	"testing"

	"github.com/facet-bff/facet/shared/compose"
)

// TestAllocations keeps what a run itself allocates: the group with its context, and one
// goroutine for each step beyond the first that is ready.
func TestAllocations(t *testing.T) {
	shapes := map[string]struct {
		g    *compose.Graph[val, val]
		most float64
	}{
		"one":      {compose.Define("g", one), 3},
		"chain":    {compose.Define("g", chain), 3},
		"wide":     {compose.Define("g", wide), 10},
		"observed": {compose.Define("g", wide).Observe(passOn), 10},
	}
	for name, tt := range shapes {
		got := testing.AllocsPerRun(200, func() {
			if _, err := tt.g.Run(t.Context(), val{1, 2, 3}); err != nil {
				t.Fatal(err)
			}
		})
		if got > tt.most {
			t.Errorf("%s: %v allocations, want at most %v", name, got, tt.most)
		}
	}
}
