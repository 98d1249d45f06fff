// Command shop runs the demo's microservices until it is interrupted.
//
//	go run ./test/shop                        everything, on ports 7001-7009, 7020 and 7090
//	go run ./test/shop -only catalog,pricing  some of it
//	go run ./test/shop -offset 20000          on ports 27001 and up
package main

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/facet-bff/facet/test/shop/shop"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, readFlags())
	stop()
	if err != nil {
		explain(err)
		os.Exit(1)
	}
}

func readFlags() shop.Options {
	var options shop.Options
	flag.StringVar(&options.Host, "host", "127.0.0.1", "the `address` to listen on")
	flag.IntVar(&options.Offset, "offset", 0, "a `number` to add to every port")
	names := strings.Join(shop.Names(), ",")
	flag.Func("only", "start only these `servers` of "+names, func(list string) error {
		options.Only = strings.Split(list, ",")
		return nil
	})
	flag.Parse()
	return options
}

func run(ctx context.Context, options shop.Options) error {
	running, err := shop.Start(ctx, options)
	if err != nil {
		return err
	}
	slog.Info("shop is ready", "servers", len(running.Names()))
	return running.Wait()
}

func explain(err error) {
	if errors.Is(err, syscall.EADDRINUSE) {
		slog.Error("a port is in use: stop what holds it, or move with -offset 20000", "error", err)
		return
	}
	slog.Error("the shop cannot run", "error", err)
}
