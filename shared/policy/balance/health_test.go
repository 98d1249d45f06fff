package balance

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/discover"
)

// A ward answers health checks.
type ward struct {
	mu    sync.Mutex
	sick  map[string]bool // fails
	hangs map[string]bool
	asked int
}

func (w *ward) set(sick, hangs string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sick, w.hangs = map[string]bool{sick: true}, map[string]bool{hangs: true}
}

func (w *ward) send(ctx context.Context, req *backend.Request) (*backend.Response, error) {
	w.mu.Lock()
	w.asked++
	sick, hangs := w.sick[req.Base], w.hangs[req.Base]
	w.mu.Unlock()
	if req.Path != "/healthz" || req.Method != "GET" || !req.Safe {
		return nil, errBroken
	}
	if hangs {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if sick {
		return nil, errBroken
	}
	return &backend.Response{Status: 200}, nil
}

func checked(list ...discover.Instance) *Balancer {
	return with(Config{Eject: ejects, Health: &HealthConfig{
		Path: "/healthz", Interval: 5 * time.Second, Timeout: time.Second, Healthy: 2, Unhealthy: 3,
	}}, list...)
}

func TestHealthChecks(t *testing.T) {
	for _, how := range []string{"sick", "hangs"} {
		t.Run(how, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, w := checked(discover.At("a", "b", "c")...), &ward{}
				if w.set("a", ""); how == "hangs" {
					w.set("", "a")
				}
				stop := b.Check(w.send)
				defer stop()
				time.Sleep(8 * time.Second) // two checks
				if synctest.Wait(); !of(t, b, "a").Healthy {
					t.Error("two bad checks are enough")
				}
				time.Sleep(6 * time.Second)
				if synctest.Wait(); of(t, b, "a").Healthy || !of(t, b, "b").Healthy {
					t.Error("three bad checks are not enough")
				}
				for range 100 {
					call, _ := b.Begin(nil)
					if call.URL() == "a" {
						t.Fatal("it is picked")
					}
					call.Leave()
				}
				w.set("", "")
				start := time.Now()
				for !of(t, b, "a").Healthy && time.Since(start) < time.Minute {
					time.Sleep(time.Second / 10)
					synctest.Wait()
				}
				if took := time.Since(start); took < 4500*millis || took > 12*time.Second { // two checks
					t.Errorf("it is well again after %v", took)
				}
			})
		})
	}
}

func TestANewInstanceIsCheckedToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, w := checked(), &ward{}
		w.set("b", "")
		stop := b.Check(w.send)
		b.Update(discover.At("a", "b"))
		time.Sleep(21 * time.Second)
		stop()
		if of(t, b, "b").Healthy || !of(t, b, "a").Healthy {
			t.Error("b is not seen to be sick")
		}
		asked := w.asked
		time.Sleep(time.Minute)
		if w.asked != asked {
			t.Error("stopped, and still asking")
		}
	})
}

func TestStoppingEndsAChecksWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, w := checked(discover.At("a", "b")...), &ward{}
		w.set("", "a")
		stop := b.Check(w.send)
		synctest.Wait()
		start := time.Now()
		stop()
		if took := time.Since(start); took != 0 {
			t.Errorf("stopping took %v", took)
		}
		if s := of(t, b, "a"); s.InFlight != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestWithoutASectionNobodyIsAsked(t *testing.T) {
	w := &ward{}
	loaded(discover.At("a", "b")...).Check(w.send)()
	if w.asked != 0 {
		t.Errorf("asked %d times", w.asked)
	}
}
