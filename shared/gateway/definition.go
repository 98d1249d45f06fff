// Package gateway assembles a gateway from its definition and configuration, and runs
// it. It is the only place where the rooms of the core meet; no behaviour lives here
// that has a room of its own.
package gateway

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/config"
	"github.com/facet-bff/facet/shared/discover"
	"github.com/facet-bff/facet/shared/endpoint"
	"github.com/facet-bff/facet/shared/observe"
)

// A Definition is what a client's team declares of its gateway. D is everything that
// its compositions may call.
type Definition[D any] struct {
	Name      string
	Backends  func(*backend.Services) D
	Config    []byte // the embedded facet.yaml
	Endpoints endpoint.Table[D]

	// Sources are other ways to find the instances of services than those built in, by the
	// name that configuration has for them: services.catalog.discover.other.name.
	Sources map[string]discover.Maker
}

// EnvPrefix begins every environment variable that sets a configuration value:
// FACET_SERVICES__CATALOG__TIMEOUT__DEFAULT=300ms.
const EnvPrefix = "FACET"

// Exit codes of Main.
const (
	exitFailed    = 1 // the gateway could not run, or not to its end
	exitMisconfig = 2 // the command line or the configuration is wrong
)

// Main runs a gateway until it is told to stop, and exits the process. SIGTERM and
// SIGINT drain it; a second signal ends it at once.
func Main[D any](def Definition[D]) {
	os.Exit(run(def, os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}

// logDelay is for how long lines of the log may wait for others, to be written together.
const logDelay = 100 * time.Millisecond

func run[D any](def Definition[D], args, environ []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet(def.Name, flag.ContinueOnError)
	flags.SetOutput(stderr)
	file := flags.String("config", "", "a YAML `file` whose values replace the embedded defaults")
	check := flags.Bool("check", false, "check the configuration, then exit")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return exitMisconfig
	case flags.NArg() > 0:
		_, _ = fmt.Fprintf(stderr, "%s: %q is not a flag\n", def.Name, flags.Arg(0))
		return exitMisconfig
	}
	settings, err := Load(def, *file, environ)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, err)
		return exitMisconfig
	}
	log := observe.NewBuffer(stdout, logDelay)
	defer func() { _ = log.Flush() }()
	g, err := New(def, settings, Options{Log: log})
	if err != nil {
		_, _ = fmt.Fprintln(stderr, err)
		return exitMisconfig
	}
	defer g.Close()
	if *check {
		_, _ = fmt.Fprintln(stdout, def.Name+": the configuration is valid")
		return 0
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	context.AfterFunc(ctx, stop) // from then on, a signal has its usual effect
	if err := g.Run(ctx); err != nil {
		g.log.Error("stopped", "error", err)
		return exitFailed
	}
	return 0
}

// Load reads a gateway's configuration: the embedded default, then the file (empty:
// none), then the environment. The error lists everything that is wrong.
func Load[D any](def Definition[D], file string, environ []string) (*Config, error) {
	return config.Load[Config](config.Sources{
		Default: def.Config, DefaultName: def.Name + "/facet.yaml (embedded)",
		File: file, Environ: environ, Prefix: EnvPrefix,
	})
}
