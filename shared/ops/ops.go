// Package ops is the management listener of a gateway: health, metrics, the
// compositions it serves, the services it calls and their breakers, and profiles. It must
// not be reachable by clients.
package ops

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/pprof"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/facet-bff/facet/shared/cache"
	"github.com/facet-bff/facet/shared/endpoint"
	"github.com/facet-bff/facet/shared/services"
)

// Config is the section "management".
type Config struct {
	// Address is what operators connect to. It must not be reachable by clients.
	Address string `yaml:"address" default:"127.0.0.1:9080" validate:"required"`
}

// A Check is something that must hold before a gateway takes requests. Ready returns
// why it does not; it is called often and must be quick.
type Check struct {
	Name  string
	Ready func() error
}

// A Gateway is what the management listener tells of a gateway.
type Gateway struct {
	Registry  *prometheus.Registry
	Checks    []Check
	Endpoints []endpoint.Mounted
	Services  func() []services.State // by name; nil: it calls none

	// Breakers are those of the services; nil if there are none to force. What operators
	// do to them goes to Log.
	Breakers Breakers
	Log      *slog.Logger

	// Purge purges its caches. It reports whether all replicas know, and its error is the
	// operator's. Nil cannot.
	Purge func(context.Context, cache.Purge) (told bool, err error)
}

// NewHandler serves the management listener.
func NewHandler(g Gateway) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", g.ready)
	mux.Handle("GET /metrics", promhttp.HandlerFor(g.Registry, promhttp.HandlerOpts{Registry: g.Registry}))
	mux.HandleFunc("GET /services", g.services)
	mux.HandleFunc("GET /compositions", g.compositions)
	mux.HandleFunc("GET /compositions/{name}", g.diagram)
	if g.Purge != nil {
		mux.HandleFunc("POST /cache/purge", g.purge)
	}
	if g.Breakers != nil {
		mux.HandleFunc("PUT /services/{service}/breaker", g.force)
	}
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}

// ready answers 200 when every check holds, and says line by line which do.
func (g Gateway) ready(w http.ResponseWriter, _ *http.Request) {
	status := http.StatusOK
	var lines strings.Builder
	for _, check := range g.Checks {
		verdict := "ok"
		if err := check.Ready(); err != nil {
			status, verdict = http.StatusServiceUnavailable, err.Error()
		}
		fmt.Fprintf(&lines, "%s: %s\n", check.Name, verdict)
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(lines.String()))
}

// services lists every service with what is known of its instances.
func (g Gateway) services(w http.ResponseWriter, _ *http.Request) {
	list := []services.State{}
	if g.Services != nil {
		list = g.Services()
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.MarshalWrite(w, list, jsontext.WithIndent("  "))
}

// A listed endpoint is one entry of /compositions.
type listed struct {
	endpoint.Mounted
	Budget  string `json:"budget"`
	Kept    string `json:"kept,omitempty"`
	Mermaid string `json:"mermaid"`
}

// compositions lists every endpoint with its plan.
func (g Gateway) compositions(w http.ResponseWriter, _ *http.Request) {
	var list []listed
	for _, e := range g.Endpoints {
		entry := listed{Mounted: e, Budget: e.Budget.String(), Mermaid: e.Plan.Mermaid()}
		if e.Kept > 0 {
			entry.Kept = e.Kept.String()
		}
		list = append(list, entry)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.MarshalWrite(w, list, jsontext.WithIndent("  "))
}

// diagram draws one composition as Mermaid text.
func (g Gateway) diagram(w http.ResponseWriter, r *http.Request) {
	for _, e := range g.Endpoints {
		if e.Plan.Name == r.PathValue("name") {
			w.Header().Set("Content-Type", "text/vnd.mermaid; charset=utf-8")
			_, _ = w.Write([]byte(e.Plan.Mermaid()))
			return
		}
	}
	http.Error(w, "there is no composition of that name; GET /compositions lists them", http.StatusNotFound)
}
