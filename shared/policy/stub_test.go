package policy

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/cache"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/observe"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A stub is a transport that remembers what it was asked.
type stub struct {
	answer func(ctx context.Context, n int) (*backend.Response, error) // n counts from 1

	mu    sync.Mutex
	asked []*backend.Request
}

func (s *stub) send(ctx context.Context, req *backend.Request) (*backend.Response, error) {
	s.mu.Lock()
	s.asked = append(s.asked, new(*req)) // nobody keeps req itself
	n := len(s.asked)
	s.mu.Unlock()
	if s.answer == nil {
		return ok(), nil
	}
	return s.answer(ctx, n)
}

func (s *stub) calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.asked)
}

// fails answers with a failure of that kind, each time.
func fails(kind fault.Kind) *stub {
	return &stub{answer: func(context.Context, int) (*backend.Response, error) {
		return nil, &fault.Error{Kind: kind}
	}}
}

// takes answers after d, and fails as a transport does when ctx ends before.
func takes(d time.Duration) *stub {
	return &stub{answer: func(ctx context.Context, _ int) (*backend.Response, error) {
		if err := wait(ctx, d); err != nil {
			return nil, err
		}
		return ok(), nil
	}}
}

// wait keeps to the deadline of ctx, as a Sender has to.
func wait(ctx context.Context, d time.Duration) error {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline)
		defer cancel()
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return fault.From(ctx.Err())
	}
}

func ok() *backend.Response {
	return &backend.Response{Status: http.StatusOK, Header: http.Header{}, Body: []byte("answer")}
}

// get is a safe request; post is not.
func get() *backend.Request {
	return &backend.Request{Service: "catalog", Op: "product", Method: http.MethodGet, Path: "/p/1", Safe: true}
}

func post() *backend.Request {
	return &backend.Request{Service: "catalog", Op: "place", Method: http.MethodPost, Path: "/orders"}
}

func metrics() *observe.Metrics { return observe.NewMetrics("test") }

func newStore(t testing.TB) *cache.Store[*Entry] {
	t.Helper()
	s, err := cache.New(cache.Config{MaxBytes: 16 << 20}, (*Entry).Cost)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// wantKind checks a failure, and that it names the call if a policy made it.
func wantKind(t *testing.T, err error, kind fault.Kind) {
	t.Helper()
	if err == nil || fault.From(err).Kind != kind {
		t.Fatalf("got %v, want a failure of kind %v", err, kind)
	}
}

func wantNamed(t *testing.T, err error, kind fault.Kind) {
	t.Helper()
	wantKind(t, err, kind)
	if f := fault.From(err); f.Service != "catalog" || f.Op == "" {
		t.Errorf("the failure names %q.%q", f.Service, f.Op)
	}
}

// A checking is a function that checks.
type checking func(*backend.Response) error

func (c checking) Check(res *backend.Response) error { return c(res) }

// only gives one operation a time of its own.
func only(op string, ttl time.Duration) map[string]OpCache {
	return map[string]OpCache{op: {TTL: &ttl}}
}
