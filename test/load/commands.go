package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/facet-bff/facet/test/load/generator"
	"github.com/facet-bff/facet/test/load/report"
	"github.com/facet-bff/facet/test/load/token"
	"github.com/facet-bff/facet/test/load/upstream"
)

func measureCommand(ctx context.Context, flags *flag.FlagSet, args []string, stdout, stderr io.Writer) error {
	var s settings
	flags.StringVar(&s.bin, "bin", "bin", "the `directory` of the gateways' binaries")
	scenarios := flags.String("s", "", "the `scenarios` to measure, separated by commas; all, if empty")
	only := flags.String("only", "", "the `candidates` to measure, separated by commas; all that are installed, if empty")
	flags.IntVar(&s.rounds, "rounds", 5, "how often each candidate is measured, in turn with the others")
	flags.DurationVar(&s.duration, "for", 3*time.Second, "how long one measurement takes")
	flags.DurationVar(&s.warmUp, "warm", 700*time.Millisecond, "how long a candidate is under load before each measurement")
	flags.IntVar(&s.connections, "conns", 16, "requests under way in a closed loop")
	flags.IntVar(&s.openConnections, "open-conns", 64, "requests under way on a schedule, at most")
	flags.Float64Var(&s.rate, "rate", 0, "requests per second, instead of what each scenario says")
	out := flags.String("out", "", "write the samples to this `file`, as JSON")
	check := flags.Bool("check", false, "fail when a target is missed")
	answers := flags.Bool("answers", false, "compare the answers and measure nothing")
	if err := flags.Parse(args); err != nil {
		return err
	}
	s.scenarios, s.only = list(*scenarios), list(*only)
	if *answers {
		s.rounds = 0
	}
	r, err := measure(ctx, s, stderr)
	if err != nil || *answers {
		return err
	}
	r.Table(stdout)
	if *out != "" {
		if err := r.WriteFile(*out); err != nil {
			return err
		}
	}
	if *check {
		return r.Check(stdout, report.Targets)
	}
	return nil
}

// growthTimeout ends a run that takes longer than anybody waits.
const growthTimeout = 6 * time.Minute

func growthCommand(ctx context.Context, flags *flag.FlagSet, args []string, stdout, stderr io.Writer) error {
	var s settings
	flags.StringVar(&s.bin, "bin", "bin", "the `directory` of the gateways' binaries")
	flags.IntVar(&s.rounds, "rounds", 3, "how often each point is measured, in turn with the others")
	flags.DurationVar(&s.duration, "for", time.Second, "how long one measurement takes")
	flags.DurationVar(&s.warmUp, "warm", 250*time.Millisecond, "how long a candidate is under load before each measurement")
	if err := flags.Parse(args); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, growthTimeout)
	defer cancel()
	r, err := measureGrowth(ctx, s, stderr)
	if err == nil {
		r.Growths(stdout, growths())
	}
	return err
}

func list(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}

func upstreamCommand(ctx context.Context, flags *flag.FlagSet, args []string, stdout, _ io.Writer) error {
	dir := flags.String("keys", "", "the `directory` of the token issuer's key set; none is served, if empty")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var keySet []byte
	if *dir != "" {
		var err error
		if keySet, err = os.ReadFile(filepath.Join(*dir, token.KeySetFile)); err != nil {
			return err
		}
	}
	listeners, err := upstream.Listen(ctx)
	if err != nil {
		return err
	}
	backends := upstream.New(keySet)
	_, _ = fmt.Fprintf(stdout, "%d backends, from %s on\n", len(listeners), listeners[0].Addr())
	backends.Serve(ctx, listeners...)
	return nil
}

func sendCommand(ctx context.Context, flags *flag.FlagSet, args []string, stdout, _ io.Writer) error {
	l := generator.Load{}
	flags.IntVar(&l.Connections, "conns", 16, "requests under way, at most")
	flags.Float64Var(&l.Rate, "rate", 0, "requests per second; 0 is a closed loop")
	flags.DurationVar(&l.For, "for", 5*time.Second, "how long to send")
	if err := flags.Parse(args); err != nil {
		return err
	}
	u, err := url.Parse(flags.Arg(0))
	if err != nil || u.Scheme != "http" || u.Port() == "" {
		return errors.New("send: give the URL to ask, as in http://127.0.0.1:18120/s2/home/42")
	}
	l.Address, l.Requests = u.Host, []generator.Request{generator.NewRequest(u.Host, u.RequestURI())}
	r := generator.Run(ctx, l)
	_, err = fmt.Fprintf(stdout, "%d answers (%d of them not 200), %d failures, %d not sent; %.0f/s, p50 %v, p99 %v, p99.9 %v\n",
		r.Done, r.Bad, r.Failed, r.Dropped, r.PerSecond(),
		r.Latency.Quantile(0.5), r.Latency.Quantile(0.99), r.Latency.Quantile(0.999))
	return err
}
