package e2e_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/facet-bff/facet/test/demo/stage"
)

// A balancer passes requests on to those gateways that say that they are ready, in turn. It
// asks them again and again. It repeats only what was sent on a connection that had been closed.
type balancer struct {
	transport http.Transport
	turn      atomic.Int64

	mu    sync.Mutex
	all   []*gateway
	ready []*gateway
}

func (b *balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	ready := b.ready
	b.mu.Unlock()
	if len(ready) == 0 {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	request, _ := http.NewRequestWithContext(r.Context(), r.Method, ready[int(b.turn.Add(1))%len(ready)].url+r.URL.Path, http.NoBody)
	response, err := b.transport.RoundTrip(request)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, err.Error())
		return
	}
	defer response.Body.Close()
	w.WriteHeader(response.StatusCode)
	_, _ = io.Copy(w, response.Body) // what is missing is missed by the client
}

// look asks all gateways whether they are ready.
func (b *balancer) look() {
	b.mu.Lock()
	all := b.all
	b.mu.Unlock()
	var ready []*gateway
	for _, g := range all {
		if a, err := try("GET", g.management+"/readyz"); err == nil && a.status == http.StatusOK {
			ready = append(ready, g)
		}
	}
	b.mu.Lock()
	b.ready = ready
	b.mu.Unlock()
}

func (b *balancer) add(g *gateway) {
	b.mu.Lock()
	b.all = append(slices.Clip(b.all), g)
	b.mu.Unlock()
}

// Two gateways behind a load balancer are replaced one after the other, under load. No
// request fails.
func TestARollingRestartFailsNothing(t *testing.T) {
	const clients, atLeast = 16, 20_000
	enough := int64(atLeast)
	if stage.Race() {
		enough = atLeast / 8 // which the race detector makes as slow as 20,000 are without it
	}
	b := &balancer{transport: http.Transport{MaxIdleConnsPerHost: clients}}
	old := []*gateway{start(t, "bff-mobile", slowStop), start(t, "bff-mobile", slowStop)}
	for _, g := range old {
		b.add(g)
	}
	b.look()
	front := httptest.NewServer(b)
	var asked, failed atomic.Int64
	stop := make(chan struct{})
	var group sync.WaitGroup
	going := func() bool {
		select {
		case <-stop:
			return false
		default:
			return true
		}
	}
	end := sync.OnceFunc(func() {
		close(stop)
		group.Wait()
		front.Close()
		b.transport.CloseIdleConnections()
	})
	defer end()
	group.Go(func() {
		for ; going(); time.Sleep(20 * time.Millisecond) {
			b.look()
		}
	})
	for range clients {
		group.Go(func() {
			for going() {
				a, err := try("GET", front.URL+"/v1/products/p1")
				if asked.Add(1); err != nil || a.status != 200 {
					if failed.Add(1) == 1 {
						t.Errorf("status %d, %v: %.200s", a.status, err, a.body)
					}
				}
			}
		})
	}
	for _, g := range old {
		before := asked.Load()
		b.add(start(t, "bff-mobile", slowStop))
		eventually(t, "it is under load", func() bool { return asked.Load() > before+enough/8 })
		g.Terminate()
		if code := g.ExitCode(); code != 0 {
			t.Errorf("exit code %d", code)
		}
	}
	for deadline := time.Now().Add(time.Minute); asked.Load() < enough && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	end()
	t.Logf("%d requests, of which %d failed", asked.Load(), failed.Load())
	if asked.Load() < enough || failed.Load() > 0 {
		t.Errorf("%d of %d requests failed", failed.Load(), asked.Load())
	}
}
