package stage

import (
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/facet-bff/facet/test/demo/fleet"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestFreeLayout(t *testing.T) {
	one := FreeLayout(0)
	if err := one.Free(); err != nil {
		t.Errorf("not free: %v", err)
	}
	if two := FreeLayout(one + 100); two <= one {
		t.Errorf("%d is not after %d", two, one)
	}
}

func TestBuildSaysWhatFails(t *testing.T) {
	err := Build(t.TempDir(), "demo/fleet/nothing")
	if err == nil || !strings.Contains(err.Error(), "build demo/fleet/nothing") {
		t.Errorf("got %v", err)
	}
}

func TestStartGatewaySaysWhyItEnded(t *testing.T) {
	bin := t.TempDir()
	script := "#!/bin/sh\necho 'facet.yaml:1:1: wrong'\nexit 2\n"
	if err := os.WriteFile(bin+"/bff-admin", []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := StartGateway(t.Context(), fleet.Layout(0), bin, "bff-admin", t.TempDir(), nil)
	if err == nil || !strings.Contains(err.Error(), "exit code 2") || !strings.Contains(err.Error(), "1:1: wrong") {
		t.Errorf("got %v", err)
	}
}
