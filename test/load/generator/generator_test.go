package generator

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve returns the address of a server that lives as long as the test.
func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

func load(address string, targets ...string) Load {
	l := Load{Address: address, Connections: 4, For: 100 * time.Millisecond}
	for _, target := range targets {
		l.Requests = append(l.Requests, NewRequest(address, target, "X-Test: yes"))
	}
	return l
}

func TestClosedLoop(t *testing.T) {
	var mu sync.Mutex
	asked := map[string]uint64{}
	var now, most atomic.Int64
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		mu.Lock()
		asked[r.URL.Path+r.Header.Get("X-Test")]++
		most.Store(max(most.Load(), n))
		mu.Unlock()
		time.Sleep(time.Millisecond)
		_, _ = w.Write([]byte("12345"))
	})
	r := Run(t.Context(), load(address, "/a", "/b"))
	if r.Done == 0 || r.Failed+r.Bad+r.Dropped > 0 || r.Bytes != 5*r.Done {
		t.Errorf("%+v", r)
	}
	mu.Lock()
	defer mu.Unlock()
	if a, b := asked["/ayes"], asked["/byes"]; a+b != r.Done || a > b+1 || b > a {
		t.Errorf("of %d requests, %d were for /a and %d for /b", r.Done, a, b)
	}
	if m := most.Load(); m < 2 || m > 4 {
		t.Errorf("%d requests at the same time over 4 connections", m)
	}
	if p := r.Latency.Quantile(0.5); p < time.Millisecond {
		t.Errorf("half the answers came within %v", p)
	}
}

func TestOpenLoopKeepsItsSchedule(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	l := load(address, "/")
	l.Rate, l.For = 500, 200*time.Millisecond
	r := Run(t.Context(), l)
	if r.Done != 100 || r.Bad != 100 || r.Failed+r.Dropped > 0 {
		t.Errorf("500 a second for 200ms: %d done, %d bad, %d failed, %d dropped", r.Done, r.Bad, r.Failed, r.Dropped)
	}
	if r.Took < 190*time.Millisecond {
		t.Errorf("it took %v", r.Took)
	}
}

// A server that stalls for 200 ms delays everything that was due meanwhile. A generator
// that waits for answers sends less instead, and would see one slow answer.
func TestStallsAreNotHidden(t *testing.T) {
	for _, tt := range []struct {
		loop        string
		rate        float64
		least, most uint64 // slow answers
	}{{"open", 200, 15, 200}, {"closed", 0, 1, 5}} {
		var calls atomic.Int64
		address := serve(t, func(http.ResponseWriter, *http.Request) {
			if calls.Add(1) == 10 {
				time.Sleep(200 * time.Millisecond)
			}
		})
		l := load(address, "/")
		l.Connections, l.Rate, l.For = 1, tt.rate, 400*time.Millisecond
		r := Run(t.Context(), l)
		var slow uint64
		for i, n := range r.Latency.counts {
			if least(i) > 100*time.Millisecond {
				slow += n
			}
		}
		if slow < tt.least || slow > tt.most {
			t.Errorf("%s loop: %d of %d answers were slow, want %d to %d", tt.loop, slow, r.Done, tt.least, tt.most)
		}
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	address := serve(t, func(http.ResponseWriter, *http.Request) {})
	for _, rate := range []float64{0, 100} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		l := load(address, "/")
		l.Rate, l.For = rate, time.Minute
		if r := Run(ctx, l); r.Took > 10*time.Second {
			t.Errorf("rate %v: it took %v", rate, r.Took)
		}
		cancel()
	}
}

func TestClientKeepsItsConnections(t *testing.T) {
	var mu sync.Mutex
	from := map[string]bool{}
	address := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		from[r.RemoteAddr] = true
	})
	var c Client
	defer c.Close()
	for range 2 {
		if r := c.Run(t.Context(), load(address, "/")); r.Done == 0 || r.Failed > 0 {
			t.Errorf("%d done, %d failed", r.Done, r.Failed)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(from) != 4 {
		t.Errorf("two runs over 4 connections dialled %d", len(from))
	}
}

func TestNobodyThere(t *testing.T) {
	l := load("127.0.0.1:1", "/")
	l.For = 10 * time.Millisecond
	if r := Run(t.Context(), l); r.Done > 0 || r.Failed == 0 {
		t.Errorf("%d done, %d failed", r.Done, r.Failed)
	}
}
