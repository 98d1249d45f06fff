package main

import (
	"context"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/facet-bff/facet/test/load/report"
	"github.com/facet-bff/facet/test/load/scenario"
	"github.com/facet-bff/facet/test/load/token"
)

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// startGateway starts a process that answers everything alike.
func startGateway(t *testing.T, name, answer string) contender {
	t.Helper()
	c := candidate{name: name, address: freeAddress(t), serves: []string{"S0"}}
	t.Setenv("BE_GATEWAY", c.address+" "+answer)
	p, err := start(t.Context(), name, c.address, t.TempDir(), os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.stop)
	return contender{candidate: c, process: p, sizes: map[string]int{}}
}

// newBench has two candidates, the second of which gives the answer.
func newBench(t *testing.T, answer string) *bench {
	t.Helper()
	issuer, err := token.NewIssuer()
	if err != nil {
		t.Fatal(err)
	}
	one := startGateway(t, "one", "{}")
	return &bench{
		settings: settings{rounds: 3, duration: 50 * time.Millisecond, warmUp: 10 * time.Millisecond, connections: 2, openConnections: 2},
		log:      t.Output(), issuer: issuer, backends: one.process, scenarios: scenario.All()[:1],
		running: []contender{one, startGateway(t, "two", answer)},
	}
}

func TestMeasureTakesTurns(t *testing.T) {
	if runtime.GOOS != "linux" {
		return // there is no /proc
	}
	b, r := newBench(t, " { } "), &report.Report{}
	if err := b.compare(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := b.measure(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, s := range r.Samples {
		order = append(order, s.Candidate)
		if s.Scenario != "S0" || s.Round != (len(order)-1)/2 || s.Done == 0 || s.Bad+s.Failed > 0 || s.Peak == 0 || s.P50 <= 0 {
			t.Errorf("%+v", s)
		}
	}
	if !slices.Equal(order, []string{"one", "two", "two", "one", "one", "two"}) {
		t.Errorf("the order is %v", order)
	}
	if r.Samples[0].Size != 2 || r.Samples[1].Size != 5 {
		t.Errorf("answers of %d and %d bytes", r.Samples[0].Size, r.Samples[1].Size)
	}
}

func TestWrongAnswersAreNotMeasured(t *testing.T) {
	b := newBench(t, `{"quick":true}`)
	err := b.compare(t.Context())
	if err == nil || !strings.HasPrefix(err.Error(), "nothing was measured, for not all answer the same:\nS0, two: GET /s0: the answer differs") {
		t.Errorf("got %v", err)
	}
}

func TestStartSaysWhatIsWrong(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := start(t.Context(), "late", l.Addr().String(), t.TempDir(), os.Args[0]); err == nil || !strings.Contains(err.Error(), "somebody else") {
		t.Errorf("on an address that is taken: %v", err)
	}
	if _, err := start(t.Context(), "none", freeAddress(t), t.TempDir(), "no/such/program"); err == nil || !strings.Contains(err.Error(), "start none") {
		t.Errorf("without a program: %v", err)
	}
	if _, err := start(t.Context(), "brief", freeAddress(t), t.TempDir(), "sh", "-c", "echo why"); err == nil || !strings.HasSuffix(err.Error(), "it has ended\nwhy") {
		t.Errorf("of one that ends: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := start(ctx, "mute", freeAddress(t), t.TempDir(), "sh", "-c", "echo why; exec sleep 60"); err == nil || !strings.Contains(err.Error(), "mute does not listen") || !strings.HasSuffix(err.Error(), "why") {
		t.Errorf("without a listener: %v", err)
	}
}
