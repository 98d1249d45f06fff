package chaos_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/facet-bff/facet/test/demo/stage"
)

// What is between a gateway and a service has forgotten the connections that are there, as
// a NAT does: nothing says so, and new ones work. What may be repeated succeeds.
func TestFrozenConnections(t *testing.T) {
	s := newScene(t)
	user := token(t)
	for _, p := range places {
		if !p.short {
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			s.mend(t)
			g := s.start(t, p.gateway, stage.Uncached(p.gateway))
			body := func(n int) answer { return ask(p.method, g.URL+p.path(n), user, p.body) }
			frozen := s.freeze(p, body)
			if frozen < 2 {
				t.Fatalf("%d connections are frozen, want more", frozen)
			}
			s.forget(t)
			a, want := body(50), 200
			if !p.safe {
				want = 504
			}
			row := line{
				fault: fmt.Sprintf("%d connections are forgotten", frozen), endpoint: p.name, status: outcome(a), degraded: a.degraded,
				time:  fmt.Sprintf("%d / %d ms", a.took.Milliseconds(), p.budget.Milliseconds()),
				calls: fmt.Sprintf("%d / 1", s.arrived(t, p.service)),
			}
			if a.status != want || a.degraded != "" || a.took > p.budget+slack || s.arrived(t, p.service) > 1 {
				row.wrong = append(row.wrong, fmt.Sprintf("want %d", want))
			}
			finish(t, row)
			if again := body(51); again.status != 200 || again.degraded != "" || again.took >= 500*time.Millisecond {
				t.Errorf("the next request: %s after %v, degraded %q", outcome(again), again.took, again.degraded)
			}
		})
	}
}

// freeze has a gateway open some connections, and freezes them.
func (s *scene) freeze(p place, ask func(int) answer) int {
	f := s.fronts[p.service]
	f.slow.Store(true)
	var group sync.WaitGroup
	for n := range 4 {
		group.Go(func() { ask(n + 1) })
	}
	group.Wait()
	f.slow.Store(false)
	return f.freeze()
}
