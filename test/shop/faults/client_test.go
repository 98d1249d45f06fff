package faults_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/facet-bff/facet/test/shop/faults"
)

func TestClient(t *testing.T) {
	b := newBench(t)
	client := faults.Client{URL: b.control.URL}
	ask := func() int {
		t.Helper()
		status, _, err := b.send(t.Context(), http.MethodPost, b.echo.URL+"/echo/1", `{}`)
		if err != nil {
			t.Fatal(err)
		}
		return status
	}
	if err := client.Put(t.Context(), "echo", faults.Fault{Status: 503}); err != nil || ask() != 503 {
		t.Errorf("a fault: %v", err)
	}
	if err := client.Clear(t.Context()); err != nil || ask() != 200 {
		t.Errorf("no fault: %v", err)
	}
	calls, err := client.Calls(t.Context())
	if want := map[string]int{"echo POST /echo/{id}": 2}; err != nil || !maps.Equal(calls, want) {
		t.Errorf("calls: %v, %v; want %v", calls, err, want)
	}
	if err := client.Forget(t.Context()); err != nil {
		t.Error(err)
	}
	if calls, err := client.Calls(t.Context()); err != nil || len(calls) > 0 {
		t.Errorf("forgotten: %v, %v", calls, err)
	}
	if err := client.Put(t.Context(), "nobody", faults.Fault{Hang: true}); err == nil || !strings.Contains(err.Error(), "status 404") {
		t.Errorf("an unknown service: %v", err)
	}
}
