package faults

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// Calls counts the requests that arrive at services. It is safe for concurrent use; the
// zero value is ready.
type Calls struct {
	mu     sync.Mutex
	counts map[endpoint]int
}

type endpoint struct{ service, method, pattern string }

// Count returns next, counting each request under the pattern that routes gives it
// ("(none)" where no pattern matches).
func (c *Calls) Count(service string, routes *http.ServeMux, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, pattern := routes.Handler(r)
		c.add(endpoint{service, r.Method, pathOf(pattern)})
		next.ServeHTTP(w, r)
	})
}

// pathOf drops the method of a mux pattern.
func pathOf(pattern string) string {
	if pattern == "" {
		return "(none)"
	}
	_, path, _ := strings.Cut(pattern, " ")
	return path
}

func (c *Calls) add(e endpoint) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil {
		c.counts = map[endpoint]int{}
	}
	c.counts[e]++
}

func (c *Calls) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.counts)
}

type callCount struct {
	Service string `json:"service"`
	Method  string `json:"method"`
	Pattern string `json:"pattern"`
	Count   int    `json:"count"`
}

type callReport struct {
	Total int         `json:"total"`
	Calls []callCount `json:"calls"`
}

// report lists the counts by service, pattern, method.
func (c *Calls) report() callReport {
	c.mu.Lock()
	counts := maps.Clone(c.counts)
	c.mu.Unlock()
	var report callReport
	for e, n := range counts {
		report.Total += n
		report.Calls = append(report.Calls, callCount{e.service, e.method, e.pattern, n})
	}
	slices.SortFunc(report.Calls, func(a, b callCount) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Pattern, b.Pattern),
			cmp.Compare(a.Method, b.Method))
	})
	return report
}
