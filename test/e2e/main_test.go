// Package e2e_test runs the demo's programs as real processes on real ports, and looks at
// them as clients and operators do. The shop is shared by all tests; gateways are not, so
// that each test begins with cold caches and closed breakers.
package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sync/errgroup"

	"github.com/facet-bff/facet/test/demo/fleet"
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
	// What is built with the race detector would wait a second at its end.
	if err := errors.Join(os.Setenv("GORACE", "atexit_sleep_ms=0"), build()); err != nil {
		return failed(err)
	}
	layout = freeLayout(0)
	shop, err := fleet.Start(layout.ShopProgram(binaries), dir)
	if err != nil {
		return failed(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := shop.WaitReady(ctx); err != nil {
		return failed(errors.Join(err, shop.Stop(0), errors.New(shop.Tail(10))))
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

// build builds all programs, each in its own module, and with the race detector if the
// tests have it.
func build() error {
	flags := []string{"build", "-o", binaries + string(filepath.Separator)}
	if info, ok := debug.ReadBuildInfo(); ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		flags = append(flags, "-race")
	}
	var group errgroup.Group
	group.SetLimit(2)
	for _, program := range append(fleet.Gateways(), "test/shop", "test/demo") {
		group.Go(func() error {
			command := exec.Command("go", append(slices.Clone(flags), ".")...)
			command.Dir = filepath.Join("..", "..", program)
			if out, err := command.CombinedOutput(); err != nil {
				return fmt.Errorf("build %s: %w\n%s", program, err, out)
			}
			return nil
		})
	}
	return group.Wait()
}

// freeLayout finds ports for a whole demo that nobody has, from a layout on. It keeps below
// the ports that systems give to clients.
func freeLayout(from fleet.Layout) fleet.Layout {
	const first, last, step = 2000, 23000, 100
	for l := max(from, first+fleet.Layout(os.Getpid()%50*step)); ; l += step {
		if l > last {
			l = first
		}
		if l.Free() == nil {
			return l
		}
	}
}
