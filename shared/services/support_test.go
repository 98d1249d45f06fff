package services_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/config"
	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/policy"
	"github.com/facet-bff/facet/shared/services"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// An instance is a real server that may fail.
type instance struct {
	*httptest.Server

	mode  atomic.Int32 // a status to answer with, or one of the next
	asked atomic.Int32
	open  atomic.Int32 // connections
}

const (
	well  = 0
	hangs = 1
	slow  = 2 // 100 ms
)

func newInstance(t *testing.T) *instance {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listening(t, l)
}

func listening(t *testing.T, l net.Listener) *instance {
	t.Helper()
	i := &instance{}
	i.Server = httptest.NewUnstartedServer(http.HandlerFunc(i.serve))
	_ = i.Listener.Close()
	i.Listener = l
	i.Config.ErrorLog = log.New(io.Discard, "", 0)
	i.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			i.open.Add(1)
		case http.StateClosed:
			i.open.Add(-1)
		}
	}
	i.Start()
	t.Cleanup(i.Close)
	return i
}

func (i *instance) serve(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/healthz" && i.mode.Load() == well {
		return
	}
	i.asked.Add(1)
	switch mode := int(i.mode.Load()); mode {
	case hangs:
		<-r.Context().Done()
	case slow:
		time.Sleep(100 * time.Millisecond)
	case well:
	default:
		w.WriteHeader(mode)
	}
	_, _ = io.WriteString(w, r.Host)
}

// open opens the service "catalog" of a configuration.
func open(t *testing.T, section string) (*services.Running, *observe.Metrics) {
	t.Helper()
	s, err := config.Load[policy.Service](config.Sources{Default: []byte(section)})
	if err != nil {
		t.Fatal(err)
	}
	metrics := observe.NewMetrics("test")
	running, err := services.Open(services.Config{Services: map[string]policy.Service{"catalog": *s}}, services.Options{Metrics: metrics})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.Close)
	return running, metrics
}

// echoes stands for connections to a service: it answers with the host that is asked.
func echoes(string, backend.Connections) http.RoundTripper { return echo{} }

type echo struct{}

func (echo) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(r.URL.Host)), Request: r}, nil
}

var number atomic.Int64

// ask makes one call that shares nothing with others, and returns what was answered.
func ask(ctx context.Context, running *services.Running) (string, error) {
	res, err := running.Calls().Get("catalog").Send(ctx, &backend.Request{
		Op: "product", Method: http.MethodGet, Path: fmt.Sprintf("/products/%d", number.Add(1)), Safe: true,
	})
	if err != nil {
		return "", err
	}
	return string(res.Body), nil
}

// crowd makes calls by several callers, and counts those that fail.
func crowd(t *testing.T, running *services.Running, callers, calls int) (failed int64) {
	t.Helper()
	var bad atomic.Int64
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for range calls / callers {
				if _, err := ask(t.Context(), running); err != nil {
					bad.Add(1)
				}
			}
		})
	}
	all.Wait()
	return bad.Load()
}

// until waits for something to hold.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not %s", what)
		}
	}
}
