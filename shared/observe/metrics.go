package observe

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// Metrics are the metrics of one gateway process. They outlive its generations. Labels
// come from code and configuration only, so their number is bounded.
type Metrics struct {
	registry *prometheus.Registry

	requests *histograms
	inFlight prometheus.Gauge
	panics   prometheus.Counter
	limited  *counters
	steps    *histograms
	degraded *counters
	calls    *histograms
	retries  *counters
	hedges   *counters
	lookups  *counters
	breakers *prometheus.GaugeVec
	forced   *prometheus.GaugeVec
	views    *counters
	refused  *counters
	limit    *prometheus.GaugeVec // of no labels; it is not there until a limit is

	instances *prometheus.GaugeVec
	ejections *counters
	unfound   *counters

	shared shared
}

// latencies are the histograms' buckets, in seconds.
var latencies = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// NewMetrics returns the metrics of a gateway, and of the Go runtime and the process.
func NewMetrics(gateway string) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	constant := prometheus.Labels{"gateway": gateway}
	histogram := func(name, help string, labels ...string) *histograms {
		vec := prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: name, Help: help, ConstLabels: constant, Buckets: latencies,
		}, labels)
		m.registry.MustRegister(vec)
		return newFamily(vec)
	}
	counterVec := func(name, help string, labels ...string) *prometheus.CounterVec {
		vec := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: constant}, labels)
		m.registry.MustRegister(vec)
		return vec
	}
	counter := func(name, help string, labels ...string) *counters {
		return newFamily(counterVec(name, help, labels...))
	}
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		vec := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: constant}, labels)
		m.registry.MustRegister(vec)
		return vec
	}
	m.requests = histogram("facet_request_duration_seconds", "Time from a request's arrival to the end of its answer.", "endpoint", "method", "status")
	m.inFlight = gauge("facet_requests_in_flight", "Requests that are being answered.").WithLabelValues()
	m.panics = counterVec("facet_panics_total", "Panics that were caught.").WithLabelValues()
	m.limited = counter("facet_rate_limited_total", "Requests that were refused because their client asks too often.", "endpoint")
	m.steps = histogram("facet_step_duration_seconds", "Time of a composition's step.", "composition", "step", "outcome")
	m.degraded = counter("facet_degraded_total", "Failures that a fallback absorbed.", "composition", "step", "reason")
	m.calls = histogram("facet_service_call_duration_seconds", "Time of one attempt to call a service.", "service", "op", "outcome")
	m.retries = counter("facet_service_retries_total", "Calls that were repeated.", "service")
	m.hedges = counter("facet_service_hedges_total", "Second attempts of calls that took long.", "service", "outcome")
	m.lookups = counter("facet_cache_lookups_total", "Requests that the response cache has answered, whichever level knew the answer (hit), with what is past its time (stale), has not (miss), or has no part in (bypass).", "service", "op", "result")
	m.breakers = gauge("facet_breaker_state", "0 closed, 1 half-open, 2 open.", "service", "class")
	m.forced = gauge("facet_breaker_forced", "1 if an operator has forced the breaker to its state.", "service", "class")
	m.views = counter("facet_view_lookups_total", "Look-ups of finished answers.", "composition", "result")
	m.refused = counter("facet_overload_refused_total", "Requests that were refused because the gateway has too much to do.", "priority")
	m.limit = gauge("facet_overload_limit", "Requests at a time that the gateway lets in.")
	m.shared = newShared(counter, gauge)
	m.instances = gauge("facet_service_instances", "Instances of a service: all, and those that are left out of them.", "service", "state")
	m.ejections = counter("facet_service_ejections_total", "Times that an instance was left out, because of failures or because it was slow.", "service", "reason")
	m.unfound = counter("facet_service_discovery_failures_total", "Times that the instances of a service could not be found.", "service")
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), collectors.NewBuildInfoCollector())
	return m
}

// Registry is where other collectors may be added.
func (m *Metrics) Registry() *prometheus.Registry { return m.registry }

