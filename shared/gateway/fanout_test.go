package gateway_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/compose"
	"github.com/facet-bff/facet/shared/endpoint"
	"github.com/facet-bff/facet/shared/gateway"
	"github.com/facet-bff/facet/shared/identity/access"
)

// A gauge is a service that notes how many calls it has at a time, in all and on account of
// each request: their paths are /stock/request-call.
type gauge struct {
	takes time.Duration
	hold  chan struct{} // nil: nothing is held; else until it is closed
	local bool          // it is called without connections

	mu        sync.Mutex
	now, most int
	each      map[string]int
	eachMost  int
}

func (s *gauge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	request, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/stock/"), "-")
	s.note(request, 1)
	defer s.note(request, -1)
	time.Sleep(s.takes)
	if s.hold != nil {
		<-s.hold
	}
	_, _ = w.Write([]byte("1"))
}

func (s *gauge) note(request string, more int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now += more
	s.each[request] += more
	s.most, s.eachMost = max(s.most, s.now), max(s.eachMost, s.each[request])
}

func (s *gauge) full(n int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now >= n
}

// unconnected is how to call a service that is local. One behind a connection learns a moment
// later than the gateway that nobody waits for a call any more.
func (s *gauge) unconnected() func(string, backend.Connections) http.RoundTripper {
	if !s.local {
		return nil
	}
	return func(string, backend.Connections) http.RoundTripper { return inMemory{s} }
}

const steps, items, itemsAtOnce = 20, 60, 4

// wide is a composition of many steps, each of which calls the same service.
func wide(or bool) func(*backends) *compose.Graph[userRequest, int] {
	return func(b *backends) *compose.Graph[userRequest, int] {
		return compose.Define("test.wide", func(in compose.Node[userRequest]) compose.Node[int] {
			sum := compose.Map(in, func(userRequest) int { return 0 })
			for n := range steps {
				id := compose.Map(in, func(r userRequest) string { return fmt.Sprint(r.ID, "-", n) })
				call := compose.Call(fmt.Sprint("step_", n), id, b.stock)
				if or {
					call = call.Or(0)
				}
				sum = compose.Join2(sum, call, func(a, b int) int { return a + b })
			}
			return sum
		})
	}
}

// long is a composition of one step that makes a call for each of many items.
func long(b *backends) *compose.Graph[userRequest, int] {
	return compose.Define("test.long", func(in compose.Node[userRequest]) compose.Node[int] {
		ids := compose.Map(in, func(r userRequest) (ids []string) {
			for n := range items {
				ids = append(ids, fmt.Sprint(r.ID, "-", n))
			}
			return ids
		})
		return compose.Map(compose.Each("items", ids, itemsAtOnce, b.stock), func(all []int) int { return len(all) })
	})
}

