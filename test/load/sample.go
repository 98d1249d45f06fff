package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/facet-bff/facet/test/load/generator"
	"github.com/facet-bff/facet/test/load/proc"
	"github.com/facet-bff/facet/test/load/report"
	"github.com/facet-bff/facet/test/load/scenario"
)

// requests makes what is sent in one round: to each candidate the same.
func (b *bench) requests(s scenario.Scenario) ([]scenario.Request, error) {
	count := int(s.Rate*(b.warmUp+b.duration).Seconds()) + 10
	requests, err := s.Requests(b.issuer, b.signed, count)
	b.signed += count
	return requests, err
}

// sample measures a candidate once.
func (b *bench) sample(ctx context.Context, c contender, s scenario.Scenario, requests []scenario.Request) (report.Sample, error) {
	var tree proc.Tree
	if c.process != nil {
		c.process.clearLog()
		tree = c.process.tree()
	}
	var client generator.Client
	defer client.Close()
	l := b.load(c, s, requests)
	warmUp := client.Run(ctx, l)
	if s.Fresh { // what has been sent is not fresh any more
		l.Requests = l.Requests[min(warmUp.Done+warmUp.Failed, uint64(len(l.Requests)-1)):]
	}
	l.For = b.duration
	tree.ForgetPeak()
	before, err := b.read(ctx, tree)
	if err != nil {
		return report.Sample{}, err
	}
	result := client.Run(ctx, l)
	after, err := b.read(ctx, tree)
	if err != nil {
		return report.Sample{}, err
	}
	if result.Done == 0 {
		return report.Sample{}, errors.Join(ctx.Err(), fmt.Errorf("no answer to %d requests", result.Failed))
	}
	return report.Sample{
		Scenario: s.Name, Candidate: c.name,
		CPU:    micros(after.candidate-before.candidate) / float64(result.Done),
		Calls:  float64(after.calls-before.calls) / float64(result.Done),
		Peak:   after.peak,
		Others: max(0, (after.others-before.others).Seconds()/result.Took.Seconds()),

		Connections: l.Connections, Rate: l.Rate, PerSecond: result.PerSecond(), Size: c.sizes[s.Name],
		Done: result.Done, Bad: result.Bad, Failed: result.Failed, Dropped: result.Dropped,
		P50: micros(result.Latency.Quantile(0.5)), P99: micros(result.Latency.Quantile(0.99)),
	}, nil
}

// load is what a candidate is sent to warm up.
func (b *bench) load(c contender, s scenario.Scenario, requests []scenario.Request) generator.Load {
	s, _ = c.in(s)
	l := generator.Load{Address: c.address, Connections: b.connections, Rate: s.Rate, For: b.warmUp}
	if s.Rate > 0 {
		l.Connections = b.openConnections
	}
	for _, r := range requests {
		var headers []string
		if r.Token != "" {
			headers = append(headers, "Authorization: Bearer "+r.Token)
		}
		l.Requests = append(l.Requests, generator.NewRequest(c.address, s.Target(r.ID), headers...))
	}
	return l
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// A reading is what /proc and the backends say at one moment.
type reading struct {
	candidate, others time.Duration // CPU
	peak              int64
	calls             int64
}

func (b *bench) read(ctx context.Context, tree proc.Tree) (r reading, err error) {
	if r.calls, err = calls(ctx, b.counter); err != nil {
		return r, err
	}
	if r.candidate, err = tree.CPU(); err != nil {
		return r, err
	}
	if r.peak, err = tree.Peak(); err != nil {
		return r, err
	}
	ours, err := append(proc.Tree{os.Getpid()}, b.backends.tree()...).CPU()
	if err != nil {
		return r, err
	}
	busy, err := proc.Busy()
	r.others = busy - r.candidate - ours
	return r, err
}

// calls is how many requests the backends have had, as the one at address says; empty is
// none that counts.
func calls(ctx context.Context, address string) (int64, error) {
	if address == "" {
		return 0, nil
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://backends/calls", http.NoBody)
	if err != nil {
		return 0, err
	}
	if err := req.Write(conn); err != nil {
		return 0, err
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(string(body), 10, 64)
}