// RequestStarted counts a request in.
func (m *Metrics) RequestStarted() { m.inFlight.Inc() }

// RequestDone counts a request out. A method that HTTP does not define counts as "other":
// clients may send any token.
func (m *Metrics) RequestDone(endpoint, method string, status int, took time.Duration) {
	m.inFlight.Dec()
	m.requests.with(labels{endpoint, knownMethod(method), statusText(status)}).Observe(took.Seconds())
}

// statusText allocates nothing for the usual statuses.
func statusText(status int) string {
	switch status {
	case http.StatusOK:
		return "200"
	case http.StatusNotModified:
		return "304"
	}
	return strconv.Itoa(status)
}

func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace:
		return method
	}
	return "other"
}

// Panicked counts a panic.
func (m *Metrics) Panicked() { m.panics.Inc() }

// RateLimited counts a request that was refused because its client asks too often. The
// endpoint is a path as declared, or a route's name.
func (m *Metrics) RateLimited(endpoint string) { m.limited.with(labels{endpoint}).Inc() }

// StepDone records a step of a composition. The outcome is "ok" or a kind of fault.
func (m *Metrics) StepDone(composition, step, outcome string, took time.Duration) {
	m.steps.with(labels{composition, step, outcome}).Observe(took.Seconds())
}

// Degraded counts a failure that a fallback absorbed.
func (m *Metrics) Degraded(composition, step, reason string) {
	m.degraded.with(labels{composition, step, reason}).Inc()
}

// CallDone records one attempt to call a service.
func (m *Metrics) CallDone(service, op, outcome string, took time.Duration) {
	m.calls.with(labels{service, op, outcome}).Observe(took.Seconds())
}

// Retried counts a call that was repeated.
func (m *Metrics) Retried(service string) { m.retries.with(labels{service}).Inc() }

// Hedged counts a second attempt at a call: "won" if its answer was the call's, or "lost".
func (m *Metrics) Hedged(service, outcome string) { m.hedges.with(labels{service, outcome}).Inc() }

// Looked counts a look-up in the response cache, once for each request: "hit", in whichever
// level, "miss", "stale" or "bypass".
func (m *Metrics) Looked(service, op, result string) {
	m.lookups.with(labels{service, op, result}).Inc()
}

// Viewed counts a look-up of a finished answer: "hit" or "miss".
func (m *Metrics) Viewed(composition, result string) {
	m.views.with(labels{composition, result}).Inc()
}

// BreakerChanged records the state of a service's breaker for a class of operations: 0
// closed, 1 half-open, 2 open; and whether an operator has forced it to that.
func (m *Metrics) BreakerChanged(service, class string, state int, forced bool) {
	m.breakers.WithLabelValues(service, class).Set(float64(state))
	var by float64
	if forced {
		by = 1
	}
	m.forced.WithLabelValues(service, class).Set(by)
}

// Refused counts a request that was refused because the gateway has too much to do.
func (m *Metrics) Refused(priority string) { m.refused.with(labels{priority}).Inc() }

// LimitChanged records how many requests at a time the gateway lets in.
func (m *Metrics) LimitChanged(limit int) { m.limit.WithLabelValues().Set(float64(limit)) }

// Instances records how many instances a service has, and how many of them are left out.
func (m *Metrics) Instances(service string, all, ejected, unhealthy int) {
	m.instances.WithLabelValues(service, "all").Set(float64(all))
	m.instances.WithLabelValues(service, "ejected").Set(float64(ejected))
	m.instances.WithLabelValues(service, "unhealthy").Set(float64(unhealthy))
}

// Ejected counts an instance that is left out for a while, for "failures" or because it is
// "slow".
func (m *Metrics) Ejected(service, reason string) { m.ejections.with(labels{service, reason}).Inc() }

// NotFound counts a time that a service's instances could not be found.
func (m *Metrics) NotFound(service string) { m.unfound.with(labels{service}).Inc() }
