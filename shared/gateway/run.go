package gateway

import (
	"context"

	"github.com/facet-bff/facet/shared/ops"
	"github.com/facet-bff/facet/shared/serve"
)

// Run listens and serves until ctx is done, then drains. It returns nil when nothing was
// cut off. It must not be called twice.
func (g *Gateway) Run(ctx context.Context) error {
	s := &serve.Server{Config: g.config.Server, Public: g.handler, Log: g.log}
	s.Management = ops.NewHandler(g.management(s))
	public, operators, err := s.Listen(g.config.Management.Address)
	if err != nil {
		return err
	}
	return s.Run(ctx, public, operators)
}

func (g *Gateway) management(s *serve.Server) ops.Gateway {
	checks := []ops.Check{{Name: "serving", Ready: s.Ready}, {Name: "services", Ready: g.services.Ready}}
	if g.verifier != nil {
		checks = append(checks, ops.Check{Name: "identity", Ready: g.verifier.Ready})
	}
	return ops.Gateway{
		Registry: g.metrics.Registry(), Checks: checks, Endpoints: g.mounted, Services: g.services.State,
		Breakers: g.services, Purge: g.services.Purge, Log: g.log,
	}
}
