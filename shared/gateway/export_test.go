package gateway

import (
	"io"

	"github.com/prometheus/client_golang/prometheus"
)

// Exit runs a gateway like [Main] and returns its exit code.
func Exit[D any](def Definition[D], args, environ []string, stdout, stderr io.Writer) int {
	return run(def, args, environ, stdout, stderr)
}

// Registry is where g's metrics are.
func Registry(g *Gateway) *prometheus.Registry { return g.metrics.Registry() }
