package route

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
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
	pool := backend.NewRoundTripper(backend.Connections{DialTimeout: time.Second})
	t.Cleanup(pool.CloseIdleConnections)
	transport := backend.Transport(pool, 1<<20, nil)
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
	if s.Server.EnableHTTP2 {
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

func TestBodiesStreamInConstantMemory(t *testing.T) {
	down := func(w http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		w.Header().Set("X-Received", fmt.Sprint(n))
		if r.URL.RawQuery != "chunked" {
			w.Header().Set("Content-Length", fmt.Sprint(size))
		}
		_, _ = io.CopyN(w, zeros{}, size)
	}
	s := newStage(t, down, "match: {path: /, methods: [GET, POST]}, max_body: 64MiB, query: ['*']")
	for _, c := range []struct {
		name, method, query string
		body                io.Reader
		sent                string
	}{
		{"down", http.MethodGet, "", nil, "0"},
		{"down, chunked", http.MethodGet, "?chunked", nil, "0"},
		{"up and down", http.MethodPost, "", io.LimitReader(zeros{}, size), fmt.Sprint(size)},
	} {
		t.Run(c.name, func(t *testing.T) {
			stop := memory()
			r, _ := http.NewRequestWithContext(t.Context(), c.method, s.URL+"/"+c.query, c.body)
			res, err := s.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			n, err := io.Copy(io.Discard, res.Body)
			if n != size || err != nil || res.Header.Get("X-Received") != c.sent {
				t.Errorf("got %d bytes, %v; the service got %s", n, err, res.Header.Get("X-Received"))
			}
			if growth := stop(); growth > 8<<20 {
				t.Errorf("the heap grew by %d KiB for a body of %d", growth>>10, size>>10)
			}
		})
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestSlowProducerIsSeen(t *testing.T) {
	next := make(chan struct{})
	s := newStage(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		for range 2 {
			<-next
			_, _ = io.WriteString(w, "event\n")
			_ = http.NewResponseController(w).Flush()
		}
		<-next
	}, "match: {path: /}")
	res, err := s.Client().Get(s.URL) // the headers are there before the first event
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	events := bufio.NewReader(res.Body)
	for range 2 {
		next <- struct{}{}
		if line, err := events.ReadString('\n'); line != "event\n" || err != nil {
			t.Fatalf("got %q, %v", line, err)
		}
	}
	close(next)
	if _, err := events.ReadByte(); err != io.EOF {
		t.Errorf("the end is %v", err)
	}
}

func TestBothDirectionsAtOnce(t *testing.T) {
	s := newStage(t, func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).EnableFullDuplex()
		w.WriteHeader(http.StatusOK)
		lines := bufio.NewScanner(r.Body)
		for lines.Scan() {
			_, _ = fmt.Fprintln(w, strings.ToUpper(lines.Text()))
			_ = http.NewResponseController(w).Flush()
		}
	}, "match: {path: /, methods: [POST]}")
	body, ask := io.Pipe()
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL, body)
	go func() { _, _ = io.WriteString(ask, "one\n") }()
	res, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answers := bufio.NewReader(res.Body)
	for _, word := range []string{"ONE", "TWO", "THREE"} {
		if got, err := answers.ReadString('\n'); got != word+"\n" {
			t.Fatalf("got %q, %v; want %s", got, err, word)
		}
		switch word {
		case "ONE":
			_, _ = io.WriteString(ask, "two\n")
		case "TWO":
			_, _ = io.WriteString(ask, "three\n")
		}
	}
	_ = ask.Close()
	if _, err := answers.ReadByte(); err != io.EOF {
		t.Errorf("the end is %v", err)
	}
}

func TestClientThatGoesEndsTheCall(t *testing.T) {
	for _, begun := range []bool{false, true} {
		t.Run(fmt.Sprintf("begun %v", begun), func(t *testing.T) {
			called, ended := make(chan struct{}), make(chan time.Time, 1)
			s := newStage(t, func(w http.ResponseWriter, r *http.Request) {
				if begun {
					_, _ = io.WriteString(w, "a")
					_ = http.NewResponseController(w).Flush()
				}
				close(called)
				<-r.Context().Done()
				ended <- time.Now()
			}, "match: {path: /}")
			ctx, cancel := context.WithCancel(t.Context())
			r, _ := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
			var clients sync.WaitGroup
			clients.Go(func() {
				if res, err := s.Client().Do(r); err == nil {
					_, _ = io.Copy(io.Discard, res.Body)
					_ = res.Body.Close()
				}
			})
			<-called
			time.Sleep(20 * time.Millisecond) // the answer's beginning is on its way
			gone := time.Now()
			cancel()
			if took := (<-ended).Sub(gone); took > 100*time.Millisecond {
				t.Errorf("the service was still asked %v later", took)
			}
			clients.Wait()
			s.uncounted(t)
		})
	}
}

