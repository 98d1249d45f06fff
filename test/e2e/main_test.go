// Package e2e_test runs the demo's programs as real processes on real ports, and looks at
// them as clients and operators do. The shop is shared by all tests; gateways are not, so
// that each test begins with cold caches and closed breakers.
package e2e_test

import (
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/facet-bff/facet/test/demo/fleet"
	"github.com/facet-bff/facet/test/demo/stage"
)

// What TestMain has made before any test runs.
var (
	binaries string       // the directory of the programs
	layout   fleet.Layout // of the shop that runs
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "facet-e2e-")
	if err != nil {
		return failed(err)
	}
	defer os.RemoveAll(dir)
	binaries = dir
	if err := stage.Build(binaries, append(fleet.Gateways(), "test/shop", "test/demo")...); err != nil {
		return failed(err)
	}
	layout = stage.FreeLayout(0)
	shop, err := stage.StartShop(layout, binaries)
	if err != nil {
		return failed(err)
	}
	code := m.Run()
	client.CloseIdleConnections()
	if err := errors.Join(shop.Stop(10*time.Second), goleak.Find()); err != nil && code == 0 {
		return failed(err)
	}
	return code
}

func failed(err error) int {
	fmt.Fprintln(os.Stderr, "e2e:", err)
	return 1
}
