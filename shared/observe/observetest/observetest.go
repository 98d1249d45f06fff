// Package observetest reads metrics in tests.
//
//	if n := observetest.Sum(t, metrics.Registry(), "facet_panics_total"); n != 1 { ... }
package observetest

import (
	"slices"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// Sum is what the series of a metric that have all of the label values come to: of counters
// and gauges their values, of histograms how often something was observed.
func Sum(t testing.TB, from prometheus.Gatherer, name string, values ...string) (sum float64) {
	t.Helper()
	families, err := from.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, series := range family.GetMetric() {
			var has []string
			for _, label := range series.GetLabel() {
				has = append(has, label.GetValue())
			}
			if lacks := func(value string) bool { return !slices.Contains(has, value) }; !slices.ContainsFunc(values, lacks) {
				sum += series.GetCounter().GetValue() + series.GetGauge().GetValue() + float64(series.GetHistogram().GetSampleCount())
			}
		}
	}
	return sum
}
