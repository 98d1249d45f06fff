package report

import (
	"fmt"
	"io"
)

// A Target is what Candidate is not to exceed: a ratio to the reference, or a figure of its
// own where there is none.
type Target struct {
	Scenario  string
	Candidate string
	Reference string
	Measure   string // a key of ratios
	Most      float64
}

// Targets are what has been asked for.
var Targets = []Target{
	{"S1", "facet", "naive", "CPU", 0.55},
	{"S1", "facet", "nginx", "CPU", 2.2},
	{"S2", "facet", "naive", "CPU", 0.40},
	{"S2", "facet-shape", "naive", "CPU", 0.22},
	{"S2", "facet", "naive", "memory", 1.3},
	{"S2d", "facet", "naive", "CPU", 0.50},
	{"S2d", "facet", "naive", "added p50", 0.75},
	{"S2t", "facet", "", "p99 ms", 15},
	{"S2t", "facet", "naive", "calls", 1.05},
	{"S3", "facet", "naive", "CPU", 0.60},
	{"S3", "facet", "nginx", "CPU", 1.25},
	{"S4", "facet", "naive", "CPU", 0.45},
	{"S4-first", "facet", "naive", "CPU", 0.80},
	{"S5", "facet", "naive", "CPU", 0.55},
	{"S5", "facet", "nginx", "CPU", 2.2},
	{"S6", "facet", "naive", "CPU", 0.42},
	{"S7-16", "facet", "naive", "CPU", 0.28},
	{"S7-16", "facet", "naive", "slope", 0.30},
}

// direct is the candidate without a gateway, and single the fan-out of one.
const (
	direct = "direct"
	single = "S7-1"
)

// ratios are what a target may be about.
var ratios = map[string]func(r *Report, t Target) Series{
	"CPU":    func(r *Report, t Target) Series { return r.ratio(t, CPU) },
	"memory": func(r *Report, t Target) Series { return r.ratio(t, Memory) },
	"calls":  func(r *Report, t Target) Series { return r.ratio(t, Calls) },
	"p99 ms": func(r *Report, t Target) Series {
		return r.Series(t.Scenario, t.Candidate, P99).Each(func(us float64) float64 { return us / 1000 })
	},
	// What the gateway adds to the slowest of its backends.
	"added p50": func(r *Report, t Target) Series {
		alone := r.Series(t.Scenario, direct, P50)
		return r.Series(t.Scenario, t.Candidate, P50).Minus(alone).Over(r.Series(t.Scenario, t.Reference, P50).Minus(alone))
	},
	// What further backends cost.
	"slope": func(r *Report, t Target) Series {
		more := func(candidate string) Series {
			return r.Series(t.Scenario, candidate, CPU).Minus(r.Series(single, candidate, CPU))
		}
		return more(t.Candidate).Over(more(t.Reference))
	},
}

func (r *Report) ratio(t Target, m Measure) Series {
	return r.Series(t.Scenario, t.Candidate, m).Over(r.Series(t.Scenario, t.Reference, m))
}

// A run says something about a target when it has enough rounds and their ratios are
// close to each other; a target is missed when it is exceeded by more than the tolerance.
const (
	enough    = 3
	quiet     = 0.25
	tolerance = 0.08
)

// A verdict is what a run says about a target.
type verdict string

const (
	met         verdict = "met"
	missed      verdict = "MISSED"
	tooNoisy    verdict = "too noisy"
	tooFew      verdict = "too few rounds"
	notMeasured verdict = "not measured"
)

func (r *Report) judge(t Target) (verdict, Series) {
	s := ratios[t.Measure](r, t)
	switch {
	case len(s) == 0:
		return notMeasured, s
	case len(s) < enough:
		return tooFew, s
	case s.Spread() >= quiet:
		return tooNoisy, s
	case s.Median() > t.Most*(1+tolerance):
		return missed, s
	}
	return met, s
}

// Check writes a Markdown table of the targets, and returns an error when one was missed.
func (r *Report) Check(w io.Writer, targets []Target) error {
	count := map[verdict]int{}
	_, _ = fmt.Fprint(w, "\n| scenario | candidate | of | to | at most | is | spread | |\n|---|---|---|---|---|---|---|---|\n")
	for _, t := range targets {
		v, s := r.judge(t)
		count[v]++
		is, spread := "–", "–"
		if len(s) > 0 {
			is, spread = fmt.Sprintf("%.2f", s.Median()), percent(s.Spread())
		}
		_, _ = fmt.Fprintf(w, "| %s | %s | %s | %s | %.2f | %s | %s | %s |\n", t.Scenario, t.Candidate, t.Measure, t.Reference, t.Most, is, spread, v)
	}
	_, _ = fmt.Fprintf(w, "\n%d met, %d missed, %d too noisy to say, %d not measured.\n",
		count[met], count[missed], count[tooNoisy]+count[tooFew], count[notMeasured])
	if count[missed] > 0 {
		return fmt.Errorf("%d of %d targets were missed by more than %s", count[missed], len(targets), percent(tolerance))
	}
	return nil
}

func percent(part float64) string { return fmt.Sprintf("%.0f %%", 100*part) }
