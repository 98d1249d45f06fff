// Package services runs the services that a gateway calls: the connections to each, the
// policies around them, and what they keep in common. The section of one service belongs to
// package policy.
package services

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/cache"
	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/policy"
)

// Config is what a gateway's configuration says of services.
type Config struct {
	Services map[string]policy.Service // by name
	Cache    cache.Config              // of the answers that any of them keeps
}

// Options are what services need besides.
type Options struct {
	Metrics *observe.Metrics
	// RoundTripper replaces the connections to a service, in tests. Nil makes real ones.
	RoundTripper func(service string, c backend.Connections) http.RoundTripper
}

// Running services are those of one generation, ready to be called. Their methods are safe
// for concurrent use.
type Running struct {
	calls    *backend.Services
	breakers policy.Breakers
	closers  []func()
}

// Open makes services of their configuration, which has been validated. Close them when
// they are no longer used.
func Open(c Config, o Options) (*Running, error) {
	store, err := policy.NewStore(c.Cache, c.Services)
	if err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	r := &Running{closers: []func(){store.Close}}
	var list []*backend.Service
	for name, section := range c.Services {
		set := policy.New(name, section, policy.Shared{Store: store, Metrics: o.Metrics, Breakers: &r.breakers})
		list = append(list, backend.NewService(name, set.Apply(r.transport(name, section.Connections, o))))
	}
	r.calls = backend.NewServices(list...)
	return r, nil
}

func (r *Running) transport(name string, c backend.Connections, o Options) backend.Sender {
	if o.RoundTripper != nil {
		return backend.Transport(o.RoundTripper(name, c), c.MaxResponse, observe.Outgoing)
	}
	pool := backend.NewPool(c, observe.Outgoing)
	r.closers = append(r.closers, pool.Close)
	return pool.Send
}

// Calls are the services as operations and routes call them.
func (r *Running) Calls() *backend.Services { return r.calls }

// Close frees what the services hold. No call may be under way. Nil has nothing to free.
func (r *Running) Close() {
	if r == nil {
		return
	}
	for _, closer := range slices.Backward(r.closers) {
		closer()
	}
}
