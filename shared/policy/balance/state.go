package balance

import "time"

// A State is what is known of one instance at a moment.
type State struct {
	URL      string `json:"url"`
	Weight   int    `json:"weight"`
	Priority int    `json:"priority"`
	Healthy  bool   `json:"healthy"` // says its health check; true without

	// What follows is not measured, and zero, of an instance that is the only one ever.
	InFlight     int64     `json:"in_flight,omitzero"`
	LatencyMS    float64   `json:"latency_ms,omitzero"` // what calls take about, in milliseconds
	Failures     int64     `json:"failures,omitzero"`   // in a row
	EjectedUntil time.Time `json:"ejected_until,omitzero"`
}

// State is what is known of the instances, by priority and URL, and whether all are used
// because fewer than half of them are well.
func (b *Balancer) State() (list []State, panics bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	list = make([]State, len(b.all))
	for n, i := range b.all {
		list[n] = State{
			URL: i.url, Weight: i.weight, Priority: i.priority, Healthy: !i.sick, InFlight: i.inFlight.Load(),
			LatencyMS: float64(i.latency.load()/int64(time.Microsecond)) / 1000, Failures: i.failures.Load(),
		}
		if i.until > now {
			list[n].EjectedUntil = b.made.Add(time.Duration(i.until)).UTC().Round(time.Millisecond)
		}
	}
	return list, b.view.Load().panic
}
