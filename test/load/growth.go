package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/facet-bff/facet/test/load/payload"
	"github.com/facet-bff/facet/test/load/report"
	"github.com/facet-bff/facet/test/load/scenario"
)

// A dimension is something of which there is more and more.
type dimension struct {
	report.Growth
	scenario string
	by       growing
}

// growing says what is different from point to point.
type growing int

const (
	bySize        growing = iota // the scenario: it is one of several, by number
	byConnections                // requests under way
	byCrowd                      // the gateway: it has so many endpoints more
)

var (
	// The largest crowd has fewer routes than endpoints: facet/crowd.go says why.
	crowdSizes  = []int{1, 10, 100, 500, 2000}
	crowdRoutes = []int{1, 10, 100, 500, 1500}

	dimensions = []dimension{
		{report.Growth{What: "S7, backends at once:", At: scenario.Fans, Unit: "further backend", Per: 1}, "S7", bySize},
		{report.Growth{What: "S8, KB passed through:", At: payload.Sizes, Unit: "KB", Per: 1}, "S8", bySize},
		{report.Growth{What: "S9, KB projected:", At: payload.Sizes, Unit: "KB", Per: 1}, "S9", bySize},
		{report.Growth{What: "S2, connections:", At: []int{1, 4, 16, 64, 256, 1000}, Unit: "connection", Per: 1}, "S2", byConnections},
		{report.Growth{What: "S0, further endpoints:", At: crowdSizes, Unit: "1,000 endpoints", Per: 1000}, "S0", byCrowd},
		{report.Growth{What: "S1, further routes:", At: crowdRoutes, Unit: "1,000 routes", Per: 1000}, "S1", byCrowd},
	}
)

// growths are the dimensions as the report knows them.
func growths() (all []report.Growth) {
	for _, d := range dimensions {
		all = append(all, d.Growth)
	}
	return all
}

// measureGrowth starts everything, compares all answers, and only then measures.
func measureGrowth(ctx context.Context, s settings, log io.Writer) (*report.Report, error) {
	b := &bench{settings: s, log: log, settle: settle}
	r := b.newReport()
	var steps []step
	return r, b.within(
		b.prepare,
		func(dir string) (err error) {
			ours := patient(candidates(b.bin, dir))
			if err = b.startAll(ctx, dir, append(ours, crowds(b.bin, crowdSizes)...)); err == nil {
				steps, err = plan(b.running[:len(ours)], b.running[len(ours):])
			}
			return err
		},
		func(string) error { return b.compareSteps(ctx, steps) },
		func(string) error { return b.measureSteps(ctx, steps, r) },
	)
}

// A step is one point of a dimension.
type step struct {
	scenario    scenario.Scenario // of the name by which the report finds it
	connections int
	asked       []contender
}

// usualConnections are the requests under way where their number does not grow.
const usualConnections = 16

// plan lists the points of all dimensions. The crowd is in the order of crowdSizes.
func plan(ours, crowd []contender) (steps []step, err error) {
	for _, d := range dimensions {
		for i, at := range d.At {
			name, to := d.scenario, step{connections: usualConnections, asked: ours}
			switch d.by {
			case bySize:
				name = fmt.Sprintf("%s-%d", name, at)
			case byConnections:
				to.connections = at
			case byCrowd:
				to.asked = crowd[i : i+1]
			}
			s, ok := scenario.Find(name)
			if !ok {
				return nil, fmt.Errorf("%s: there is no scenario %q", d.What, name)
			}
			s.Name = d.Scenario(at)
			to.scenario = s
			steps = append(steps, to)
		}
	}
	return steps, nil
}

// compareSteps asks everybody once for everything.
func (b *bench) compareSteps(ctx context.Context, steps []step) error {
	client, deadline := newClient(), time.Now().Add(b.settle)
	for _, to := range steps {
		for _, c := range to.asked {
			if err := b.compareStep(ctx, client, c, to.scenario, deadline); err != nil {
				return fmt.Errorf("nothing was measured: %s, %s: %w", to.scenario.Name, c.name, err)
			}
		}
	}
	return nil
}

func (b *bench) compareStep(ctx context.Context, client *http.Client, c contender, s scenario.Scenario, deadline time.Time) error {
	requests, err := b.requests(s)
	if err == nil {
		_, err = c.check(ctx, client, s, requests[0], deadline)
	}
	return err
}

// measureSteps takes turns: in every round each candidate is measured once at each point,
// and another one begins.
func (b *bench) measureSteps(ctx context.Context, steps []step, r *report.Report) error {
	for round := range b.rounds {
		for _, to := range steps {
			requests, err := b.requests(to.scenario)
			if err != nil {
				return err
			}
			b.connections = to.connections
			for i := range to.asked {
				if err := b.take(ctx, r, to.asked[(i+round)%len(to.asked)], to.scenario, round, requests); err != nil {
					return err
				}
			}
		}
	}
	return ctx.Err()
}