// A body that broke off must not look complete, whatever frames it.
func TestServiceThatBreaksOff(t *testing.T) {
	for _, c := range []struct {
		name, framing string
		http2         bool
	}{
		{name: "chunked", framing: "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"},
		{name: "length", framing: "Content-Length: 9000\r\n\r\nhello"},
		{name: "HTTP/2", framing: "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", http2: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t, func(w http.ResponseWriter, _ *http.Request) {
				conn, _, err := http.NewResponseController(w).Hijack()
				if err == nil {
					_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n"+c.framing)
					_ = conn.Close()
				}
			}, "match: {path: /}", func(s *httptest.Server) { s.EnableHTTP2 = c.http2 })
			res, err := s.Client().Get(s.URL)
			if err != nil {
				return // broken off before anything was flushed
			}
			defer res.Body.Close()
			if body, err := io.ReadAll(res.Body); err == nil {
				t.Errorf("%q looks complete", body)
			}
		})
	}
}

func TestServiceThatPauses(t *testing.T) {
	done := make(chan struct{})
	s := newStage(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "a")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		close(done)
	}, "match: {path: /}, idle_timeout: 50ms")
	res, err := s.Client().Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); err == nil {
		t.Errorf("%q looks complete", body)
	}
	<-done
}

func TestDownloadLongerThanTheServersTimeouts(t *testing.T) {
	s := newStage(t, func(w http.ResponseWriter, _ *http.Request) {
		for range 6 {
			_, _ = io.WriteString(w, "a")
			_ = http.NewResponseController(w).Flush()
			time.Sleep(50 * time.Millisecond)
		}
	}, "match: {path: /}", func(s *httptest.Server) {
		s.Config.ReadTimeout, s.Config.WriteTimeout = 100*time.Millisecond, 100*time.Millisecond
	})
	for range 2 { // the second on the same connection
		res, err := s.Client().Get(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if string(body) != "aaaaaa" || err != nil {
			t.Errorf("got %q, %v", body, err)
		}
	}
}

func TestRouteTimeout(t *testing.T) {
	deadline := make(chan string, 1)
	s := newStage(t, func(_ http.ResponseWriter, r *http.Request) {
		deadline <- r.Header.Get(backend.TimeoutHeader)
		<-r.Context().Done()
	}, "match: {path: /}, timeout: 50ms")
	res, err := s.Client().Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusGatewayTimeout {
		t.Errorf("status %d; want 504", res.StatusCode)
	}
	if left := <-deadline; left == "" {
		t.Error("the service was not told how long it has")
	}
}

func TestTimeoutEndsWithTheHeaders(t *testing.T) {
	s := newStage(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "a")
		_ = http.NewResponseController(w).Flush()
		time.Sleep(150 * time.Millisecond)
		_, _ = io.WriteString(w, "b")
	}, "match: {path: /}, timeout: 100ms")
	res, err := s.Client().Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); string(body) != "ab" || err != nil {
		t.Errorf("got %q, %v", body, err)
	}
}

func TestRefusalsPass(t *testing.T) {
	s := newStage(t, func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "the service's own words", http.StatusTeapot)
	}, "match: {path: /}")
	res, err := s.Client().Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	if res.StatusCode != http.StatusTeapot || string(body) != "the service's own words\n" {
		t.Errorf("got %d %q", res.StatusCode, body)
	}
}

func TestFailuresNameTheCall(t *testing.T) {
	table := tableOf(t, func(context.Context, *backend.Request) (*backend.Response, error) {
		return nil, &fault.Error{Kind: fault.Unreachable, Err: errors.New("refused")}
	}, "match: {path: /}")
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	route, err := table.Match(r)
	if err != nil {
		t.Fatal(err)
	}
	err = route.Serve(newContext(r))
	if f := fault.From(err); f.Kind != fault.Unreachable || f.Service != "catalog" || f.Op != "r0" {
		t.Errorf("got %#v", f)
	}
}
