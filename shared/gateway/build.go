package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/cache"
	"github.com/facet-bff/facet/shared/endpoint"
	"github.com/facet-bff/facet/shared/guard"
	"github.com/facet-bff/facet/shared/identity"
	"github.com/facet-bff/facet/shared/identity/access"
	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/policy"
	"github.com/facet-bff/facet/shared/route"
)

// A Gateway is an assembled gateway. Its methods are safe for concurrent use.
type Gateway struct {
	name     string
	config   *Config
	log      *slog.Logger
	metrics  *observe.Metrics
	verifier *identity.JWT // nil: nobody can say who they are
	store    *cache.Store[*policy.Entry]
	pools    []idler
	mounted  []endpoint.Mounted
	routes   *route.Table
	handler  http.Handler
}

// Options are for tests and for programs that embed a gateway. The zero value serves.
type Options struct {
	// Log is where the log goes; nil drops it.
	Log io.Writer
	// RoundTripper replaces the connections to a service, and to the identity provider
	// by the name "identity". Nil makes real ones.
	RoundTripper func(service string, c backend.Connections) http.RoundTripper
}

type idler interface{ CloseIdleConnections() }

// New assembles a gateway: everything that can fail on account of its configuration
// fails here. Close it when it is no longer used.
func New[D any](def Definition[D], c *Config, o Options) (*Gateway, error) {
	if o.Log == nil {
		o.Log = io.Discard
	}
	g := &Gateway{name: def.Name, config: c, log: observe.NewLogger(o.Log, c.Observe, def.Name), metrics: observe.NewMetrics(def.Name)}
	if err := g.open(o); err != nil {
		g.Close()
		return nil, err
	}
	services := g.services(o)
	g.mounted = def.Endpoints.Mount(def.Backends(services), endpoint.Env{
		Config: c.Endpoints, ServerTiming: c.Observe.ServerTiming, Metrics: g.metrics, Log: g.log,
	})
	if err := g.finish(services); err != nil {
		g.Close()
		return nil, err
	}
	return g, nil
}

// open makes what the services and endpoints are built from.
func (g *Gateway) open(o Options) (err error) {
	if g.store, err = cache.New(g.config.Cache, (*policy.Entry).Cost); err != nil {
		return fmt.Errorf("cache: %w", err)
	}
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
	return nil
}

// finish adds the routes, and puts everything behind the middleware.
func (g *Gateway) finish(services *backend.Services) (err error) {
	if g.routes, err = route.New(g.config.Routes, services); err != nil {
		return err
	}
	if err := g.check(services); err != nil {
		return err
	}
	address, err := guard.ClientAddress(g.config.Server.TrustedProxies)
	if err != nil {
		return fmt.Errorf("server.trusted_proxies: %w", err)
	}
	g.handler = g.router(address)
	return nil
}

// services builds the chain of every service that is configured.
func (g *Gateway) services(o Options) *backend.Services {
	var list []*backend.Service
	for name, c := range g.config.Services {
		rt := g.roundTripper(name, c.Connections, o)
		set := policy.New(name, c, g.store, g.metrics)
		list = append(list, backend.NewService(name, set.Apply(backend.Transport(rt, c.Connections.MaxResponse, observe.Outgoing))))
	}
	return backend.NewServices(list...)
}

func (g *Gateway) roundTripper(name string, c backend.Connections, o Options) http.RoundTripper {
	if o.RoundTripper != nil {
		return o.RoundTripper(name, c)
	}
	rt := backend.NewRoundTripper(c)
	g.pools = append(g.pools, rt)
	return rt
}

// check finds what the endpoints need and the configuration lacks.
func (g *Gateway) check(services *backend.Services) error {
	var wrong []error
	for _, e := range g.mounted {
		for _, step := range e.Plan.Steps {
			if step.Backend != "" && !services.Has(step.Backend) {
				wrong = append(wrong, fmt.Errorf("services.%s: is required: %s %s calls it in step %q", step.Backend, e.Method, e.Path, step.Name))
			}
		}
		wrong = append(wrong, g.checkAccess(e.Method+" "+e.Path, e.Access))
	}
	for _, r := range g.routes.Routes() {
		wrong = append(wrong, g.checkAccess("route "+r.Name(), r.Access()))
	}
	return errors.Join(wrong...)
}

func (g *Gateway) checkAccess(what string, rule access.Rule) error {
	if rule.NeedsUser() && g.verifier == nil {
		return fmt.Errorf("identity: is required: %s lets in %q only", what, rule)
	}
	return nil
}

// router puts every endpoint and route behind the middleware.
func (g *Gateway) router(address echo.IPExtractor) http.Handler {
	e := echo.New()
	e.HTTPErrorHandler = g.renderError
	e.IPExtractor = address
	e.Use(g.note, guard.Recover(g.metrics, g.log), guard.StripIdentity, g.fallToRoutes())
	for _, m := range g.mounted {
		e.Add(m.Method, m.EchoPath(), m.Handler, guard.Authorize(g.verifier, m.Access))
		if m.Method == http.MethodGet {
			e.Add(http.MethodHead, m.EchoPath(), m.Handler, guard.Authorize(g.verifier, m.Access))
		}
	}
	return e
}

// Handler serves the gateway's clients.
func (g *Gateway) Handler() http.Handler { return g.handler }

// Endpoints lists what the gateway composes.
func (g *Gateway) Endpoints() []endpoint.Mounted { return g.mounted }

// Close frees what the gateway holds. No request may be under way.
func (g *Gateway) Close() {
	if g.verifier != nil {
		g.verifier.Close()
	}
	for _, p := range g.pools {
		p.CloseIdleConnections()
	}
	if g.store != nil {
		g.store.Close()
	}
}
