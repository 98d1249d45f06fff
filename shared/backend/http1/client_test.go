package http1_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/facet-bff/facet/shared/backend/http1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newClient returns a client whose dials are counted.
func newClient(t *testing.T, address string, adjust func(*http1.Options)) (*http1.Client, *atomic.Int32) {
	t.Helper()
	var dials atomic.Int32
	o := http1.Options{
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			dials.Add(1)
			return new(net.Dialer).DialContext(ctx, network, address)
		},
		MaxConns: 64, MaxIdle: 16, IdleTimeout: time.Minute, MaxHeader: 16 << 10,
	}
	if adjust != nil {
		adjust(&o)
	}
	c := http1.New(address, o)
	t.Cleanup(c.CloseIdle)
	return c, &dials
}

func get(target string) *http1.Request {
	return &http1.Request{Method: "GET", Host: "test", Target: target, MaxBody: 1 << 20, Idempotent: true}
}

// serve starts a server and returns its address.
func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// script answers each connection's requests with raw texts, one per request, and then
// closes the connection.
func script(t *testing.T, answers ...string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	t.Cleanup(func() { _ = l.Close(); wg.Wait() })
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer conn.Close()
				r := bufio.NewReader(conn)
				for _, a := range answers {
					req, err := http.ReadRequest(r)
					if err != nil {
						return
					}
					_, _ = io.Copy(io.Discard, req.Body)
					_, _ = io.WriteString(conn, a)
				}
			})
		}
	})
	return l.Addr().String()
}

func TestExchange(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Saw", r.Method+" "+r.Host+" "+r.RequestURI+" "+r.Header.Get("X-Mine")+" "+string(body))
		switch r.URL.Path {
		case "/none":
			w.WriteHeader(http.StatusNoContent)
		case "/chunked":
			for i := range 20 {
				fmt.Fprintf(w, "%d,%s", i, strings.Repeat("x", i*100))
				w.(http.Flusher).Flush()
			}
		case "/large":
			_, _ = w.Write([]byte(strings.Repeat("y", 300_000)))
		default:
			_, _ = io.WriteString(w, "hello")
		}
	})
	c, dials := newClient(t, address, nil)
	for _, tt := range []struct {
		method, target, body string
		status, length       int
	}{
		{"GET", "/a?b=c%20d", "", 200, 5},
		{"POST", "/a", "payload", 200, 5},
		{"PUT", "/a", "", 200, 5},
		{"HEAD", "/a", "", 200, 0},
		{"DELETE", "/none", "", 204, 0},
		{"GET", "/chunked", "", 200, 19_050},
		{"GET", "/large", "", 200, 300_000},
	} {
		r := &http1.Request{
			Method: tt.method, Host: "shop.test", Target: tt.target, Body: []byte(tt.body), MaxBody: 1 << 20,
			Header: []byte("X-Mine: yes\r\n"),
		}
		res, err := c.Do(t.Context(), r)
		if err != nil {
			t.Fatalf("%s %s: %v", tt.method, tt.target, err)
		}
		if res.Status != tt.status || len(res.Body) != tt.length {
			t.Errorf("%s %s: status %d, %d bytes", tt.method, tt.target, res.Status, len(res.Body))
		}
		if want := tt.method + " shop.test " + tt.target + " yes " + tt.body; strings.TrimSpace(res.Header.Get("X-Saw")) != strings.TrimSpace(want) {
			t.Errorf("the server saw %q, want %q", res.Header.Get("X-Saw"), want)
		}
	}
	if n := dials.Load(); n != 1 {
		t.Errorf("%d connections for exchanges one after the other, want 1", n)
	}
}

