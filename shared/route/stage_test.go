package route

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
)

// A stage is a gateway with one route in front of a real service.
type stage struct {
	*httptest.Server

	mu     sync.Mutex
	failed []*fault.Error // what the service's policies saw
}

// newStage serves the route in front of handler, with connections that are closed when the
// test ends.
func newStage(t *testing.T, handler http.HandlerFunc, route string, edit ...func(*httptest.Server)) *stage {
	t.Helper()
	service := httptest.NewServer(handler)
	t.Cleanup(service.Close)
	pool := backend.NewPool(backend.Connections{MaxResponse: 1 << 20, MaxConns: 64, MaxIdleConns: 4, IdleTimeout: time.Minute, DialTimeout: time.Second}, nil)
	t.Cleanup(pool.Close)
	transport := pool.Send
	s := &stage{}
	table := tableOf(t, func(ctx context.Context, req *backend.Request) (*backend.Response, error) {
		own := *req
		own.Base = service.URL
		res, err := transport(ctx, &own)
		if err != nil {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.failed = append(s.failed, fault.From(err))
		}
		return res, err
	}, route)
	s.Server = httptest.NewUnstartedServer(gateway(table))
	for _, f := range edit {
		f(s.Server)
	}
	if s.EnableHTTP2 {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

// uncounted fails the test when a failure counts against the service.
func (s *stage) uncounted(t *testing.T) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.failed {
		if f.Kind.Counted() {
			t.Errorf("%v counts against the service", f)
		}
	}
}

// raw sends text as it is and returns the answer. The connection stays open until the
// test ends.
func (s *stage) raw(t *testing.T, text string) (*http.Response, error) {
	t.Helper()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	return http.ReadResponse(bufio.NewReader(conn), nil)
}

const size = 64 << 20

// get is a GET that does not wait for ever.
func (s *stage) get(t *testing.T) (*http.Response, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s.Client().Do(r)
}

// memory samples the heap until it is stopped, and returns by how much it grew.
func memory() (stop func() (growth int64)) {
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	done, ended := make(chan struct{}), make(chan int64)
	go func() {
		var most int64
		for {
			runtime.ReadMemStats(&now)
			most = max(most, int64(now.HeapAlloc)-int64(before.HeapAlloc))
			select {
			case <-done:
				ended <- most
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	return func() int64 { close(done); return <-ended }
}
