package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/gateway"
	"github.com/facet-bff/facet/test/load/conformance"
)

func TestCrowd(t *testing.T) {
	backends := conformance.Start(t)
	def := crowded(Gateway, 20)
	config, err := gateway.Load(def, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	g, err := gateway.New(def, config, gateway.Options{
		RoundTripper: func(string, backend.Connections) http.RoundTripper { return backends.Transport },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	server := httptest.NewServer(g.Handler())
	defer server.Close()
	backends.Check(t, server.URL, []string{"S0", "S1"})
	for path, want := range map[string]int{"/s10019/home/1": 200, "/s10019/users/1": 200, "/s10020/home/1": 404, "/s10020/users/1": 404} {
		res, err := server.Client().Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("GET %s: status %d, want %d", path, res.StatusCode, want)
		}
	}
	if len(Gateway.Endpoints)+20 != len(def.Endpoints) {
		t.Errorf("%d endpoints became %d", len(Gateway.Endpoints), len(def.Endpoints))
	}
}

func TestLargeCrowdCanBeConfigured(t *testing.T) {
	config, err := gateway.Load(crowded(Gateway, 2000), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	own, err := gateway.Load(Gateway, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(config.Routes) - len(own.Routes); n != mostRoutes {
		t.Errorf("%d further routes", n)
	}
}

func TestCrowdSize(t *testing.T) {
	for text, want := range map[string]int{"": 0, "2000": 2000} {
		t.Setenv(crowdVariable, text)
		if got, err := crowdSize(); err != nil || got != want {
			t.Errorf("%q: %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"many", "-1", "1000000"} {
		t.Setenv(crowdVariable, text)
		if got, err := crowdSize(); err == nil {
			t.Errorf("%q: %d", text, got)
		}
	}
}
