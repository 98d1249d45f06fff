package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// references are the candidates that ratios are taken to, where they were measured.
var references = []string{"naive", "nginx", "haproxy"}

// Table writes the results as Markdown.
func (r *Report) Table(w io.Writer) {
	_, _ = fmt.Fprintf(w, "%s. %s. %d rounds of %gs, medians.\n\n", r.Began.Format(time.DateOnly), r.Machine, r.Rounds, r.Seconds)
	present := slices.DeleteFunc(slices.Clone(references), func(name string) bool {
		return !slices.ContainsFunc(r.Samples, func(s Sample) bool { return s.Candidate == name })
	})
	header := []string{"scenario", "candidate", "CPU µs (min–max)"}
	for _, name := range present {
		header = append(header, "to "+name)
	}
	header = append(header, "spread", "answers/s", "p50 ms", "p99 ms", "peak MiB")
	row(w, header)
	row(w, slices.Repeat([]string{"---"}, len(header)))
	for _, k := range r.measured() {
		row(w, r.line(k, present))
	}
	r.warn(w)
}

func row(w io.Writer, cells []string) { _, _ = fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | ")) }

type key struct{ scenario, candidate string }

// measured is what there are samples of, in the order of their first.
func (r *Report) measured() (keys []key) {
	for _, s := range r.Samples {
		if k := (key{s.Scenario, s.Candidate}); !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	slices.SortStableFunc(keys, func(a, b key) int { return r.first(a.scenario) - r.first(b.scenario) })
	return keys
}

func (r *Report) first(scenario string) int {
	return slices.IndexFunc(r.Samples, func(s Sample) bool { return s.Scenario == scenario })
}

func (r *Report) line(k key, present []string) []string {
	median := func(m Measure) float64 { return r.Series(k.scenario, k.candidate, m).Median() }
	cpu := r.Series(k.scenario, k.candidate, CPU)
	least, most := cpu.Range()
	cells := []string{k.scenario, k.candidate, fmt.Sprintf("%.0f (%.0f–%.0f)", cpu.Median(), least, most)}
	if k.candidate == direct {
		cells[2] = "–"
	}
	for _, reference := range present {
		cell := "–"
		if s := cpu.Over(r.Series(k.scenario, reference, CPU)); len(s) > 0 && k.candidate != direct {
			cell = fmt.Sprintf("%.2f", s.Median())
		}
		cells = append(cells, cell)
	}
	return append(cells, percent(r.spread(k)),
		fmt.Sprintf("%.0f", median(func(s Sample) float64 { return s.PerSecond })),
		fmt.Sprintf("%.2f", median(P50)/1000), fmt.Sprintf("%.2f", median(P99)/1000),
		fmt.Sprintf("%.0f", median(Memory)/(1<<20)))
}

// spread is that of the ratio to naive, which noise of the whole machine cancels out of;
// naive's own, and what cannot be compared, has the spread of its CPU.
func (r *Report) spread(k key) float64 {
	cpu := r.Series(k.scenario, k.candidate, CPU)
	if ratio := cpu.Over(r.Series(k.scenario, references[0], CPU)); len(ratio) > 0 && k.candidate != references[0] {
		return ratio.Spread()
	}
	return cpu.Spread()
}

func (r *Report) warn(w io.Writer) {
	var failed uint64
	for _, s := range r.Samples {
		failed += s.Bad + s.Failed + s.Dropped
	}
	if failed > 0 {
		_, _ = fmt.Fprintf(w, "\n%d requests failed or had a wrong status: the figures mean nothing.\n", failed)
	}
}
