package e2e_test

import (
	"maps"
	"net/http"
	"testing"

	"github.com/facet-bff/facet/test/shop/faults"
)

// mend removes all faults now and at the end of the test, and forgets all calls.
func mend(t *testing.T) {
	t.Helper()
	reset := func() {
		send(t, http.MethodDelete, layout.URL("control")+"/faults")
		send(t, http.MethodDelete, layout.URL("control")+"/calls")
	}
	reset()
	t.Cleanup(reset)
}

// breakService gives a service, or "all" of them, a fault.
func breakService(t *testing.T, service, fault string) {
	t.Helper()
	if a := send(t, http.MethodPut, layout.URL("control")+"/faults/"+service, jsonBody(fault)); a.status != 200 {
		t.Fatalf("fault: status %d: %s", a.status, a.body)
	}
}

func forgetCalls(t *testing.T) {
	t.Helper()
	send(t, http.MethodDelete, layout.URL("control")+"/calls")
}

// calls are those that have reached the services, by "catalog GET /products/{id}".
func calls(t *testing.T) map[string]int {
	t.Helper()
	counts, err := faults.Client{URL: layout.URL("control")}.Calls(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return counts
}

// wantCalls checks what has been asked of the services, and nothing else.
func wantCalls(t *testing.T, want map[string]int) {
	t.Helper()
	if got := calls(t); !maps.Equal(got, want) {
		t.Errorf("calls: got %v, want %v", got, want)
	}
}
