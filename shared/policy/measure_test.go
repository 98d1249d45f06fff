package policy

import (
	"context"
	"testing"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/observe/observetest"
)

func TestMeasure(t *testing.T) {
	for _, c := range []struct {
		outcome string
		service *stub
	}{
		{"ok", &stub{}},
		{"error", fails(fault.Broken)},
		{"timeout", fails(fault.TooSlow)},
		{"unavailable", fails(fault.Unavailable)},
		{"internal", &stub{answer: func(context.Context, int) (*backend.Response, error) { panic("bug") }}},
	} {
		t.Run(c.outcome, func(t *testing.T) {
			m := metrics()
			func() {
				defer func() { _ = recover() }()
				_, _ = Measure(m)(c.service.send)(t.Context(), get())
			}()
			const name = "facet_service_call_duration_seconds"
			if n := observetest.Sum(t, m.Registry(), name, "catalog", "product", c.outcome); n != 1 || observetest.Sum(t, m.Registry(), name) != 1 {
				t.Errorf("%v calls with outcome %s, %v in all", n, c.outcome, observetest.Sum(t, m.Registry(), name))
			}
		})
	}
}
