package ratelimit

import (
	"testing"
	"time"
)

// What a check costs: of one client, of many by turns, and of as many as never come back.
// Most of it is the hash of the key.
func BenchmarkAllow(b *testing.B) {
	for _, bench := range []struct {
		name    string
		clients uint64
	}{{"one", 1}, {"many", 50_000}, {"rotating", 1 << 31}} {
		b.Run(bench.name, func(b *testing.B) {
			l, now, i := New(&Config{Rate: 1e6, Burst: 1e6, MaxKeys: 100_000}), time.Now(), uint64(0)
			b.ReportAllocs()
			for b.Loop() {
				i++
				l.Allow(network(i%bench.clients), now)
			}
		})
	}
	b.Run("principal", func(b *testing.B) {
		l, now := New(&Config{Rate: 1e6, Burst: 1e6, MaxKeys: 100_000}), time.Now()
		k := Key{Issuer: "https://issuer.example/realms/shop", Subject: "0b9ac3f4-6c3f-4a7e-9c43-6d1a3b0c7e55"}
		b.ReportAllocs()
		for b.Loop() {
			l.Allow(k, now)
		}
	})
	b.Run("parallel", func(b *testing.B) {
		l, now := New(&Config{Rate: 1e6, Burst: 1e6, MaxKeys: 100_000}), time.Now()
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for i := uint64(0); pb.Next(); i++ {
				l.Allow(network(i%50_000), now)
			}
		})
	})
}
