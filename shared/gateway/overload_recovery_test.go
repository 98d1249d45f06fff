package gateway_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"
)

// At three times what the service can do, it does most of what it can, whoever is refused is
// refused at once, and whoever comes first is served: writes, and who asks whether the gateway
// is well. Soon after, nobody is refused any more.
func TestThreeTimesTheCapacity(t *testing.T) {
	const places, takes = 8, 120 * time.Millisecond
	capacity := places / takes.Seconds()
	s := crowd(t, places, takes)
	kind := func(method, purpose string, times float64) *visit {
		return &visit{method: method, path: "/v1/users/%d", rate: times * capacity, purpose: purpose}
	}
	some := kind("GET", "", 0.5)
	reads, writes, guesses := kind("GET", "", 2), kind("POST", "", 0.3), kind("GET", "prefetch", 0.7)
	s.calm(t, 3, some)
	s.visits(2*time.Second, reads, writes, guesses) // until the limit is found
	var why string
	for range 4 { // the machine may have had something else to do
		ill := s.askHealth(t)
		goodput := s.goodput(2*time.Second, reads, writes, guesses)
		refused := slices.Concat(reads.refused, writes.refused, guesses.refused)
		wrong := slices.Concat(reads.wrong, writes.wrong, guesses.wrong)
		seen := fmt.Sprintf("goodput %.2f of the capacity, %d refusals take %v to %v, writes served %.3f, wrong %q, health %v",
			goodput, len(refused), percentile(refused, 0.5), percentile(refused, 0.95), writes.part(), wrong, ill())
		t.Log(seen)
		if why = ""; goodput < 0.8 || percentile(refused, 0.95) > 10*time.Millisecond || writes.part() < 0.97 || len(wrong) > 0 ||
			len(ill()) > 0 || len(refused) < len(reads.served) {
			why = seen
			continue
		}
		break
	}
	if why != "" {
		t.Errorf("never as it should be: %s", why)
	}
	s.calm(t, 5, some) // it recovers within so many seconds
}

// askHealth asks how the gateway is, again and again, until the function that it returns is
// called, which returns the other answers than 200.
func (s *crowded) askHealth(t *testing.T) (ill func() []int) {
	t.Helper()
	var wrong []int
	stop := make(chan struct{})
	var asking sync.WaitGroup
	asking.Go(func() {
		for tick := time.NewTicker(20 * time.Millisecond); ; {
			select {
			case <-stop:
				return
			case <-tick.C:
			}
			if got := status(s.client, s.management+"/readyz"); got != http.StatusOK {
				wrong = append(wrong, got)
			}
		}
	})
	end := sync.OnceFunc(func() { close(stop); asking.Wait() })
	t.Cleanup(end)
	return func() []int { end(); return wrong }
}
