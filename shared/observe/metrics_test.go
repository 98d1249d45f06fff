package observe_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/facet-bff/facet/shared/observe"
)

// gather renders the facet metrics as name{labels} value; a histogram's value is its
// count.
func gather(t *testing.T, m *observe.Metrics) map[string]float64 {
	t.Helper()
	families, err := m.Registry().Gather()
	if err != nil {
		t.Fatal(err)
	}
	out := make(map[string]float64)
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			labels := make([]string, 0, 4)
			for _, l := range metric.GetLabel() {
				labels = append(labels, l.GetName()+"="+l.GetValue())
			}
			value := metric.GetCounter().GetValue() + metric.GetGauge().GetValue() + float64(metric.GetHistogram().GetSampleCount())
			out[family.GetName()+"{"+strings.Join(labels, ",")+"}"] = value
		}
	}
	return out
}

func TestMetrics(t *testing.T) {
	m := observe.NewMetrics("bff-mobile")
	m.RequestStarted()
	m.RequestStarted() // and is still under way
	m.RequestDone("/v1/home", http.MethodGet, 200, 20*time.Millisecond)
	m.Panicked()
	m.RateLimited("/v1/home")
	m.StepDone("home", "reviews", "timeout", time.Second)
	m.Degraded("home", "reviews", "timeout")
	m.CallDone("reviews", "summary", "ok", time.Millisecond)
	m.Retried("reviews")
	m.Hedged("reviews", "won")
	m.Looked("catalog", "product", "hit")
	m.BreakerChanged("reviews", "read", 2, true)
	m.Refused("background")
	m.LimitChanged(42)

	got := gather(t, m)
	want := map[string]float64{
		"facet_request_duration_seconds{endpoint=/v1/home,gateway=bff-mobile,method=GET,status=200}":    1,
		"facet_requests_in_flight{gateway=bff-mobile}":                                                  1,
		"facet_panics_total{gateway=bff-mobile}":                                                        1,
		"facet_rate_limited_total{endpoint=/v1/home,gateway=bff-mobile}":                                1,
		"facet_step_duration_seconds{composition=home,gateway=bff-mobile,outcome=timeout,step=reviews}": 1,
		"facet_degraded_total{composition=home,gateway=bff-mobile,reason=timeout,step=reviews}":         1,
		"facet_service_call_duration_seconds{gateway=bff-mobile,op=summary,outcome=ok,service=reviews}": 1,
		"facet_service_hedges_total{gateway=bff-mobile,outcome=won,service=reviews}":                    1,
		"facet_service_retries_total{gateway=bff-mobile,service=reviews}":                               1,
		"facet_cache_lookups_total{gateway=bff-mobile,op=product,result=hit,service=catalog}":           1,
		"facet_breaker_state{class=read,gateway=bff-mobile,service=reviews}":                            2,
		"facet_overload_refused_total{gateway=bff-mobile,priority=background}":                          1,
		"facet_overload_limit{gateway=bff-mobile}":                                                      42,
		"facet_breaker_forced{class=read,gateway=bff-mobile,service=reviews}":                           1,
	}
	maps.DeleteFunc(got, func(name string, _ float64) bool { return !strings.HasPrefix(name, "facet_") })
	if !maps.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", render(got), render(want))
	}
}

func render(m map[string]float64) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(m)) {
		fmt.Fprintln(&b, name, m[name])
	}
	return b.String()
}

func TestRuntimeMetrics(t *testing.T) {
	all := render(gather(t, observe.NewMetrics("bff-web")))
	for _, name := range []string{"go_goroutines{", "process_start_time_seconds{", "go_build_info{"} {
		if !strings.Contains(all, name) {
			t.Errorf("%s is missing", name)
		}
	}
}

// A client that makes methods up makes no time series.
func TestMethodsAreBounded(t *testing.T) {
	m := observe.NewMetrics("bff-mobile")
	for i := range 100 {
		m.RequestStarted()
		m.RequestDone("none", fmt.Sprintf("EVIL%d", i), 404, time.Millisecond)
	}
	if n := gather(t, m)["facet_request_duration_seconds{endpoint=none,gateway=bff-mobile,method=other,status=404}"]; n != 100 {
		t.Errorf("%v of 100 requests are counted together", n)
	}
}

func TestRegistryTakesMore(t *testing.T) {
	m := observe.NewMetrics("bff-mobile")
	c := prometheus.NewCounter(prometheus.CounterOpts{Name: "orders_total", Help: "Orders."})
	m.Registry().MustRegister(c)
	c.Inc()
	if gather(t, m)["orders_total{}"] != 1 {
		t.Error("the counter is not gathered")
	}
}
