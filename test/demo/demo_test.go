package main

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/facet-bff/facet/test/demo/fleet"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestWelcomeKnowsTheOffset(t *testing.T) {
	var b strings.Builder
	welcome(&b, 20000, "bin", "", 1234567*time.Microsecond)
	for _, want := range []string{
		"users             http://127.0.0.1:27001\n",
		"bff-web           http://127.0.0.1:28082   management: http://127.0.0.1:29082\n",
		"bin/*.log",
		"$(curl -s 'http://127.0.0.1:27020/demo/token?user=u1')\" http://127.0.0.1:28081/v1/home\n",
		"-X PUT -d '{\"status\":503}' http://127.0.0.1:27090/faults/promotions;",
		"\ncurl http://127.0.0.1:29081/compositions/mobile.home\n",
		"Ready after 1.235s.",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, &b)
		}
	}
}

func TestWelcomeKnowsTheReplicas(t *testing.T) {
	var b strings.Builder
	welcome(&b, 20000, "bin", "redis://127.0.0.1:1234", time.Second)
	for _, want := range []string{
		"bff-web           http://127.0.0.1:28082   management: http://127.0.0.1:29082\n",
		"bff-web-2         http://127.0.0.1:28092   management: http://127.0.0.1:29092\n",
		"redis             redis://127.0.0.1:1234\n",
		"http://127.0.0.1:28092/api/products/p5; curl -s http://127.0.0.1:27090/calls; ",
		"http://127.0.0.1:29082/cache/purge",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, &b)
		}
	}
}

func TestRunSaysWhichBinaryIsMissing(t *testing.T) {
	l := fleet.Layout(50000)
	for l.Free() != nil {
		l += 100
	}
	err := run(t.Context(), l, t.TempDir(), false)
	if err == nil || !strings.Contains(err.Error(), "start shop") || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
