//go:build !race

package shape_test

import (
	"testing"

	"github.com/facet-bff/facet/shared/shape"
)

// The race detector makes pools forget at random, so this is counted without it.
func TestAppendDoesNotAllocate(t *testing.T) {
	sources, size := homeSources(t)
	dst := make([]byte, 0, size)
	all := append(sources[:], []byte(`{"\u0061":1,"b":{"\u0062":2}}`))
	camel := shape.Must(shape.Camel(), shape.OmitNull(), shape.Default("x", "1"))
	if n := testing.AllocsPerRun(100, func() {
		if _, err := appendHome(dst, sources); err != nil {
			t.Fatal(err)
		}
		for _, src := range all {
			if _, err := camel.Append(dst, src); err != nil {
				t.Fatal(err)
			}
		}
	}); n != 0 {
		t.Fatalf("%v allocations", n)
	}
}
