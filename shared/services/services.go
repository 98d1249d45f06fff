// Package services runs the services that a gateway calls: the connections to each, the
// policies around them, and what they keep in common. The section of one service belongs to
// package policy.
package services

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/cache"
	"github.com/facet-bff/facet/shared/discover"
	"github.com/facet-bff/facet/shared/idempotency"
	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/policy"
	"github.com/facet-bff/facet/shared/policy/balance"
	"github.com/facet-bff/facet/shared/redis"
)

// Config is what a gateway's configuration says of services.
type Config struct {
	Services map[string]policy.Service // by name
	Cache    cache.Config              // of the answers that any of them keeps
	Redis    *redis.Config             // that replicas share; nil: none
}

// Options are what services need besides.
type Options struct {
	Gateway string // its name
	Metrics *observe.Metrics
	Log     *slog.Logger              // nil drops what it is told
	Sources map[string]discover.Maker // other ways to find instances, by the name that configuration has for them
	// RoundTripper replaces the connections to a service, in tests; then nothing is looked
	// up, and no instance is asked how it is. Nil makes real ones.
	RoundTripper func(service string, c backend.Connections) http.RoundTripper
}

// Running services are those of one generation, ready to be called. Their methods are safe
// for concurrent use.
type Running struct {
	calls    *backend.Services
	services []*running // by name
	opened   time.Time
	shared   cache.Shared
	writes   *idempotency.Records
	breakers policy.Breakers
	closers  []func()
}

// Open makes services of their configuration, which has been validated. Instances that have
// to be discovered may not be there yet: [Running.Ready] tells, and calls fail until then.
// Close the services when they are no longer used.
func Open(c Config, o Options) (*Running, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	r := &Running{opened: time.Now()}
	if err := r.share(c.Redis, o); err != nil {
		return nil, fmt.Errorf("redis: %w", err)
	}
	store, err := policy.NewStore(c.Cache, c.Services, r.shared)
	if err != nil {
		r.Close()
		return nil, fmt.Errorf("cache: %w", err)
	}
	r.closers = append(r.closers, store.Close)
	refresher := policy.NewRefresher()
	with := policy.Shared{
		Gateway: o.Gateway, Store: store, Epochs: r.shared.Epochs, Refresher: refresher,
		Metrics: o.Metrics, Breakers: &r.breakers,
	}
	var list []*backend.Service
	for name, section := range c.Services {
		set := policy.New(name, section, with)
		transport, err := r.connect(name, section, set.Instances(), o)
		if err != nil {
			r.Close()
			return nil, fmt.Errorf("services.%s.discover.%w", name, err)
		}
		list = append(list, backend.NewService(name, set.Apply(transport)))
	}
	r.closers = append(r.closers, refresher.Close) // before what its calls need
	byName(r.services)
	r.calls = backend.NewServices(list...)
	return r, nil
}

// share makes what all caches have in common.
func (r *Running) share(c *redis.Config, o Options) error {
	client, err := redis.Open(c, redis.Options{Gateway: o.Gateway, Meter: o.Metrics, Log: o.Log})
	if err != nil {
		return err
	}
	r.closers = append(r.closers, client.Close)
	r.writes = idempotency.New(client)
	r.shared = cache.Shared{Redis: client, Meter: o.Metrics}
	var blind time.Duration
	if c != nil {
		blind = c.Blind
	}
	r.shared.Epochs = cache.NewEpochs(o.Gateway, client, blind)
	return nil
}

// connect returns the connections to a service, whose instances are found and asked how they
// are from now on.
func (r *Running) connect(name string, section policy.Service, instances *balance.Balancer, o Options) (backend.Sender, error) {
	s := &running{name: name, instances: instances, metrics: o.Metrics, log: o.Log, err: errSeeking}
	r.services = append(r.services, s)
	if o.RoundTripper != nil {
		if section.Discover != nil {
			instances.Update(discover.At("http://" + name))
		}
		return backend.Transport(o.RoundTripper(name, section.Connections), section.Connections.MaxResponse, observe.Outgoing), nil
	}
	var source discover.Source
	if s.seeks = section.Discover != nil; s.seeks {
		var err error
		if source, err = section.Discover.Source(o.Sources); err != nil {
			return nil, err
		}
		section.Connections.Host = section.Discover.Host()
	}
	pool := backend.NewPool(section.Connections, observe.Outgoing)
	instances.Gone(pool.Forget)
	r.closers = append(r.closers, pool.Close, instances.Check(pool.Send))
	if s.seeks {
		r.closers = append(r.closers, discover.Start(source, s.tell))
	}
	return pool.Send, nil
}

// Calls are the services as operations and routes call them.
func (r *Running) Calls() *backend.Services { return r.calls }

// Shared is what the caches of the services have in common with those of the gateway.
func (r *Running) Shared() cache.Shared { return r.shared }

// Writes are the records of writes that were made.
func (r *Running) Writes() *idempotency.Records { return r.writes }

// Purge purges what is kept of the services' answers, and of views that were made of them: see
// [cache.Epochs.Purge]. Its error says what is wrong with p.
func (r *Running) Purge(ctx context.Context, p cache.Purge) (told bool, err error) {
	wrong := []error{p.Validate()}
	for _, service := range p.Services {
		wrong = append(wrong, r.known(service))
	}
	for _, path := range p.Paths {
		wrong = append(wrong, r.known(path.Service))
	}
	if err := errors.Join(wrong...); err != nil {
		return false, err
	}
	return r.shared.Epochs.Purge(ctx, p), nil
}

func (r *Running) known(service string) error {
	if service == "" || r.calls.Has(service) {
		return nil
	}
	return fmt.Errorf("there is no service %q", service)
}

// Close frees what the services hold. No call may be under way. Nil has nothing to free.
func (r *Running) Close() {
	if r == nil {
		return
	}
	for _, closer := range slices.Backward(r.closers) {
		closer()
	}
}
