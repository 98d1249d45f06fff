package e2e_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/facet-bff/facet/test/demo/fleet"
	"github.com/facet-bff/facet/test/demo/stage"
)

// A gateway is one process of a gateway on ports of its own.
type gateway struct {
	*fleet.Process
	url, management string
}

// Settings of a gateway for tests that need them. See also each.
const (
	slowStop = "FACET_SERVER__DRAIN__DELAY=500ms"
	patient  = "FACET_ENDPOINTS__BUDGET=20s"
)

// start starts a gateway that calls the shared shop, with environment variables besides,
// and waits until it is ready. It is stopped at the end of the test, which fails if it
// could not finish what it was doing.
func start(t *testing.T, name string, env ...string) *gateway {
	t.Helper()
	mend(t)
	started, err := stage.StartGateway(t.Context(), layout, binaries, name, t.TempDir(), env)
	if err != nil {
		t.Fatal(err)
	}
	g := &gateway{Process: started.Process, url: started.URL, management: started.Management}
	t.Cleanup(func() { g.end(t) })
	return g
}

func each(gateway, setting string) []string { return stage.Each(gateway, setting) }

func uncached(gateway string) []string { return stage.Uncached(gateway) }

func (g *gateway) end(t *testing.T) {
	t.Helper()
	client.CloseIdleConnections() // a server waits 5s for those that were never used
	if err := g.Stop(10 * time.Second); err != nil {
		t.Error(err)
	}
	if g.ExitCode() != 0 {
		t.Errorf("%s: exit code %d", g.Name, g.ExitCode())
	}
	if strings.Contains(g.Tail(1000), "DATA RACE") {
		t.Errorf("%s has a data race", g.Name)
	}
	if t.Failed() {
		t.Logf("the end of the log of %s:\n%s", g.Name, g.Tail(20))
	}
}

// A line of a gateway's log.
type line struct {
	Message    string `json:"msg"`
	Address    string `json:"address"`
	Management string `json:"management"`
	RequestID  string `json:"request_id"`
	TraceID    string `json:"trace_id"`
	Method     string `json:"method"`
	Endpoint   string `json:"endpoint"`
	Path       string `json:"path"`
	Status     int    `json:"status"`
	Subject    string `json:"subject"`
	Degraded   string `json:"degraded"`
	Level      string `json:"level"`
}

// lines are those of the log that have a message. Every line must be JSON.
func (g *gateway) lines(t *testing.T, message string) (found []line) {
	t.Helper()
	log, err := os.ReadFile(g.Log)
	if err != nil {
		t.Fatal(err)
	}
	for text := range strings.Lines(string(log)) {
		if !strings.HasSuffix(text, "\n") {
			break // it is being written
		}
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatalf("%s logs %q: %v", g.Name, text, err)
		}
		if l.Message == message {
			found = append(found, l)
		}
	}
	return found
}

// eventually waits for a condition, which is an error if it does not come.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	for !condition() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain: %s", what)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