// fanOut is a gateway with settings of its own, and of its service.
func fanOut(t *testing.T, s *gauge, own, service string) http.Handler {
	t.Helper()
	s.each = map[string]int{}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	def := define(fmt.Sprintf("%s\nservices: {users: {url: 'http://u'}, stock: {url: '%s', %s, timeout: {default: 20s}}}\n", own, server.URL, service),
		endpoint.GET("/required/{id}", access.Public, wide(false), endpoint.Budget(20*time.Second)),
		endpoint.GET("/optional/{id}", access.Public, wide(true), endpoint.Budget(20*time.Second)),
		endpoint.GET("/long/{id}", access.Public, long, endpoint.Budget(20*time.Second)))
	c, err := gateway.Load(def, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	g, err := gateway.New(def, c, gateway.Options{RoundTripper: s.unconnected()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	return g.Handler()
}

// wantRefused checks that an answer is the refusal of what is too much.
func wantRefused(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	after := w.Header().Get("Retry-After")
	if w.Code != http.StatusServiceUnavailable || after < "1" || after > "3" || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("got %d %v: %s", w.Code, w.Header(), w.Body)
	}
}

// However many clients want however many calls at once, the service has no more of them at
// a time than the limits say: the others get by without, or are refused.
func TestFanOutKeepsToTheLimits(t *testing.T) {
	const clients = 1000
	for _, c := range []struct {
		name, path, own, service string
		local                    bool
		most                     int // calls at a time
		degraded                 bool
	}{
		{"the service's, for optional steps", "/optional/%d", "", "limit: {concurrent: 40}", false, 40, true},
		{"the service's, for required steps", "/required/%d", "", "limit: {concurrent: 40}", true, 40, false},
		{"the gateway's: nine of ten for reads", "/required/%d", "overload: {min: 10, initial: 10, max: 10}", "limit: {concurrent: 200}", false, 9 * steps, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &gauge{takes: 10 * time.Millisecond, local: c.local}
			h := fanOut(t, s, c.own, c.service)
			answers := make([]*httptest.ResponseRecorder, clients)
			var all sync.WaitGroup
			for n := range clients {
				all.Go(func() { answers[n] = do(h, "GET", fmt.Sprintf(c.path, n)) })
			}
			all.Wait()
			whole, degraded := 0, 0
			for _, w := range answers {
				switch {
				case w.Code != http.StatusOK:
					wantRefused(t, w)
				case w.Header().Get("Facet-Degraded") != "":
					degraded++
				default:
					whole++
				}
			}
			t.Logf("%d whole, %d degraded, at most %d calls at a time", whole, degraded, s.most)
			if s.most > c.most || s.most < 2 || s.eachMost > steps {
				t.Errorf("the service has up to %d calls at a time, %d of one request", s.most, s.eachMost)
			}
			if c.degraded && (whole+degraded != clients || degraded < clients/2) || !c.degraded && (degraded > 0 || whole > clients/2) || c.own != "" && whole < 9 {
				t.Errorf("%d are whole and %d degraded", whole, degraded)
			}
		})
	}
}

// While the service has as much to do as it may have, who comes is refused at once.
func TestExcessIsRefusedAtOnce(t *testing.T) {
	const held, more, soon = 4, 100, 50 * time.Millisecond
	s := &gauge{hold: make(chan struct{})}
	h := fanOut(t, s, "", fmt.Sprintf("limit: {concurrent: %d}", held*steps))
	var all sync.WaitGroup
	for n := range held {
		all.Go(func() {
			if w := do(h, "GET", fmt.Sprintf("/required/held%d", n)); w.Code != http.StatusOK || w.Body.String() != strconv.Itoa(steps) {
				t.Errorf("what was let in got %d %s", w.Code, w.Body)
			}
		})
	}
	defer all.Wait()
	defer close(s.hold)
	for deadline := time.Now().Add(10 * time.Second); !s.full(held * steps); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it does not get full")
		}
	}
	var late []time.Duration
	for range 3 { // a busy machine is late by itself, and not each time
		late = nil
		for n := range more {
			began := time.Now()
			w := do(h, "GET", fmt.Sprintf("/required/more%d", n))
			if took := time.Since(began); took > soon {
				late = append(late, took)
			}
			if wantRefused(t, w); t.Failed() {
				return
			}
		}
		if len(late) == 0 {
			break
		}
	}
	if len(late) > 0 {
		t.Errorf("each time some are refused later than after %v: %v", soon, late)
	}
	if s.most > held*steps {
		t.Errorf("the service has up to %d calls at a time", s.most)
	}
}

// A request has no more calls at a time than its composition says, and with a queue, all of
// them get their turn.
func TestARequestKeepsToItsOwnLimit(t *testing.T) {
	const clients, most = 25, 40
	s := &gauge{takes: time.Millisecond}
	h := fanOut(t, s, "", fmt.Sprintf("limit: {concurrent: %d, queue: 1000, max_wait: 20s}", most))
	var all sync.WaitGroup
	for n := range clients {
		all.Go(func() {
			if w := do(h, "GET", fmt.Sprintf("/long/%d", n)); w.Code != http.StatusOK || w.Body.String() != strconv.Itoa(items) {
				t.Errorf("got %d %s", w.Code, w.Body)
			}
		})
	}
	all.Wait()
	if s.eachMost != itemsAtOnce || s.most > most {
		t.Errorf("the service has up to %d calls at a time, %d of one request", s.most, s.eachMost)
	}
}
