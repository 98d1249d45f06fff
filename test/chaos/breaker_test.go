package chaos_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/facet-bff/facet/test/demo/stage"
)

// breakerSettings have a breaker open after 10 calls of which half fail, for two seconds, and
// then let three through. Calls are not repeated, so that each is one.
func breakerSettings() (env []string) {
	for _, s := range []string{
		"BREAKER__MIN_REQUESTS=10", "BREAKER__FAILURE_RATIO=0.5", "BREAKER__OPEN_FOR=2s", "BREAKER__HALF_OPEN=3",
		"RETRY__ATTEMPTS=1", "TIMEOUT__DEFAULT=900ms",
	} {
		env = append(env, stage.Each("bff-mobile", s)...)
	}
	return env
}

// A breaker opens at its ratio and not before, lets exactly as many probes through as it
// should, and closes when they succeed.
func TestBreakerCounts(t *testing.T) {
	const crowd = 40
	s := newScene(t)
	g := s.start(t, "bff-mobile", append(stage.Uncached("bff-mobile"), breakerSettings()...))
	front := s.fronts["catalog"]
	front.change(t, honest(0, func(n int64) bool { return n%2 == 0 }), "")
	statuses := map[int]int{}
	for n := range 20 {
		statuses[ask("GET", fmt.Sprintf("%s/v1/products/p%d", g.URL, n+1), "", "").status]++
	}
	if called := front.asked.Load(); called != 10 || statuses[200] != 5 || statuses[502] != 5 || statuses[503] != 10 {
		t.Errorf("half of the calls fail: %d calls of 20, statuses %v; want it open after 10", called, statuses)
	}

	front.change(t, honest(600*time.Millisecond, func(int64) bool { return false }), "")
	if !eventually(func() bool { return ask("GET", g.URL+"/assets/products/p1-1.svg", "", "").status != 503 }) {
		t.Fatal("it stays open") // that was the first of the probes
	}
	if called := front.asked.Load(); called != 1 {
		t.Errorf("%d calls while it was open, and one probe", called)
	}
	// Two probes are left, and all who ask meanwhile are refused.
	var mu sync.Mutex
	var group sync.WaitGroup
	statuses = map[int]int{}
	for n := range crowd {
		group.Go(func() {
			a := ask("GET", fmt.Sprintf("%s/v1/products/p%d", g.URL, n+1), "", "")
			mu.Lock()
			defer mu.Unlock()
			statuses[a.status]++
		})
	}
	group.Wait()
	if called := front.asked.Load(); called != 3 || statuses[200] != 2 || statuses[503] != crowd-2 {
		t.Errorf("half open: %d calls, statuses %v; want 3 probes", called, statuses)
	}
	front.mend(t)
	for n := range 20 {
		if a := ask("GET", fmt.Sprintf("%s/v1/products/p%d", g.URL, n+1), "", ""); a.status != 200 {
			t.Errorf("closed: status %d", a.status)
		}
	}
}

// What clients do wrong says nothing of services.
func TestClientsOpenNoBreaker(t *testing.T) {
	const clients, requests = 8, 5000
	s := newScene(t)
	g := s.start(t, "bff-mobile", breakerSettings())
	user := token(t)
	var group sync.WaitGroup
	for range clients {
		group.Go(func() {
			for range requests / clients {
				if a := ask("PUT", g.URL+"/v1/cart/items/p1", user, `{"quantity":`); a.status != 400 || a.leaks() != "" {
					t.Errorf("status %s: %s", outcome(a), a.body)
					return
				}
			}
		})
	}
	group.Wait()
	for n := range 50 { // the services say 404, or 400
		if a := ask("GET", fmt.Sprintf("%s/v1/products/none%d", g.URL, n), "", ""); a.status != 404 {
			t.Errorf("status %s: %s", outcome(a), a.body)
		}
	}
	if open := metric(t, g, "facet_breaker_state"); open != 0 {
		t.Errorf("the state of all breakers is %v", open)
	}
	if a := ask("PUT", g.URL+"/v1/cart/items/p1", user, `{"quantity":1}`); a.status != 200 {
		t.Errorf("status %s: %s", outcome(a), a.body)
	}
}