func TestBodiesHaveALimit(t *testing.T) {
	for name, answer := range map[string]string{
		"length":  "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n",
		"chunked": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n6\r\nabcdef\r\n0\r\n\r\n",
		"close":   "HTTP/1.0 200 OK\r\n\r\nabcdefghijk",
		"head":    "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 40<<10) + "\r\n\r\n",
	} {
		c, _ := newClient(t, script(t, answer), nil)
		r := get("/")
		r.MaxBody = 10
		if _, err := c.Do(t.Context(), r); !errors.Is(err, http1.ErrTooLarge) {
			t.Errorf("%s: %v, want ErrTooLarge", name, err)
		}
	}
}

// What is too large costs about twice the limit, and not four times.
func TestBodiesThatAreTooLargeCostLittle(t *testing.T) {
	const limit = 1 << 20
	c, _ := newClient(t, script(t, "HTTP/1.0 200 OK\r\n\r\n"+strings.Repeat("x", 2*limit)), nil)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := c.Do(t.Context(), get("/"))
	runtime.ReadMemStats(&after)
	cost := after.TotalAlloc - before.TotalAlloc - 2*limit // the server's
	if !errors.Is(err, http1.ErrTooLarge) || cost > limit*5/2 {
		t.Errorf("%v, for %d bytes of memory", err, cost)
	}
}

// An idle connection that the server has closed costs a new one, not the request, unless
// the request may have been carried out.
func TestStaleConnections(t *testing.T) {
	const answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	c, dials := newClient(t, script(t, answer), nil) // closes after one answer, and does not say so
	for i := range 5 {
		res, err := c.Do(t.Context(), get("/"))
		if err != nil || string(res.Body) != "ok" {
			t.Fatalf("request %d: %v", i, err)
		}
		time.Sleep(5 * time.Millisecond) // until the server has closed
	}
	if n := dials.Load(); n != 5 {
		t.Errorf("%d connections, want 5", n)
	}
	for i := range 3 {
		r := get("/")
		r.Method, r.Idempotent = "POST", false
		if _, err := c.Do(t.Context(), r); err != nil {
			t.Errorf("POST %d after an idle connection was closed: %v", i, err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestConnectionsAreUsedAgainOnlyWhenClean(t *testing.T) {
	const again = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno"
	for name, answer := range map[string]string{
		"Connection: close": "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
		"HTTP/1.0":          "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
		"more than asked":   "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno",
	} {
		c, dials := newClient(t, script(t, answer, again), nil)
		for range 2 {
			if res, err := c.Do(t.Context(), get("/")); err != nil || string(res.Body) != "ok" {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := dials.Load(); n != 2 {
			t.Errorf("%s: %d connections, want 2", name, n)
		}
	}
}

func TestCancellationIsPrompt(t *testing.T) {
	started, gone := make(chan struct{}), make(chan struct{})
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/body" {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "part")
			w.(http.Flusher).Flush()
		}
		started <- struct{}{}
		<-r.Context().Done()
		gone <- struct{}{}
	})
	c, _ := newClient(t, address, nil)
	for _, target := range []string{"/head", "/body"} {
		ctx, cancel := context.WithCancel(t.Context())
		result := make(chan error, 1)
		go func() { _, err := c.Do(ctx, get(target)); result <- err }()
		<-started
		cancel()
		if err := <-result; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want context.Canceled", target, err)
		}
		<-gone // the server sees its connection closed
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	go func() { <-started; <-gone }()
	if _, err := c.Do(ctx, get("/head")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("deadline: %v", err)
	}
}

func TestMaxConnsWaits(t *testing.T) {
	var busy, most atomic.Int32
	address := serve(t, func(http.ResponseWriter, *http.Request) {
		n := busy.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		time.Sleep(2 * time.Millisecond)
		busy.Add(-1)
	})
	c, _ := newClient(t, address, func(o *http1.Options) { o.MaxConns = 3 })
	var wg sync.WaitGroup
	for range 30 {
		wg.Go(func() {
			if _, err := c.Do(t.Context(), get("/")); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if most.Load() > 3 {
		t.Errorf("%d exchanges at a time, want at most 3", most.Load())
	}
}

func TestIdleConnectionsAreBoundedAndAge(t *testing.T) {
	var open atomic.Int32
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(5 * time.Millisecond) }))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			open.Add(1)
		case http.StateClosed:
			open.Add(-1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	c, _ := newClient(t, s.Listener.Addr().String(), func(o *http1.Options) { o.MaxIdle, o.IdleTimeout = 4, 50*time.Millisecond })
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() { _, _ = c.Do(t.Context(), get("/")) })
	}
	wg.Wait()
	wait := func(most int32) {
		t.Helper()
		for deadline := time.Now().Add(5 * time.Second); open.Load() > most; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%d connections are open, want at most %d", open.Load(), most)
			}
		}
	}
	wait(4)
	wait(0)
}

