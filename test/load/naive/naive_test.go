package main

import (
	"net/http/httptest"
	"testing"

	"go.uber.org/goleak"

	"github.com/facet-bff/facet/test/load/conformance"
	"github.com/facet-bff/facet/test/load/scenario"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestScenarios(t *testing.T) {
	backends, keys := conformance.Start(t), t.TempDir()
	if err := backends.Issuer.Write(keys); err != nil {
		t.Fatal(err)
	}
	gateway, err := newGateway(backends.Transport, keys)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gateway)
	defer server.Close()
	backends.Check(t, server.URL, scenario.Names())
	backends.CheckSized(t, server.URL)
}
