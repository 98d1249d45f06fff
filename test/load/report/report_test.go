package report

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/facet-bff/facet/test/load/proc"
)

func TestMedianAndSpread(t *testing.T) {
	for _, tt := range []struct {
		values         Series
		median, spread float64
	}{
		{Series{}, 0, 0},
		{Series{3: 5}, 5, 0},
		{Series{0: 4, 1: 1, 2: 2}, 2, 1.5},
		{Series{0: 4, 1: 1, 2: 2, 3: 3}, 2.5, 1.2},
	} {
		if m, s := tt.values.Median(), tt.values.Spread(); m != tt.median || s != tt.spread {
			t.Errorf("%v: median %v, spread %v", tt.values, m, s)
		}
	}
}

// samples of CPU for each candidate, one per round.
func samples(scenario string, cpu map[string][]float64) *Report {
	r := &Report{}
	for candidate, values := range cpu {
		for round, v := range values {
			r.Samples = append(r.Samples, Sample{
				Scenario: scenario, Candidate: candidate, Round: round, CPU: v,
				P50: v, Peak: int64(v) << 20,
			})
		}
	}
	return r
}

// In a run where the machine became slower from round to round, the medians alone would
// say the same; with one disturbed round they would not.
func TestRatiosAreTakenWithinRounds(t *testing.T) {
	r := samples("S1", map[string][]float64{"facet": {50, 100, 400}, "naive": {100, 200, 400, 900}})
	ratio := r.Series("S1", "facet", CPU).Over(r.Series("S1", "naive", CPU))
	if len(ratio) != 3 || ratio[0] != 0.5 || ratio[1] != 0.5 || ratio[2] != 1 || ratio.Median() != 0.5 {
		t.Errorf("got %v", ratio)
	}
	if none := r.Series("S1", "facet", CPU).Over(Series{0: 0}); len(none) != 0 {
		t.Errorf("divided by zero: %v", none)
	}
}

func TestJudge(t *testing.T) {
	target := Target{"S1", "facet", "naive", "CPU", 0.50}
	for _, tt := range []struct {
		facet []float64
		want  verdict
	}{
		{[]float64{49, 50, 51}, met},
		{[]float64{53, 53, 53}, met}, // within the tolerance
		{[]float64{55, 55, 55}, missed},
		{[]float64{40, 55, 55}, tooNoisy},
		{[]float64{20, 21, 40}, tooNoisy},
		{[]float64{40, 40}, tooFew},
		{nil, notMeasured},
	} {
		r := samples("S1", map[string][]float64{"facet": tt.facet, "naive": {100, 100, 100}})
		var table strings.Builder
		err := r.Check(&table, []Target{target})
		if !strings.Contains(table.String(), "| "+string(tt.want)+" |") || (err != nil) != (tt.want == missed) {
			t.Errorf("%v: %v, want %s in\n%s", tt.facet, err, tt.want, &table)
		}
	}
}

func TestMeasuresOfTargets(t *testing.T) {
	r := samples("S2d", map[string][]float64{"facet": {7000}, "naive": {9000}, "direct": {5000}})
	for _, fan := range []struct {
		scenario string
		cpu      map[string][]float64
	}{{"S7-1", map[string][]float64{"facet": {20}, "naive": {100}}}, {"S7-16", map[string][]float64{"facet": {50}, "naive": {400}}}} {
		r.Samples = append(r.Samples, samples(fan.scenario, fan.cpu).Samples...)
	}
	for _, tt := range []struct {
		target Target
		want   float64
	}{
		{Target{Scenario: "S2d", Measure: "added p50"}, 0.5},
		{Target{Scenario: "S2d", Measure: "memory"}, 7.0 / 9},
		{Target{Scenario: "S7-16", Measure: "slope"}, 0.1},
	} {
		tt.target.Candidate, tt.target.Reference = "facet", "naive"
		if got := ratios[tt.target.Measure](r, tt.target).Median(); math.Abs(got-tt.want) > 1e-9 {
			t.Errorf("%+v: got %v, want %v", tt.target, got, tt.want)
		}
	}
}

func TestTargetsCanBeJudged(t *testing.T) {
	for _, target := range Targets {
		if ratios[target.Measure] == nil || target.Most <= 0 {
			t.Errorf("%+v", target)
		}
	}
}

func TestTable(t *testing.T) {
	r := samples("S1", map[string][]float64{"naive": {100, 110}})
	r.Samples = append(r.Samples, samples("S1", map[string][]float64{"facet": {50, 66}}).Samples...)
	r.Samples = append(r.Samples, Sample{Scenario: "S1", Candidate: "direct", P50: 1000, Bad: 2})
	r.Began, r.Rounds, r.Seconds = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), 2, 0.5
	r.Machine = proc.Machine{CPU: "A CPU", Cores: 2, Kernel: "6.1", Go: "go1.26"}
	var b strings.Builder
	r.Table(&b)
	for _, want := range []string{
		"2026-01-02. A CPU, 2 cores, Linux 6.1, go1.26. 2 rounds of 0.5s, medians.\n",
		"| scenario | candidate | CPU µs (min–max) | to naive | spread | answers/s | p50 ms | p99 ms | peak MiB |\n| --- |",
		"\n| S1 | naive | 105 (100–110) | 1.00 | 10 % | 0 | 0.10 | 0.00 | 105 |\n",
		"\n| S1 | facet | 58 (50–66) | 0.55 | 18 % | 0 | 0.06 | 0.00 | 58 |\n",
		"\n| S1 | direct | – | – | 0 % |",
		"\n2 requests failed or had a wrong status",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, &b)
		}
	}
}

func TestWriteFile(t *testing.T) {
	r := samples("S1", map[string][]float64{"facet": {1.5}})
	name := filepath.Join(t.TempDir(), "report.json")
	if err := r.WriteFile(name); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var again Report
	if err := json.Unmarshal(text, &again); err != nil || len(again.Samples) != 1 || again.Samples[0] != r.Samples[0] {
		t.Errorf("%v, from\n%s", err, text)
	}
}
