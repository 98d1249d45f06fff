package balance

import (
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/facet-bff/facet/shared/backend"
)

// HealthConfig is the section "health": each instance is asked how it is, and left out while
// it does not answer with success. A new one is taken for well.
type HealthConfig struct {
	Path      string        `yaml:"path" validate:"required,startswith=/"`     // that is asked; 2xx is well
	Interval  time.Duration `yaml:"interval" default:"5s" validate:"min=10ms"` // between two checks of an instance
	Timeout   time.Duration `yaml:"timeout" default:"1s" validate:"gt=0"`      // of a check
	Healthy   int           `yaml:"healthy" default:"2" validate:"min=1"`      // checks in a row, to be well again
	Unhealthy int           `yaml:"unhealthy" default:"3" validate:"min=1"`    // checks in a row, to be left out
}

// Check asks the instances how they are until stop is called, which returns when nobody is
// asked any more. Without a section "health" it does nothing.
func (b *Balancer) Check(transport backend.Sender) (stop func()) {
	if b.config.Health == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	var checking sync.WaitGroup
	checking.Go(func() { b.check(ctx, transport) })
	return func() {
		cancel()
		checking.Wait()
	}
}

func (b *Balancer) check(ctx context.Context, transport backend.Sender) {
	for {
		b.checkAll(ctx, transport)
		every := b.config.Health.Interval
		select {
		case <-ctx.Done():
			return
		case <-time.After(every - rand.N(every/10+1)): // not all gateways of a fleet at once
		}
	}
}

// checkAll asks all instances at a time.
func (b *Balancer) checkAll(ctx context.Context, transport backend.Sender) {
	b.mu.Lock()
	all := slices.Clone(b.all)
	b.mu.Unlock()
	var asking sync.WaitGroup
	defer asking.Wait()
	for _, i := range all {
		asking.Go(func() {
			if well := b.ask(ctx, transport, i); ctx.Err() == nil {
				b.learn(i, well)
			}
		})
	}
}

func (b *Balancer) ask(ctx context.Context, transport backend.Sender, i *Instance) (well bool) {
	ctx, cancel := context.WithTimeout(ctx, b.config.Health.Timeout)
	defer cancel()
	i.inFlight.Add(1) // so that its connections are closed when it is taken off the list meanwhile
	defer i.leave()
	_, err := transport(ctx, &backend.Request{
		Service: b.service, Op: "health", Method: http.MethodGet, Base: i.url, Path: b.config.Health.Path, Safe: true,
	})
	return err == nil
}

// learn counts the checks that say otherwise than what is known.
func (b *Balancer) learn(i *Instance, well bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if well != i.sick {
		i.streak = 0
		return
	}
	needed := b.config.Health.Unhealthy
	if i.sick {
		needed = b.config.Health.Healthy
	}
	if i.streak++; i.streak < needed {
		return
	}
	now := b.now()
	i.streak, i.sick = 0, !well
	if well {
		i.since.Store(now)
	}
	b.renew(now)
}
