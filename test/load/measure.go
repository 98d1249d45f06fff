package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/facet-bff/facet/test/load/proc"
	"github.com/facet-bff/facet/test/load/report"
	"github.com/facet-bff/facet/test/load/scenario"
	"github.com/facet-bff/facet/test/load/token"
	"github.com/facet-bff/facet/test/load/upstream"
)

type settings struct {
	bin              string
	scenarios, only  []string // empty: all
	rounds           int
	duration, warmUp time.Duration
	rate             float64 // 0: the scenario's

	connections, openConnections int
}

// A bench is the backends and the candidates, all of them running.
type bench struct {
	settings
	log       io.Writer
	settle    time.Duration // how long a candidate that has just been started may answer wrongly
	issuer    *token.Issuer
	signed    int // tokens
	backends  *process
	counter   string // the address of one of them
	scenarios []scenario.Scenario
	running   []contender
}

// A contender is a candidate that runs.
type contender struct {
	candidate
	process *process       // nil if nothing was started
	sizes   map[string]int // of its answers, by scenario
}

// measure starts everything, compares all answers, and only then measures.
func measure(ctx context.Context, s settings, log io.Writer) (*report.Report, error) {
	b := &bench{settings: s, log: log, settle: settle}
	if err := b.pick(); err != nil {
		return nil, err
	}
	r := b.newReport()
	return r, b.within(
		b.prepare,
		func(dir string) error { return b.start(ctx, dir) },
		func(string) error { return b.compare(ctx) },
		func(string) error { return b.measure(ctx, r) },
	)
}

func (b *bench) newReport() *report.Report {
	return &report.Report{Began: time.Now(), Machine: proc.ThisMachine(), Rounds: b.rounds, Seconds: b.duration.Seconds()}
}

// within takes the steps in a new directory, and stops everything in the end. The directory
// has everybody's logs, and is kept when something fails.
func (b *bench) within(steps ...func(dir string) error) error {
	dir, err := newDirectory()
	if err != nil {
		return err
	}
	defer b.stop()
	for _, step := range steps {
		if err := step(dir); err != nil {
			return fmt.Errorf("%w\n(logs: %s)", err, dir)
		}
	}
	b.stop() // they may still write into it
	return os.RemoveAll(dir)
}

// newDirectory makes the directory for everybody's files. Others may pass through it: nginx
// as root lets its workers run as somebody else. There are only public keys in it.
func newDirectory() (string, error) {
	dir, err := os.MkdirTemp("", "facet-load-")
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o711)
}

// pick finds the scenarios that are to be measured.
func (b *bench) pick() error {
	for _, name := range b.settings.scenarios {
		if !slices.Contains(scenario.Names(), name) {
			return fmt.Errorf("there is no scenario %q", name)
		}
	}
	for _, s := range scenario.All() {
		if len(b.settings.scenarios) == 0 || slices.Contains(b.settings.scenarios, s.Name) {
			b.scenarios = append(b.scenarios, s)
		}
	}
	return nil
}

func (b *bench) prepare(dir string) (err error) {
	if b.issuer, err = token.NewIssuer(); err != nil {
		return err
	}
	return errors.Join(b.issuer.Write(dir), configurePeers(dir))
}

func (b *bench) start(ctx context.Context, dir string) error {
	chosen, err := choose(candidates(b.bin, dir), b.only, b.log)
	if err != nil {
		return err
	}
	return b.startAll(ctx, dir, chosen)
}

// startAll starts the backends, and the candidates in front of them.
func (b *bench) startAll(ctx context.Context, dir string, all []candidate) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	address := fmt.Sprintf("127.0.0.1:%d", upstream.Port(upstream.Services))
	b.counter = address
	if b.backends, err = start(ctx, "upstream", address, dir, self, "upstream", "-keys", dir); err != nil {
		return err
	}
	for _, c := range all {
		started := contender{candidate: c, sizes: map[string]int{}}
		if len(c.command) > 0 {
			if started.process, err = start(ctx, c.name, c.address, dir, c.command...); err != nil {
				return err
			}
		}
		b.running = append(b.running, started)
	}
	return nil
}

// stop ends every process, once.
func (b *bench) stop() {
	for _, c := range slices.Backward(b.running) {
		if c.process != nil {
			c.process.stop()
		}
	}
	if b.backends != nil {
		b.backends.stop()
	}
	b.running, b.backends = nil, nil
}

// measure takes turns: in every round each candidate is measured once in each scenario,
// and another one begins.
func (b *bench) measure(ctx context.Context, r *report.Report) error {
	for _, s := range b.scenarios {
		if b.rate > 0 {
			s.Rate = b.rate
		}
		serving := b.serving(s)
		for round := range b.rounds {
			requests, err := b.requests(s)
			if err != nil {
				return err
			}
			for i := range serving {
				if err := b.take(ctx, r, serving[(i+round)%len(serving)], s, round, requests); err != nil {
					return err
				}
			}
		}
	}
	return ctx.Err()
}

// take adds one sample to the report.
func (b *bench) take(ctx context.Context, r *report.Report, c contender, s scenario.Scenario, round int, requests []scenario.Request) error {
	sample, err := b.sample(ctx, c, s, requests)
	if err != nil {
		return fmt.Errorf("%s, %s: %w", s.Name, c.name, err)
	}
	sample.Round = round
	r.Samples = append(r.Samples, sample)
	_, _ = fmt.Fprintf(b.log, "%-8s round %d  %-8s %8.1f µs  %6.0f/s  p50 %6.0f µs  p99 %6.0f µs  others %.2f\n",
		s.Name, round+1, c.name, sample.CPU, sample.PerSecond, sample.P50, sample.P99, sample.Others)
	return nil
}

func (b *bench) serving(s scenario.Scenario) (serving []contender) {
	for _, c := range b.running {
		if slices.Contains(c.serves, s.Name) {
			serving = append(serving, c)
		}
	}
	return serving
}
