package main

import (
	"context"
	"net"
	"net/http/httptest"
	"testing"

	"go.uber.org/goleak"

	"github.com/facet-bff/facet/test/load/conformance"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestScenarios(t *testing.T) {
	backends := conformance.Start(t)
	g := newGateway(func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, backends.Address)
	})
	server := httptest.NewServer(g)
	defer server.Close()
	backends.Check(t, server.URL, []string{"S0", "S1", "S2", "S2d", "S3", "S7-1", "S7-2", "S7-4", "S7-8", "S7-16", "S7-32"})
}
