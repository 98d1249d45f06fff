package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/gateway"
	"github.com/facet-bff/facet/test/load/conformance"
	"github.com/facet-bff/facet/test/load/scenario"
	"github.com/facet-bff/facet/test/load/token"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestScenarios(t *testing.T) {
	backends := conformance.Start(t)
	config, err := gateway.Load(Gateway, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	g, err := gateway.New(Gateway, config, gateway.Options{
		Log: &log, RoundTripper: func(string, backend.Connections) http.RoundTripper { return backends.Transport },
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(g.Handler())
	waitForKeys(t, server.URL, backends.Issuer)
	backends.Check(t, server.URL, scenario.Names())
	backends.CheckSized(t, server.URL)
	server.Close()
	g.Close()
	if !strings.Contains(log.String(), `"path":"/s2/home/1"`) {
		t.Error("there is no access log")
	}
}

// waitForKeys returns when the gateway accepts a token.
func waitForKeys(t *testing.T, base string, issuer *token.Issuer) {
	t.Helper()
	bearer, err := issuer.Sign("RS256", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		req, _ := http.NewRequest(http.MethodGet, base+"/s4/users/1", http.NoBody)
		req.Header.Set("Authorization", "Bearer "+bearer)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode == http.StatusOK {
			return
		}
	}
	t.Fatal("the gateway has no keys")
}
