package observe_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/facet-bff/facet/shared/observe"
)

func TestMetricsOfWhatIsShared(t *testing.T) {
	m := observe.NewMetrics("bff-mobile")
	m.RedisReachable(false)
	m.RedisReachable(true)
	m.RedisCalled("get", "bypassed")
	m.SecondLevel("views", "purged")
	m.Evicted("answers", "catalog.product")
	m.Kept("catalog", "product", 100)
	m.Kept("catalog", "product", 23)
	m.Idempotent("POST /v1/orders", "replayed")

	got := gather(t, m)
	want := map[string]float64{
		"facet_redis_reachable{gateway=bff-mobile}":                                                     1,
		"facet_redis_calls_total{command=get,gateway=bff-mobile,outcome=bypassed}":                      1,
		"facet_cache_second_level_total{cache=views,gateway=bff-mobile,result=purged}":                  1,
		"facet_cache_evictions_total{cache=answers,gateway=bff-mobile,of=catalog.product}":              1,
		"facet_cache_kept_bytes_total{gateway=bff-mobile,op=product,service=catalog}":                   123,
		"facet_idempotent_requests_total{endpoint=POST /v1/orders,gateway=bff-mobile,outcome=replayed}": 1,
		"facet_requests_in_flight{gateway=bff-mobile}":                                                  0,
		"facet_panics_total{gateway=bff-mobile}":                                                        0,
	}
	maps.DeleteFunc(got, func(name string, _ float64) bool { return !strings.HasPrefix(name, "facet_") })
	if !maps.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", render(got), render(want))
	}
}
