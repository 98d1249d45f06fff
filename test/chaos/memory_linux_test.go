package chaos_test

import (
	"testing"
	"time"

	"github.com/facet-bff/facet/test/demo/stage"
	"github.com/facet-bff/facet/test/load/proc"
)

// Whatever a hostile service sends instead of one part, the gateway never takes much more
// memory than it had before the first of them, and delivers the other parts. It is built
// without the race detector, which takes several times as much.
func TestHostileAnswersTakeLittleMemory(t *testing.T) {
	plain := t.TempDir()
	if err := stage.BuildPlain(plain, "bff-mobile"); err != nil {
		t.Fatal(err)
	}
	s := newScene(t)
	grown := 0.0
	for range tries { // garbage is collected sooner or later
		if grown = s.hostilities(t, plain); grown <= megabytes {
			return
		}
	}
	t.Errorf("the gateway was %.1f MiB larger each time, more than %d", grown, megabytes)
}

// hostilities have a new gateway meet all that is hostile to memory, and return by how many
// MiB it was larger at its peak.
func (s *scene) hostilities(t *testing.T, plain string) (grown float64) {
	t.Helper()
	s.mend(t)
	g := s.startFrom(t, plain, "bff-mobile", stage.Uncached("bff-mobile"))
	defer func() { _ = g.Stop(10 * time.Second) }() // its cleanup looks how it ended
	for n := range 300 {                            // until it has all that it needs
		ask("GET", g.URL+numbered("/v1/products/p%d")(n+1), "", "")
	}
	process := proc.NewTree(g.PID())
	process.ForgetPeak()
	peak := func() float64 {
		bytes, err := process.Peak()
		if err != nil {
			t.Fatal(err)
		}
		return float64(bytes) / (1 << 20)
	}
	before := peak()
	for _, f := range allFaults() {
		if !f.body {
			continue
		}
		s.mend(t)
		f.apply(t, s.fronts["pricing"], "pricing")
		if a := ask("GET", g.URL+"/v1/products/p1", "", ""); a.status != 200 || a.degraded != "price;reason=error" {
			t.Errorf("%s: status %s, degraded %q", f.name, outcome(a), a.degraded)
		}
		if more := peak() - before; more > grown {
			grown = more
			t.Logf("%s: %.1f MiB larger than before all", f.name, grown)
		}
	}
	return grown
}
