package observe

import "github.com/prometheus/client_golang/prometheus"

// shared are the metrics of what a gateway keeps, and of the Redis that its replicas share.
type shared struct {
	redis     *counters
	reachable *prometheus.GaugeVec
	second    *counters
	evicted   *counters
	kept      *counters
	writes    *counters
}

func newShared(
	counter func(name, help string, labels ...string) *counters, gauge func(name, help string, labels ...string) *prometheus.GaugeVec,
) shared {
	return shared{
		redis:     counter("facet_redis_calls_total", "Calls of Redis; those that were not made, because it is slow or gone, are bypassed.", "command", "outcome"),
		reachable: gauge("facet_redis_reachable", "1 while Redis is called, 0 while it is bypassed."),
		second:    counter("facet_cache_second_level_total", "Look-ups in the second level of a cache, of what its first level does not know.", "cache", "result"),
		evicted:   counter("facet_cache_evictions_total", "Entries of a cache that others have taken the place of, by what they answer: an operation as service.op, or a composition.", "cache", "of"),
		kept:      counter("facet_cache_kept_bytes_total", "Bytes of the answers that have been kept.", "service", "op"),
		writes:    counter("facet_idempotent_requests_total", "Writes that came with an Idempotency-Key, or should have.", "endpoint", "outcome"),
	}
}

// RedisCalled counts a call of Redis: "ok", "failed", or "bypassed".
func (m *Metrics) RedisCalled(command, outcome string) {
	m.shared.redis.with(labels{command, outcome}).Inc()
}

// RedisReachable says whether Redis is called.
func (m *Metrics) RedisReachable(reachable bool) {
	state := 0.0
	if reachable {
		state = 1
	}
	m.shared.reachable.WithLabelValues().Set(state)
}

// SecondLevel counts a look-up in the second level of a cache: "hit", "miss", "purged",
// "garbage" or "failed".
func (m *Metrics) SecondLevel(cache, result string) {
	m.shared.second.with(labels{cache, result}).Inc()
}

// Evicted counts an entry that had to go before its time, for want of room.
func (m *Metrics) Evicted(cache, of string) { m.shared.evicted.with(labels{cache, of}).Inc() }

// Kept counts the bytes of an answer that is kept.
func (m *Metrics) Kept(service, op string, bytes int) {
	m.shared.kept.with(labels{service, op}).Add(float64(bytes))
}

// Idempotent counts a write where keys are minded: "first", "replayed", "refused", "missing" or
// "malformed".
func (m *Metrics) Idempotent(endpoint, outcome string) {
	m.shared.writes.with(labels{endpoint, outcome}).Inc()
}
