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

	requests *prometheus.HistogramVec
	inFlight prometheus.Gauge
	panics   prometheus.Counter
	steps    *prometheus.HistogramVec
	degraded *prometheus.CounterVec
	calls    *prometheus.HistogramVec
	retries  *prometheus.CounterVec
	lookups  *prometheus.CounterVec
	breakers *prometheus.GaugeVec
	views    *prometheus.CounterVec
}

// latencies are the histograms' buckets, in seconds.
var latencies = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// NewMetrics returns the metrics of a gateway, and of the Go runtime and the process.
func NewMetrics(gateway string) *Metrics {
	constant := prometheus.Labels{"gateway": gateway}
	histogram := func(name, help string, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: name, Help: help, ConstLabels: constant, Buckets: latencies,
		}, labels)
	}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: constant}, labels)
	}
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: constant}, labels)
	}
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: histogram("facet_request_duration_seconds", "Time from a request's arrival to the end of its answer.", "endpoint", "method", "status"),
		inFlight: gauge("facet_requests_in_flight", "Requests that are being answered.").WithLabelValues(),
		panics:   counter("facet_panics_total", "Panics that were caught.").WithLabelValues(),
		steps:    histogram("facet_step_duration_seconds", "Time of a composition's step.", "composition", "step", "outcome"),
		degraded: counter("facet_degraded_total", "Failures that a fallback absorbed.", "composition", "step", "reason"),
		calls:    histogram("facet_service_call_duration_seconds", "Time of one attempt to call a service.", "service", "op", "outcome"),
		retries:  counter("facet_service_retries_total", "Calls that were repeated.", "service"),
		lookups:  counter("facet_cache_lookups_total", "Look-ups in the response cache.", "service", "op", "result"),
		breakers: gauge("facet_breaker_state", "0 closed, 1 half-open, 2 open.", "service"),
		views:    counter("facet_view_lookups_total", "Look-ups of finished answers.", "composition", "result"),
	}
	m.registry.MustRegister(m.requests, m.inFlight, m.panics, m.steps, m.degraded, m.calls, m.retries, m.lookups, m.breakers, m.views,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), collectors.NewBuildInfoCollector())
	return m
}

// Registry is where other collectors may be added.
func (m *Metrics) Registry() *prometheus.Registry { return m.registry }

// RequestStarted counts a request in, and returns what counts it out. A method that HTTP
// does not define counts as "other": clients may send any token.
func (m *Metrics) RequestStarted() (done func(endpoint, method string, status int, took time.Duration)) {
	m.inFlight.Inc()
	return func(endpoint, method string, status int, took time.Duration) {
		m.inFlight.Dec()
		m.requests.WithLabelValues(endpoint, knownMethod(method), strconv.Itoa(status)).Observe(took.Seconds())
	}
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

// StepDone records a step of a composition. The outcome is "ok" or a kind of fault.
func (m *Metrics) StepDone(composition, step, outcome string, took time.Duration) {
	m.steps.WithLabelValues(composition, step, outcome).Observe(took.Seconds())
}

// Degraded counts a failure that a fallback absorbed.
func (m *Metrics) Degraded(composition, step, reason string) {
	m.degraded.WithLabelValues(composition, step, reason).Inc()
}

// CallDone records one attempt to call a service.
func (m *Metrics) CallDone(service, op, outcome string, took time.Duration) {
	m.calls.WithLabelValues(service, op, outcome).Observe(took.Seconds())
}

// Retried counts a call that was repeated.
func (m *Metrics) Retried(service string) { m.retries.WithLabelValues(service).Inc() }

// Looked counts a look-up in the response cache: "hit", "miss" or "bypass".
func (m *Metrics) Looked(service, op, result string) {
	m.lookups.WithLabelValues(service, op, result).Inc()
}

// Viewed counts a look-up of a finished answer: "hit" or "miss".
func (m *Metrics) Viewed(composition, result string) {
	m.views.WithLabelValues(composition, result).Inc()
}

// BreakerChanged records a breaker's state: 0 closed, 1 half-open, 2 open.
func (m *Metrics) BreakerChanged(service string, state int) {
	m.breakers.WithLabelValues(service).Set(float64(state))
}
