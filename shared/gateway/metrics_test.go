package gateway_test

import (
	"fmt"
	"testing"

	"github.com/facet-bff/facet/shared/facettest"
	"github.com/facet-bff/facet/shared/gateway"
	"github.com/facet-bff/facet/shared/observe/observetest"
)

// counts are the numbers of requests, by "endpoint method status".
func counts(t *testing.T, k *facettest.Kit) map[string]uint64 {
	t.Helper()
	families, err := gateway.Registry(k.Gateway).Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]uint64{}
	for _, family := range families {
		if family.GetName() != "facet_request_duration_seconds" {
			continue
		}
		for _, m := range family.GetMetric() {
			label := map[string]string{}
			for _, pair := range m.GetLabel() {
				label[pair.GetName()] = pair.GetValue()
			}
			got[fmt.Sprint(label["endpoint"], " ", label["method"], " ", label["status"])] = m.GetHistogram().GetSampleCount()
		}
	}
	return got
}

// inFlight is how many requests are counted as under way.
func inFlight(t *testing.T, g *gateway.Gateway) float64 {
	t.Helper()
	return observetest.Sum(t, gateway.Registry(g), "facet_requests_in_flight")
}
