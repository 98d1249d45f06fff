package e2e_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Clients behind a load balancer notice nothing of a gateway that is stopped: each goes on
// until the gateway says that it is not ready.
func TestStopUnderLoadDropsNothing(t *testing.T) {
	mobile := start(t, "bff-mobile", slowStop)
	var gone atomic.Bool // the load balancer has noticed
	var served, after atomic.Int64
	var told atomic.Bool
	var group sync.WaitGroup
	for n := range 8 {
		group.Go(func() {
			for sku := n; !gone.Load(); sku += 8 {
				a, err := try("GET", fmt.Sprintf("%s/v1/products/p%d", mobile.url, 1+sku%100))
				if err != nil || a.status != 200 {
					t.Errorf("status %d, %v", a.status, err)
				}
				served.Add(1)
				if told.Load() {
					after.Add(1)
				}
			}
		})
	}
	group.Go(func() {
		for !gone.Load() {
			a, err := try("GET", mobile.management+"/readyz")
			gone.Store(err != nil || a.status != 200)
			time.Sleep(10 * time.Millisecond)
		}
	})
	t.Cleanup(func() { gone.Store(true) })
	eventually(t, "there is load", func() bool { return served.Load() > 100 })
	told.Store(true)
	mobile.Terminate()
	group.Wait()
	if code := mobile.ExitCode(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if after.Load() == 0 {
		t.Error("nothing was served after SIGTERM: the load had gone")
	}
}

// What is under way when the gateway is told to stop is finished, also when that takes
// longer than the delay.
func TestStopFinishesWhatIsUnderWay(t *testing.T) {
	const requests = 8
	mobile := start(t, "bff-mobile", append(each("bff-mobile", "TIMEOUT__DEFAULT=10s"), patient, "FACET_SERVER__DRAIN__DELAY=100ms")...)
	breakService(t, "catalog", `{"delay":"1s"}`)
	var group sync.WaitGroup
	for n := range requests {
		group.Go(func() {
			a, err := try("GET", fmt.Sprintf("%s/v1/products/p%d", mobile.url, 50+n))
			if err != nil || a.status != 200 || a.degraded() != "" || a.took < 900*time.Millisecond {
				t.Errorf("status %d after %s, degraded %q, %v", a.status, a.took, a.degraded(), err)
			}
		})
	}
	eventually(t, "all are under way", func() bool { return calls(t)["catalog GET /products/{id}"] == requests })
	mobile.Terminate()
	group.Wait()
	if code := mobile.ExitCode(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if _, err := try("GET", mobile.url+"/v1/products/p1"); err == nil {
		t.Error("it still answers")
	}
}

// Readiness fails first; until the delay is over, requests are answered.
func TestDrainingStillServes(t *testing.T) {
	mobile := start(t, "bff-mobile", "FACET_SERVER__DRAIN__DELAY=1s")
	mobile.Terminate()
	eventually(t, "it is not ready", func() bool { return get(t, mobile.management+"/readyz").status == 503 })
	a := ok(t, mobile.url+"/v1/products/p1")
	if live := get(t, mobile.management+"/livez"); live.status != 200 {
		t.Errorf("/livez: status %d", live.status)
	}
	if !a.last {
		t.Errorf("clients are not told to go elsewhere: %v", a.header)
	}
	if code := mobile.ExitCode(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}
