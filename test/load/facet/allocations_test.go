package main

import (
	"testing"

	"github.com/facet-bff/facet/test/load/conformance"
	"github.com/facet-bff/facet/test/load/scenario"
)

// Allocations do not depend on the machine, and the figures are right to a part of one: here
// a request that has become dearer is seen before anybody measures.
func TestAllocationsPerRequest(t *testing.T) {
	const warmUp, measured = 500, 2000
	backends := conformance.Start(t)
	g := startProcess(t, backends.Address)
	for _, tt := range []struct {
		scenario, prefix string
		most             float64
	}{
		{"S0", "", 40},
		{"S1", "", 49},
		{"S2", "", 99},
		{"S2", "/shape", 87},
		{"S3", "", 26},
		{"S4", "", 55},
		{"S6", "", 92},
	} {
		s, ok := scenario.Find(tt.scenario)
		if !ok {
			t.Fatalf("there is no scenario %s", tt.scenario)
		}
		requests, err := s.Requests(backends.Issuer, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		for i := range requests {
			requests[i].Target = tt.prefix + requests[i].Target
		}
		g.ask(t, requests, warmUp)
		idle := g.mallocs(t)
		before := g.mallocs(t)
		g.ask(t, requests, measured)
		each := (g.mallocs(t) - before - (before - idle)) / measured // looking costs something, too
		t.Logf("%s%s: %.2f allocations per request, at most %.0f", s.Name, tt.prefix, each, tt.most)
		if each > tt.most {
			t.Errorf("%s%s: a request allocates %.2f objects, more than %.0f", s.Name, tt.prefix, each, tt.most)
		}
	}
}
