// Package stage sets the demo's programs up for tests: it builds them, finds ports that
// nobody has, and starts gateways whose ports the system chooses.
package stage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/facet-bff/facet/test/demo/fleet"
)

// Build builds programs, named by their directories in the repository, into the directory
// bin. Each is built in its own module, and with the race detector if the tests have it.
// The working directory is two levels below the repository's root, as a test's is.
func Build(bin string, programs ...string) error { return build(Race(), bin, programs) }

// BuildPlain is Build without the race detector, for what is measured.
func BuildPlain(bin string, programs ...string) error { return build(false, bin, programs) }

func build(race bool, bin string, programs []string) error {
	flags := []string{"build", fmt.Sprint("-race=", race), "-o", bin + string(filepath.Separator)}
	var group errgroup.Group
	group.SetLimit(2)
	for _, program := range programs {
		group.Go(func() error {
			command := exec.CommandContext(context.Background(), "go", append(slices.Clone(flags), ".")...)
			command.Dir = filepath.Join("..", "..", program)
			if out, err := command.CombinedOutput(); err != nil {
				return fmt.Errorf("build %s: %w\n%s", program, err, out)
			}
			return nil
		})
	}
	// What is built with the race detector would wait a second at its end.
	return errors.Join(os.Setenv("GORACE", "atexit_sleep_ms=0"), group.Wait())
}

// Race reports whether this program was built with the race detector.
func Race() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// FreeLayout finds ports for a whole demo that nobody has, from a layout on. It keeps below
// the ports that systems give to clients.
func FreeLayout(from fleet.Layout) fleet.Layout {
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

// StartShop starts the shop from the directory bin, and waits until it is ready. Its log
// goes to the same directory.
func StartShop(l fleet.Layout, bin string) (*fleet.Process, error) {
	shop, err := fleet.Start(l.ShopProgram(bin), bin)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := shop.WaitReady(ctx); err != nil {
		return nil, errors.Join(err, shop.Stop(0), errors.New(shop.Tail(10)))
	}
	return shop, nil
}
