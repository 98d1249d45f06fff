package fleet

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

// startSelf starts this test's binary, and waits for what it prints first.
func startSelf(t *testing.T, be string) *Process {
	t.Helper()
	p, err := Start(Program{Name: be, Path: os.Args[0], Env: []string{"BE=" + be, "FACET_MEANT=meant"}}, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); p.Tail(1) == ""; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it prints nothing")
		}
	}
	return p
}

func TestStopAsks(t *testing.T) {
	t.Setenv("FACET_LEAKED", "leaked")
	p := startSelf(t, "obedient")
	if err := p.Stop(10 * time.Second); err != nil || p.ExitCode() != 0 {
		t.Errorf("stop: %v, exit code %d", err, p.ExitCode())
	}
	if got := p.Tail(2); got != "two\nthree meant" {
		t.Errorf("the log ends with %q", got)
	}
}

func TestStopKillsInTheEnd(t *testing.T) {
	p := startSelf(t, "stubborn")
	err := p.Stop(50 * time.Millisecond)
	if err == nil || !strings.Contains(err.Error(), "stubborn did not stop within 50ms") || p.ExitCode() != -1 {
		t.Errorf("stop: %v, exit code %d", err, p.ExitCode())
	}
}

func TestWaitReadyEndsWithItsContext(t *testing.T) {
	p := &Process{Name: "nobody", Ready: "http://127.0.0.1:1/"}
	cause := errors.New("enough")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 50*time.Millisecond, cause)
	defer cancel()
	if err := p.WaitReady(ctx); !errors.Is(err, cause) || !strings.Contains(err.Error(), "nobody") {
		t.Errorf("got %v", err)
	}
}

func TestStartSaysWhatIsMissing(t *testing.T) {
	_, err := Start(Program{Name: "shop", Path: "missing/shop"}, t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "start shop") {
		t.Errorf("got %v", err)
	}
}
