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
	"github.com/facet-bff/facet/shared/endpoint"
	"github.com/facet-bff/facet/shared/identity"
	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/policy"
	"github.com/facet-bff/facet/shared/ratelimit"
	"github.com/facet-bff/facet/shared/route"
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
	store    *cache.Store[*policy.Entry]
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
	if err := g.open(o, def.Endpoints.Keep()); err != nil {
		g.Close()
		return nil, err
	}
	services := g.services(o)
	g.mounted = def.Endpoints.Mount(def.Backends(services), endpoint.Env{
		Config: c.Endpoints, ServerTiming: c.Observe.ServerTiming, Metrics: g.metrics, Log: g.log, Views: g.views,
	})
	if err := g.finish(services); err != nil {
		g.Close()
		return nil, err
	}
	return g, nil
}

// open makes what the services and endpoints are built from.
func (g *Gateway) open(o Options, keepsViews bool) (err error) {
	if g.store, err = policy.NewStore(g.config.Cache, g.config.Services); err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	g.closers = append(g.closers, g.store.Close)
	if keepsViews {
		if g.views, err = endpoint.NewViews(g.config.Endpoints.Cache); err != nil {
			return fmt.Errorf("endpoints.cache: %w", err)
		}
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
func (g *Gateway) finish(services *backend.Services) error {
	routes, err := route.New(g.config.Routes, services)
	wrong := []error{err}
	if err == nil {
		g.routes = routes
		wrong = append(wrong, g.checkRoutes()...)
	}
	e := echo.New()
	if err := g.trustProxies(e); err != nil {
		wrong = append(wrong, fmt.Errorf("server.trusted_proxies: %w", err))
	}
	if err := errors.Join(append(wrong, g.checkEndpoints(services)...)...); err != nil {
		return err
	}
	g.handler = g.router(e)
	return nil
}

// services builds the chain of every service that is configured.
func (g *Gateway) services(o Options) *backend.Services {
	var list []*backend.Service
	for name, c := range g.config.Services {
		set := policy.New(name, c, g.store, g.metrics)
		list = append(list, backend.NewService(name, set.Apply(g.transport(name, c.Connections, o))))
	}
	return backend.NewServices(list...)
}

func (g *Gateway) transport(name string, c backend.Connections, o Options) backend.Sender {
	if o.RoundTripper != nil {
		return backend.Transport(o.RoundTripper(name, c), c.MaxResponse, observe.Outgoing)
	}
	pool := backend.NewPool(c, observe.Outgoing)
	g.closers = append(g.closers, pool.Close)
	return pool.Send
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
