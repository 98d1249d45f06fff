package gateway

import (
	"io"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/facet-bff/facet/shared/ops"
	"github.com/facet-bff/facet/shared/serve"
)

// Exit runs a gateway like [Main] and returns its exit code.
func Exit[D any](def Definition[D], args, environ []string, stdout, stderr io.Writer) int {
	return run(def, args, environ, stdout, stderr)
}

// Registry is where g's metrics are.
func Registry(g *Gateway) *prometheus.Registry { return g.metrics.Registry() }

// Operators is what g's management listener serves.
func Operators(g *Gateway) http.Handler { return ops.NewHandler(g.management(&serve.Server{})) }
