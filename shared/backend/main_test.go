package backend_test

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const maxResponse = 64 << 10

// serve starts a service on the loopback and returns a Sender to it.
func serve(t testing.TB, h http.HandlerFunc) backend.Sender {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return sendTo(t, server.URL, nil)
}

// sendTo returns a Sender to base through connections that end with the test.
func sendTo(t testing.TB, base string, outgoing backend.Outgoing) backend.Sender {
	t.Helper()
	pool := backend.NewPool(connections(200*time.Millisecond), outgoing)
	t.Cleanup(pool.Close)
	return at(base, pool.Send)
}

func connections(dial time.Duration) backend.Connections {
	return backend.Connections{MaxResponse: maxResponse, MaxConns: 64, MaxIdleConns: 4, IdleTimeout: time.Minute, DialTimeout: dial}
}

// at is what the balance policy does.
func at(base string, next backend.Sender) backend.Sender {
	return func(ctx context.Context, req *backend.Request) (*backend.Response, error) {
		own := *req
		own.Base = base
		return next(ctx, &own)
	}
}

// A recorder is a Sender that keeps what it was asked and answers body.
type recorder struct {
	asked *backend.Request
	body  string
}

func (r *recorder) service() *backend.Service {
	return backend.NewService("shop", func(_ context.Context, req *backend.Request) (*backend.Response, error) {
		r.asked = req
		return &backend.Response{Status: http.StatusOK, Body: []byte(r.body)}, nil
	})
}

func wantKind(t *testing.T, err error, want fault.Kind) {
	t.Helper()
	if f := fault.From(err); f == nil || f.Kind != want {
		t.Fatalf("got %v, want a failure of kind %v", err, want)
	}
}

func faultOf(t *testing.T, err error, want fault.Kind) *fault.Error {
	t.Helper()
	wantKind(t, err, want)
	return fault.From(err)
}

// wantInvalid checks that err is the fault of one part of the request.
func wantInvalid(t *testing.T, err error, in, name string) {
	t.Helper()
	f := faultOf(t, err, fault.Invalid)
	if len(f.Fields) != 1 || f.Fields[0].In != in || f.Fields[0].Name != name || f.Fields[0].Detail == "" {
		t.Errorf("the fields are %+v, want one: %s %s", f.Fields, in, name)
	}
}

func get() *backend.Request {
	return &backend.Request{Service: "shop", Op: "item", Method: http.MethodGet, Path: "/", Safe: true}
}

var quiet = log.New(io.Discard, "", 0)

// A checker is a function that checks.
type checker func(*backend.Response) error

func (c checker) Check(res *backend.Response) error { return c(res) }
