// Package observetest reads metrics in tests.
//
//	if n := observetest.Sum(t, metrics.Registry(), "facet_panics_total"); n != 1 { ... }
package observetest

import (
	"slices"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
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
			if hasAll(series, values) {
				sum += series.GetCounter().GetValue() + series.GetGauge().GetValue() + float64(series.GetHistogram().GetSampleCount())
			}
		}
	}
	return sum
}

func hasAll(series *dto.Metric, values []string) bool {
	return !slices.ContainsFunc(values, func(value string) bool {
		return !slices.ContainsFunc(series.GetLabel(), func(pair *dto.LabelPair) bool { return pair.GetValue() == value })
	})
}
