package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/cache"
	"github.com/facet-bff/facet/shared/discover"
	"github.com/facet-bff/facet/shared/endpoint"
	"github.com/facet-bff/facet/shared/identity"
	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/overload"
	"github.com/facet-bff/facet/shared/ratelimit"
	"github.com/facet-bff/facet/shared/route"
	"github.com/facet-bff/facet/shared/services"
)

// A Gateway is an assembled gateway. Its methods are safe for concurrent use.
type Gateway struct {
	name     string
	config   *Config
	log      *slog.Logger
	access   *observe.AccessLog
	metrics  *observe.Metrics
	verifier *identity.JWT      // nil: nobody can say who they are
	limiter  *ratelimit.Limiter // nil: everybody may ask as often as they like
	overload *overload.Limiter  // nil: they are let in however many they are
	services *services.Running
	views    *cache.Store[*endpoint.View]
	closers  []func()
	mounted  []endpoint.Mounted
	routes   *route.Table
	handler  http.Handler
}

// Options are for tests and for programs that embed a gateway. The zero value serves.
type Options struct {
	// Log is where the log goes; nil drops it. What is no [observe.Buffer] gets each line
	// at once.
	Log io.Writer
	// RoundTripper replaces the connections to a service, and to the identity provider
	// by the name "identity". Nil makes real ones.
	RoundTripper func(service string, c backend.Connections) http.RoundTripper
}

// New assembles a gateway: everything that can fail on account of its configuration
// fails here. Close it when it is no longer used.
func New[D any](def Definition[D], c *Config, o Options) (*Gateway, error) {
	if o.Log == nil {
		o.Log = io.Discard
	}
	out := observe.Buffered(o.Log)
	g := &Gateway{
		name: def.Name, config: c, metrics: observe.NewMetrics(def.Name), limiter: ratelimit.New(c.RateLimit),
		log: observe.NewLogger(out, c.Observe, def.Name), access: observe.NewAccessLog(out, c.Observe, def.Name),
	}
	g.overload = overload.New(c.Overload, g.metrics)
	if err := g.open(o, def.Sources, def.Endpoints.Keep()); err != nil {
		g.Close()
		return nil, err
	}
	g.mounted = def.Endpoints.Mount(def.Backends(g.services.Calls()), endpoint.Env{
		Config: c.Endpoints, ServerTiming: c.Observe.ServerTiming, Metrics: g.metrics, Log: g.log, Views: g.views, Writes: g.services.Writes(), Overload: g.overload,
	})
	if err := g.finish(); err != nil {
		g.Close()
		return nil, err
	}
	return g, nil
}

// open makes what the services and endpoints are built from.
func (g *Gateway) open(o Options, sources map[string]discover.Maker, keepsViews bool) (err error) {
	g.services, err = services.Open(
		services.Config{Services: g.config.Services, Cache: g.config.Cache, Redis: g.config.Redis},
		services.Options{Gateway: g.name, Metrics: g.metrics, Log: g.log, Sources: sources, RoundTripper: o.RoundTripper},
	)
	if err != nil {
		return err
	}
	g.closers = append(g.closers, g.services.Close)
	if g.views, err = endpoint.NewViews(keepsViews, g.config.Endpoints.Cache, g.services.Shared()); err != nil {
		return fmt.Errorf("endpoints.cache: %w", err)
	}
	g.closers = append(g.closers, g.views.Close)
	if g.config.Identity == nil {
		return nil
	}
	var client *http.Client // nil: the verifier's own
	if o.RoundTripper != nil {
		client = &http.Client{Transport: o.RoundTripper("identity", backend.Connections{})}
	}
	if g.verifier, err = identity.New(context.Background(), *g.config.Identity, client, g.log); err != nil {
		return fmt.Errorf("identity: %w", err)
	}
	g.closers = append(g.closers, g.verifier.Close)
	return nil
}

// finish adds the routes, and puts everything behind the middleware. Its error lists all
// that does not fit together.
func (g *Gateway) finish() error {
	calls := g.services.Calls()
	routes, err := route.New(g.config.Routes, calls, g.overload)
	wrong := []error{err}
	if err == nil {
		g.routes = routes
		wrong = append(wrong, g.checkRoutes()...)
	}
	e := echo.New()
	if err := g.trustProxies(e); err != nil {
		wrong = append(wrong, fmt.Errorf("server.trusted_proxies: %w", err))
	}
	if err := errors.Join(append(wrong, g.checkEndpoints(calls)...)...); err != nil {
		return err
	}
	g.handler = g.router(e)
	return nil
}

// Handler serves the gateway's clients.
func (g *Gateway) Handler() http.Handler { return g.handler }

// Endpoints lists what the gateway composes.
func (g *Gateway) Endpoints() []endpoint.Mounted { return g.mounted }

// Close frees what the gateway holds. No request may be under way.
func (g *Gateway) Close() {
	for _, closer := range slices.Backward(g.closers) {
		closer()
	}
}
