// Package conformance tests that a gateway of the load test answers what it is measured
// with.
package conformance

import (
	"context"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/facet-bff/facet/test/load/scenario"
	"github.com/facet-bff/facet/test/load/token"
	"github.com/facet-bff/facet/test/load/upstream"
)

// Backends are running until the test ends.
type Backends struct {
	Address string // of all of them, for gateways that are processes

	// Transport leads every connection to the backends, whichever port it is for.
	Transport *http.Transport
	Issuer    *token.Issuer
}

// Start starts the backends on a free port.
func Start(t *testing.T) Backends {
	t.Helper()
	issuer, err := token.NewIssuer()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := issuer.KeySet()
	if err != nil {
		t.Fatal(err)
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	running.Go(func() { upstream.New(keys).Serve(ctx, l) })
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, l.Addr().String())
		},
		MaxIdleConnsPerHost: upstream.Services, ResponseHeaderTimeout: 5 * time.Second,
	}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		stop()
		running.Wait()
	})
	return Backends{Address: l.Addr().String(), Transport: transport, Issuer: issuer}
}

// Check asks base for every scenario of these names, twice, so that what a first answer
// leaves in a cache is looked at as well.
func (b Backends) Check(t *testing.T, base string, names []string) {
	t.Helper()
	b.check(t, base, slices.DeleteFunc(scenario.All(), func(s scenario.Scenario) bool { return !slices.Contains(names, s.Name) }))
}

// CheckSized does so for every sized scenario.
func (b Backends) CheckSized(t *testing.T, base string) {
	t.Helper()
	b.check(t, base, scenario.Sized())
}

func (b Backends) check(t *testing.T, base string, scenarios []scenario.Scenario) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}, Timeout: 5 * time.Second}
	defer client.CloseIdleConnections()
	for _, s := range scenarios {
		requests, err := s.Requests(b.Issuer, 0, 2)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 2 {
			if _, err := s.Check(t.Context(), client, base, requests[i%len(requests)]); err != nil {
				t.Errorf("%s: %v", s.Name, err)
			}
		}
	}
}
