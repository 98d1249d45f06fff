package http1_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/backend/http1"
)

// A freezer is a server whose connections can be forgotten by what is between, which is a
// server that reads and says nothing any more.
type freezer struct {
	address string
	epoch   atomic.Int32 // a connection of an earlier one is frozen
	gate    sync.RWMutex // held: nobody is answered
}

func newFreezer(t *testing.T) *freezer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &freezer{address: l.Addr().String()}
	var wg sync.WaitGroup
	t.Cleanup(func() { _ = l.Close(); wg.Wait() })
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { f.serve(conn, f.epoch.Load()) })
		}
	})
	return f
}

func (f *freezer) serve(conn net.Conn, epoch int32) {
	defer conn.Close()
	r := bufio.NewReader(conn)
	for {
		if _, err := http.ReadRequest(r); err != nil {
			return
		}
		f.gate.RLock()
		f.gate.RUnlock() //nolint:staticcheck // it only waits
		if f.epoch.Load() == epoch {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		}
	}
}

// warm makes so many connections, which are idle then.
func (f *freezer) warm(t *testing.T, c *http1.Client, n int) {
	t.Helper()
	f.gate.Lock()
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			if _, err := c.Do(t.Context(), get("/")); err != nil {
				t.Error(err)
			}
		})
	}
	time.Sleep(20 * time.Millisecond) // until all wait for an answer
	f.gate.Unlock()
	wg.Wait()
}

// One request learns that the idle connections lead nowhere any more, and not each.
func TestFrozenConnections(t *testing.T) {
	f := newFreezer(t)
	c, dials := newClient(t, f.address, nil)
	f.warm(t, c, 4)
	f.epoch.Add(1)
	ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
	defer cancel()
	if _, err := c.Do(ctx, get("/")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the first: %v", err)
	}
	before := dials.Load()
	again, stop := context.WithTimeout(t.Context(), 5*time.Second)
	defer stop()
	if _, err := c.Do(again, get("/")); err != nil || dials.Load() != before+1 {
		t.Errorf("the second: %v, with %d new connections", err, dials.Load()-before)
	}
}

// A request that is slow, or is given up soon, costs no connection that works.
func TestSlowRequestsFreezeNothing(t *testing.T) {
	f := newFreezer(t)
	c, dials := newClient(t, f.address, nil)
	f.warm(t, c, 3)
	before := dials.Load()

	soon, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	f.gate.Lock()
	_, err := c.Do(soon, get("/"))
	f.gate.Unlock()
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("given up soon: %v", err)
	}

	gone, leave := context.WithCancel(t.Context())
	f.gate.Lock()
	time.AfterFunc(150*time.Millisecond, leave)
	_, err = c.Do(gone, get("/"))
	f.gate.Unlock()
	if !errors.Is(err, context.Canceled) {
		t.Errorf("its caller has gone: %v", err)
	}
	if _, err := c.Do(t.Context(), get("/")); err != nil || dials.Load() != before {
		t.Errorf("%v, with %d new connections", err, dials.Load()-before)
	}
}
