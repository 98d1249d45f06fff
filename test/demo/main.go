// Command demo runs the shop and the three gateways until it is interrupted.
//
//	make run                               builds what it needs and starts it
//	go run ./test/demo -bin bin            with binaries that are there already
//	go run ./test/demo -bin bin -offset 20000
//	go run ./test/demo -bin bin -redis     with a Redis, and two replicas of each gateway
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/facet-bff/facet/shared/redis/redistest"
	"github.com/facet-bff/facet/test/demo/fleet"
)

func main() {
	bin := flag.String("bin", "bin", "the `directory` of the binaries, and where the logs go")
	offset := flag.Int("offset", 0, "a `number` to add to every port")
	shared := flag.Bool("redis", false, "start a Redis, and two replicas of each gateway")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // from then on, a signal ends the demo at once
	if err := run(ctx, fleet.Layout(*offset), *bin, *shared); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// run returns nil when ctx ended the demo.
func run(ctx context.Context, l fleet.Layout, bin string, shared bool) error {
	began, redis := time.Now(), ""
	if shared {
		dir, err := os.MkdirTemp("", "facet-redis-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		server, err := redistest.Launch(dir)
		if err != nil {
			return err
		}
		defer server.Stop()
		redis = server.URL
	}
	f, err := fleet.Launch(ctx, l, bin, bin, redis)
	if errors.Is(err, context.Canceled) {
		return nil
	}
	if err != nil {
		return err
	}
	welcome(os.Stdout, l, bin, redis, time.Since(began))
	broke := f.Wait(ctx)
	fmt.Fprintln(os.Stdout, "\nStopping.")
	if err := f.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err) // it has stopped all the same
	}
	return broke
}
