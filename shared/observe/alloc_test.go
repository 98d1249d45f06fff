//go:build !race

package observe_test

import (
	"io"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/observe"
)

// The race detector makes pools forget at random, so this is counted without it.
func TestAccessLogAllocatesNothing(t *testing.T) {
	log := observe.NewAccessLog(observe.NewBuffer(io.Discard, time.Hour), observe.Config{}, "bff-web")
	a := access()
	for range 1000 { // until the buffers have their size
		log.Write(a)
	}
	if n := testing.AllocsPerRun(1000, func() { log.Write(a) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
