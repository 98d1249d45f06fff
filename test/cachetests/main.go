// Command cachetests holds the cache of package policy against RFC 9111: it runs the suite of
// cache-tests.fyi (npm: http-cache-tests) against a gateway whose route keeps answers, and
// prints what came of it. It fails when more of what the RFC requires is broken than is known
// (see judge.go). It needs node and npm.
//
//	make cachetests
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

func main() {
	dir := flag.String("dir", "bin/cachetests.d", "the `directory` to install the suite in")
	verbose := flag.Bool("v", false, "list every test that did not pass, optional ones too")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *dir, *verbose); err != nil {
		fmt.Fprintln(os.Stderr, "cachetests:", err)
		os.Exit(1) //nolint:gocritic // stop frees what the end of the process frees
	}
}

// longest is more than the suite needs, most of which it spends waiting for answers to
// become stale.
const longest = 3 * time.Minute

func run(ctx context.Context, dir string, verbose bool) error {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	suite, err := install(ctx, dir)
	if err != nil {
		return fmt.Errorf("install the suite: %w", err)
	}
	groups, err := suite.groups(ctx)
	if err != nil {
		return fmt.Errorf("list the tests: %w", err)
	}
	origin, err := suite.serve(ctx)
	if err != nil {
		return fmt.Errorf("start the suite's server: %w", err)
	}
	defer origin.stop()
	g, err := start(ctx, origin.url)
	if err != nil {
		return fmt.Errorf("start the gateway: %w", err)
	}
	defer g.stop()
	results, err := suite.run(ctx, g.url)
	if err != nil {
		return fmt.Errorf("run the suite: %w", err)
	}
	verdict := judge(groups, results)
	verdict.print(os.Stdout, verbose)
	return errors.Join(verdict.failures()...)
}
