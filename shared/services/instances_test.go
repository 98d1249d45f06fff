package services_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/facet-bff/facet/shared/observe/observetest"
)

func three(t *testing.T) (a, b, c *instance, list string) {
	t.Helper()
	a, b, c = newInstance(t), newInstance(t), newInstance(t)
	return a, b, c, fmt.Sprintf("instances: [%s, %s, %s]\n", a.URL, b.URL, c.URL)
}

// One of three instances dies under traffic, each in its way.
func TestADeadInstanceIsHardlyNoticed(t *testing.T) {
	for name, die := range map[string]func(*instance){
		"connection refused": func(i *instance) { i.Close() },
		"hangs":              func(i *instance) { i.mode.Store(hangs) },
		"answers 503":        func(i *instance) { i.mode.Store(http.StatusServiceUnavailable) },
	} {
		for _, strategy := range []string{"least_loaded", "round_robin"} {
			t.Run(name+", "+strategy, func(t *testing.T) {
				dead, b, c, list := three(t)
				running, metrics := open(t, list+"timeout: {default: 500ms}\nretry: {base: 1ms, max: 2ms}\nbalance: {strategy: "+strategy+"}")
				const callers, calls = 4, 4000
				if failed := crowd(t, running, callers, 1000); failed != 0 {
					t.Fatalf("%d calls failed while all were well", failed)
				}
				die(dead)
				if failed := crowd(t, running, callers, calls); failed > calls/1000 {
					t.Errorf("%d of %d calls failed", failed, calls)
				}
				if b.asked.Load() < calls/4 || c.asked.Load() < calls/4 {
					t.Errorf("the others were asked %d and %d times", b.asked.Load(), c.asked.Load())
				}
				// The least loaded is hardly ever the one that fails, even while it is not ejected.
				if n := observetest.Sum(t, metrics.Registry(), "facet_service_ejections_total", "failures"); n == 0 && strategy == "round_robin" {
					t.Error("it was not ejected")
				}
			})
		}
	}
}

func TestASlowInstanceIsAskedLittle(t *testing.T) {
	lame, _, _, list := three(t)
	lame.mode.Store(slow)
	running, _ := open(t, list)
	const calls = 2000
	if failed := crowd(t, running, 4, calls); failed != 0 {
		t.Errorf("%d calls failed", failed)
	}
	if n := lame.asked.Load(); n == 0 || n > calls/5 {
		t.Errorf("it was asked %d of %d times", n, calls)
	}
}

func TestASickInstanceIsLeftOut(t *testing.T) {
	sick, _, _, list := three(t)
	running, metrics := open(t, list+"balance: {health: {path: /healthz, interval: 10ms, unhealthy: 2}}")
	sick.mode.Store(http.StatusInternalServerError)
	until(t, "seen to be sick", func() bool {
		return observetest.Sum(t, metrics.Registry(), "facet_service_instances", "unhealthy") == 1
	})
	sick.mode.Store(well)
	until(t, "well again", func() bool {
		return observetest.Sum(t, metrics.Registry(), "facet_service_instances", "unhealthy") == 0
	})
	sick.mode.Store(http.StatusNotFound) // it is up, and has no such path
	until(t, "seen to be sick", func() bool {
		return observetest.Sum(t, metrics.Registry(), "facet_service_instances", "unhealthy") == 1
	})
	state := running.State()
	if len(state) != 1 || state[0].Name != "catalog" || len(state[0].Instances) != 3 || state[0].Panic {
		t.Fatalf("%+v", state)
	}
	for _, i := range state[0].Instances {
		if i.Healthy != (i.URL != sick.URL) {
			t.Errorf("%+v", i)
		}
	}
}
