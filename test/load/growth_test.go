package main

import (
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/facet-bff/facet/test/load/report"
	"github.com/facet-bff/facet/test/load/scenario"
)

func TestPlan(t *testing.T) {
	ours, crowd := make([]contender, 2), make([]contender, len(crowdSizes))
	for i := range crowd {
		crowd[i].name = strconv.Itoa(crowdSizes[i])
	}
	steps, err := plan(ours, crowd)
	if err != nil {
		t.Fatal(err)
	}
	planned := map[string]step{}
	for _, to := range steps {
		planned[to.scenario.Name] = to
	}
	for _, d := range dimensions {
		for i, at := range d.At {
			to, ok := planned[d.Scenario(at)]
			delete(planned, d.Scenario(at))
			switch {
			case !ok || to.scenario.Path == "" || to.scenario.Rate > 0:
				t.Errorf("%s: %+v", d.Scenario(at), to)
			case d.by == byCrowd && (len(to.asked) != 1 || to.asked[0].name != crowd[i].name):
				t.Errorf("%s asks %v", d.Scenario(at), to.asked)
			case d.by != byCrowd && len(to.asked) != len(ours):
				t.Errorf("%s asks %d candidates", d.Scenario(at), len(to.asked))
			case d.by == byConnections && to.connections != at, d.by != byConnections && to.connections != usualConnections:
				t.Errorf("%s has %d connections", d.Scenario(at), to.connections)
			}
		}
	}
	if len(planned) > 0 {
		t.Errorf("planned, and in no dimension: %v", planned)
	}
}

func TestGrowthTakesTurns(t *testing.T) {
	if runtime.GOOS != "linux" {
		return // there is no /proc
	}
	b, r := newBench(t, "{}"), &report.Report{}
	s := scenario.All()[0]
	steps := []step{{s, 1, b.running}, {s, 3, b.running[1:]}}
	if err := b.compareSteps(t.Context(), steps); err != nil {
		t.Fatal(err)
	}
	if err := b.measureSteps(t.Context(), steps, r); err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, s := range r.Samples {
		order = append(order, fmt.Sprintf("%d %s %d", s.Round, s.Candidate, s.Connections))
	}
	if want := []string{
		"0 one 1", "0 two 1", "0 two 3", "1 two 1", "1 one 1", "1 two 3", "2 one 1", "2 two 1", "2 two 3",
	}; !slices.Equal(order, want) {
		t.Errorf("the order is %q", order)
	}
}

func TestGrowthOfWrongAnswersIsNotMeasured(t *testing.T) {
	b := newBench(t, "{}")
	s, _ := scenario.Find("S8-1")
	err := b.compareSteps(t.Context(), []step{{s, 1, b.running[1:]}})
	if err == nil || !strings.HasPrefix(err.Error(), "nothing was measured: S8-1, two: GET /s8/pages/1/1: the answer differs") {
		t.Errorf("got %v", err)
	}
}

func TestCandidatesOfGrowth(t *testing.T) {
	ours := patient(candidates("bin", "dir"))
	addresses := map[string]bool{}
	for _, c := range append(slices.Clone(ours), crowds("bin", crowdSizes)...) {
		if addresses[c.address] {
			t.Errorf("%s shares the address %s", c.name, c.address)
		}
		addresses[c.address] = true
	}
	if len(ours) != 2 || len(addresses) != 2+len(crowdSizes) {
		t.Errorf("%d of ours, %d in all", len(ours), len(addresses))
	}
}