func TestTLS(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Proto) }))
	t.Cleanup(s.Close)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	c, dials := newClient(t, s.Listener.Addr().String(), func(o *http1.Options) {
		o.TLS = &tls.Config{RootCAs: roots, ServerName: "example.com", MinVersion: tls.VersionTLS12}
		o.HandshakeTimeout = 5 * time.Second
	})
	for range 3 {
		if res, err := c.Do(t.Context(), get("/")); err != nil || string(res.Body) != "HTTP/1.1" {
			t.Fatalf("%v %v", res, err)
		}
	}
	if dials.Load() != 1 {
		t.Errorf("%d connections, want 1", dials.Load())
	}
	strange, _ := newClient(t, s.Listener.Addr().String(), func(o *http1.Options) {
		o.TLS = &tls.Config{ServerName: "example.com", MinVersion: tls.VersionTLS12}
		o.HandshakeTimeout = 5 * time.Second
	})
	if _, err := strange.Do(t.Context(), get("/")); err == nil {
		t.Error("a certificate that nobody vouches for was accepted")
	}
}

// A caller who goes is noticed soon, and a deadline at once, whether an exchange has just begun
// or has been under way for a while.
func TestTheEndOfAContextIsNoticed(t *testing.T) {
	release := make(chan struct{})
	address := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	defer close(release)
	c, _ := newClient(t, address, nil)
	for _, after := range []time.Duration{time.Millisecond, 5 * time.Millisecond, 50 * time.Millisecond} {
		gone, leave := context.WithCancel(t.Context())
		time.AfterFunc(after, leave)
		for name, ctx := range map[string]context.Context{"gone": gone, "late": late{t.Context(), time.Now().Add(after)}} {
			began := time.Now()
			_, err := c.Do(ctx, get("/"))
			if want := map[string]error{"gone": context.Canceled, "late": context.DeadlineExceeded}[name]; !errors.Is(err, want) {
				t.Errorf("%s after %v: %v", name, after, err)
			}
			if took := time.Since(began); took > after+time.Second {
				t.Errorf("%s after %v: noticed after %v", name, after, took)
			}
		}
	}
	if _, err := c.Do(canceled(t), get("/")); !errors.Is(err, context.Canceled) {
		t.Errorf("gone before: %v", err)
	}
}

// Whoever makes a connection is told of a deadline that comes before the context is done.
func TestDeadlineWhileConnecting(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // the system accepts, and nobody answers
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	for name, adjust := range map[string]func(*http1.Options){
		"dial": func(o *http1.Options) {
			o.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			}
		},
		"handshake": func(o *http1.Options) { o.TLS, o.HandshakeTimeout = &tls.Config{ServerName: "test"}, 10*time.Second },
	} {
		c, _ := newClient(t, silent.Addr().String(), adjust)
		began := time.Now()
		_, err := c.Do(late{t.Context(), began.Add(20 * time.Millisecond)}, get("/"))
		if took := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, http1.ErrConnect) || took > time.Second {
			t.Errorf("%s: %v after %v", name, err, took)
		}
	}
}

func canceled(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

// A late context has a deadline that does not end it.
type late struct {
	context.Context
	at time.Time
}

func (l late) Deadline() (time.Time, bool) { return l.at, true }
