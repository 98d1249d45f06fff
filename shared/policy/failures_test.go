package policy

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/discover"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/identity"
)

// server is a service that fails as its path says.
func server(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/status/{code}", func(w http.ResponseWriter, r *http.Request) {
		code, _ := strconv.Atoi(r.PathValue("code"))
		if code == http.StatusTooManyRequests {
			w.Header().Set("Retry-After", "1") // more than the caller has
		}
		w.WriteHeader(code)
		_, _ = w.Write([]byte("the service's own text"))
	})
	mux.HandleFunc("/body/garbage", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) })
	mux.HandleFunc("/body/large", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 2000)) })
	mux.HandleFunc("/body/half", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte(`{"half":`))
	})
	mux.HandleFunc("/reset", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	mux.HandleFunc("/hang", func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then does the server notice that the client left
		<-r.Context().Done()
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

// nobody is an address that refuses connections.
func nobody(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	return "http://" + l.Addr().String()
}

// A row is one line of the failure table: what happens, and what follows.
type row struct {
	name string

	path   string
	unsafe bool // the operation may not be repeated
	change func(*Service)
	cancel bool // the caller goes away after 20 ms
	bug    bool // the transport panics
	before func(backend.Sender)

	kind       fault.Kind
	status     int
	attempts   int
	counted    int // by the breaker, as failures
	retryAfter bool
}

func rows(t *testing.T, dead string) []row {
	t.Helper()
	asCaller := func(s *Service) { s.Credentials = "caller" }
	hangs := func(s *Service) { s.Timeout.Default = 30 * millis }
	return []row{
		{name: "400", path: "/status/400", kind: fault.Rejected, status: 400, attempts: 1},
		{name: "404", path: "/status/404", kind: fault.Rejected, status: 404, attempts: 1},
		{name: "409", path: "/status/409", kind: fault.Rejected, status: 409, attempts: 1},
		{name: "422", path: "/status/422", kind: fault.Rejected, status: 422, attempts: 1},
		{name: "401 to the caller", path: "/status/401", change: asCaller, kind: fault.RefusedCaller, status: 401, attempts: 1},
		{name: "403 to the caller", path: "/status/403", change: asCaller, kind: fault.RefusedCaller, status: 403, attempts: 1},
		{name: "401 to us", path: "/status/401", kind: fault.Refused, status: 502, attempts: 1},
		{name: "403 to us", path: "/status/403", kind: fault.Refused, status: 502, attempts: 1},
		{name: "429", path: "/status/429", kind: fault.Throttled, status: 503, attempts: 1, retryAfter: true},
		{name: "500", path: "/status/500", kind: fault.Broken, status: 502, attempts: 2, counted: 2},
		{name: "503", path: "/status/503", kind: fault.Broken, status: 502, attempts: 2, counted: 2},
		{name: "500, unsafe", path: "/status/500", unsafe: true, kind: fault.Broken, status: 502, attempts: 1, counted: 1},
		{name: "it breaks off", path: "/body/half", kind: fault.Broken, status: 502, attempts: 2, counted: 2},
		{name: "it resets", path: "/reset", kind: fault.Broken, status: 502, attempts: 2, counted: 2},
		{name: "it resets, unsafe", path: "/reset", unsafe: true, kind: fault.Broken, status: 502, attempts: 1, counted: 1},
		{name: "garbage", path: "/body/garbage", kind: fault.Broken, status: 502, attempts: 2, counted: 2},
		{name: "garbage, unsafe", path: "/body/garbage", unsafe: true, kind: fault.Broken, status: 502, attempts: 1, counted: 1},
		{name: "too large", path: "/body/large", kind: fault.Broken, status: 502, attempts: 2, counted: 2},
		{name: "no connection", path: "/", change: at(dead), kind: fault.Unreachable, status: 502, attempts: 2, counted: 2},
		{name: "no connection, unsafe", path: "/", unsafe: true, change: at(dead), kind: fault.Unreachable, status: 502, attempts: 2, counted: 2},
		{name: "breaker open", path: "/status/500", change: func(s *Service) { s.Breaker.MinRequests = 1 },
			before: once, kind: fault.Unavailable, status: 503, attempts: 1, retryAfter: true},
		{name: "no instance", change: at(), kind: fault.Unavailable, status: 503, retryAfter: true},
		{name: "bulkhead full", path: "/hang", change: func(s *Service) { s.Limit.Concurrent = 1 },
			before: occupy(t), kind: fault.Unavailable, status: 503, attempts: 1, retryAfter: true},
		{name: "too slow", path: "/hang", change: hangs, kind: fault.TooSlow, status: 504, attempts: 2, counted: 2},
		{name: "too slow, unsafe", path: "/hang", unsafe: true, change: hangs, kind: fault.TooSlow, status: 504, attempts: 1, counted: 1},
		{name: "the client went away", path: "/hang", cancel: true, kind: fault.Gone, status: 499, attempts: 1},
		{name: "our own bug", bug: true, kind: fault.Bug, status: 500, attempts: 1},
	}
}

// once lets the service fail before, which opens the breaker.
func once(send backend.Sender) { _, _ = send(context.Background(), row{path: "/status/500"}.request()) }

// occupy takes the only place of the bulkhead until the test ends.
func occupy(t *testing.T) func(backend.Sender) {
	t.Helper()
	return func(send backend.Sender) {
		ctx, cancel := context.WithCancel(context.Background())
		var calls sync.WaitGroup
		calls.Go(func() { _, _ = send(ctx, row{path: "/hang", unsafe: true}.request()) })
		t.Cleanup(func() { cancel(); calls.Wait() })
		time.Sleep(50 * millis)
	}
}

func at(bases ...string) func(*Service) {
	return func(s *Service) { s.Instances = discover.At(bases...) }
}

func TestTheFailureTable(t *testing.T) {
	live := server(t)
	for _, c := range rows(t, nobody(t)) {
		t.Run(c.name, func(t *testing.T) {
			pool := backend.NewPool(backend.Connections{MaxResponse: 1000, MaxConns: 64, MaxIdleConns: 4, IdleTimeout: time.Minute, DialTimeout: time.Second}, nil)
			defer pool.Close()
			var attempts atomic.Int32
			transport := pool.Send
			config := catalog()
			config.Instances, config.Retry.Base = discover.At(live), time.Millisecond
			if c.change != nil {
				c.change(&config)
			}
			set, b := New("catalog", config, Shared{Store: newStore(t), Metrics: metrics()}), (*breaker)(nil)
			set.Breaker = func(next backend.Sender) backend.Sender {
				b = newBreaker("catalog", classRead, config.Breaker, metrics(), next)
				return b.send
			}
			send := set.Apply(func(ctx context.Context, req *backend.Request) (*backend.Response, error) {
				attempts.Add(1)
				if c.bug {
					panic("a bug of ours")
				}
				return transport(ctx, req)
			})
			if c.before != nil {
				c.before(send)
			}

			ctx, cancel := context.WithTimeout(identity.NewContext(t.Context(), principal("i", "s", "t")), 800*millis)
			defer cancel()
			if c.cancel {
				time.AfterFunc(20*millis, cancel)
			}
			_, err := send(ctx, c.request())

			wantKind(t, err, c.kind)
			f := fault.From(err)
			if f.HTTPStatus() != c.status || (f.RetryAfter > 0) != c.retryAfter {
				t.Errorf("status %d, Retry-After %v", f.HTTPStatus(), f.RetryAfter)
			}
			if strings.Contains(f.Detail, "own text") || strings.Contains(f.Detail, "127.0.0.1") {
				t.Errorf("the client is told %q", f.Detail)
			}
			if n := int(attempts.Load()); n != c.attempts {
				t.Errorf("%d attempts, want %d", n, c.attempts)
			}
			if n := b.cb.Counts(); int(n.TotalFailures) != c.counted {
				t.Errorf("the breaker counts %+v, want %d failures", n, c.counted)
			}
		})
	}
}

func (c row) request() *backend.Request {
	req := &backend.Request{Service: "catalog", Op: "product", Method: http.MethodGet, Path: c.path, Safe: !c.unsafe}
	if c.unsafe {
		req.Method, req.Body = http.MethodPost, []byte("{}")
	}
	req.Checker = checking(func(res *backend.Response) error {
		var v any
		return json.Unmarshal(res.Body, &v)
	})
	return req
}
