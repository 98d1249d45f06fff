package policy

import (
	"context"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/backend"
)

// What the whole chain costs, around a transport that costs nothing.
func BenchmarkChain(b *testing.B) {
	answer := ok()
	var transport backend.Sender = func(context.Context, *backend.Request) (*backend.Response, error) { return answer, nil }
	miss := catalog()
	miss.Cache.TTL = 0
	none := catalog()
	none.Cache = nil
	hedged := none
	hedged.Hedge = &hedgeDefaults
	for _, c := range []struct {
		name   string
		config Service
		req    *backend.Request
	}{{"hit", catalog(), get()}, {"miss", miss, get()}, {"uncached", none, get()}, {"hedged", hedged, get()}, {"unsafe", none, post()}} {
		b.Run(c.name, func(b *testing.B) {
			send := New("catalog", c.config, Shared{Store: newStore(b), Metrics: metrics()}).Apply(transport)
			ctx, cancel := context.WithTimeout(b.Context(), time.Hour)
			defer cancel()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := send(ctx, c.req); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkLatency(b *testing.B) {
	l := latencies{percentile: 0.95}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			began, calls := time.Now(), l.of("product")
			_ = calls.at(began)
			calls.add(time.Since(began))
		}
	})
}
