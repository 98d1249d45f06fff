package chaos_test

import (
	"bufio"
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/facet-bff/facet/test/demo/fleet"
	"github.com/facet-bff/facet/test/demo/stage"
)

// A scene is a front before every service, and gateways behind them.
type scene struct {
	fronts map[string]*front
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{fronts: map[string]*front{}}
	for _, service := range fleet.Services("bff-web") { // calls all
		f, err := newFront(strings.TrimPrefix(layout.URL(service), "http://"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(f.close)
		s.fronts[service] = f
	}
	t.Cleanup(func() { s.mend(t) })
	return s
}

// mend takes all faults away, and forgets all calls.
func (s *scene) mend(t *testing.T) {
	t.Helper()
	for _, f := range s.fronts {
		f.mend(t)
	}
	if err := shop.Clear(context.WithoutCancel(t.Context())); err != nil { // the test may be over
		t.Fatal(err)
	}
	s.forget(t)
}

func (s *scene) forget(t *testing.T) {
	t.Helper()
	if err := shop.Forget(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
}

// arrived is how many calls have arrived at a service.
func (s *scene) arrived(t *testing.T, service string) (sum int) {
	t.Helper()
	calls, err := shop.Calls(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for call, n := range calls {
		if strings.HasPrefix(call, service+" ") {
			sum += n
		}
	}
	return sum
}

// start starts a gateway behind the fronts. It must stop by itself when it is told to, and
// have no data race.
func (s *scene) start(t *testing.T, name string, env []string, args ...string) *stage.Gateway {
	t.Helper()
	return s.startFrom(t, binaries, name, env, args...)
}

// startFrom is start with the program of another directory.
func (s *scene) startFrom(t *testing.T, bin, name string, env []string, args ...string) *stage.Gateway {
	t.Helper()
	var urls []string
	for _, service := range fleet.Services(name) {
		urls = append(urls, setting(service, "URL", s.fronts[service].url()))
	}
	env = append(append(urls, "SSL_CERT_FILE="+trusted.file, "GODEBUG=netdns=go"), env...)
	g, err := stage.StartGateway(t.Context(), layout, bin, name, t.TempDir(), env, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		client.CloseIdleConnections() // a server waits for those that were never used
		if err := g.Stop(10 * time.Second); err != nil || g.ExitCode() != 0 {
			t.Errorf("%s: exit code %d, %v", name, g.ExitCode(), err)
		}
		if strings.Contains(g.Tail(10_000), "DATA RACE") {
			t.Errorf("%s has a data race", name)
		}
		if t.Failed() {
			t.Logf("the end of the log of %s:\n%s", name, g.Tail(10))
		}
	})
	return g
}

func setting(service, name, value string) string {
	return "FACET_SERVICES__" + strings.ToUpper(service) + "__" + name + "=" + value
}

// metric sums the values of a gateway's metric, of those whose labels have all of these.
func metric(t *testing.T, g *stage.Gateway, name string, labels ...string) (sum float64) {
	t.Helper()
	a := ask("GET", g.Management+"/metrics", "", "")
	lines := bufio.NewScanner(strings.NewReader(string(a.body)))
	for lines.Scan() {
		series, value, _ := strings.Cut(lines.Text(), " ")
		family, with, _ := strings.Cut(series, "{")
		has := family == name
		for _, label := range labels {
			has = has && strings.Contains(with, label)
		}
		if number, err := strconv.ParseFloat(value, 64); has && err == nil {
			sum += number
		}
	}
	return sum
}

// attempted is how many calls a gateway has attempted to make to a service.
func attempted(t *testing.T, g *stage.Gateway, service string) int {
	t.Helper()
	return int(metric(t, g, "facet_service_call_duration_seconds_count", `service="`+service+`"`))
}

func goroutines(t *testing.T, g *stage.Gateway) float64 {
	t.Helper()
	client.CloseIdleConnections()
	return metric(t, g, "go_goroutines")
}

func memory(t *testing.T, g *stage.Gateway) float64 {
	t.Helper()
	return metric(t, g, "process_resident_memory_bytes") / (1 << 20)
}

// eventually waits for a condition, and reports whether it came.
func eventually(condition func() bool) bool {
	for deadline := time.Now().Add(10 * time.Second); !condition(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			return false
		}
	}
	return true
}
