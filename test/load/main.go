// Load measures gateways side by side on one machine. README.md says what, and how.
//
//	load -bin bin             measures every candidate in every scenario
//	load -bin bin -check      and fails when a target is missed
//	load growth -bin bin      measures how the cost of a request grows, and with what
//	load upstream             serves the backends until it is interrupted
//	load send URL             sends requests to anything, and prints what came of it
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // from then on, a signal ends the program at once
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

// run returns nil when the command did what it was told, or printed its help.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	command := measureCommand
	if len(args) > 0 {
		switch args[0] {
		case "growth":
			command, args = growthCommand, args[1:]
		case "upstream":
			command, args = upstreamCommand, args[1:]
		case "send":
			command, args = sendCommand, args[1:]
		}
	}
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	flags.SetOutput(stderr)
	err := command(ctx, flags, args, stdout, stderr)
	if err == flag.ErrHelp {
		return nil
	}
	return err
}
