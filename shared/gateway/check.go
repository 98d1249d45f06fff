package gateway

import (
	"fmt"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/endpoint"
	"github.com/facet-bff/facet/shared/identity/access"
)

// checkEndpoints finds what the endpoints need and the configuration lacks.
func (g *Gateway) checkEndpoints(services *backend.Services) (wrong []error) {
	for _, e := range g.mounted {
		what := e.Method + " " + e.Path
		for _, step := range e.Plan.Steps {
			if step.Backend != "" && !services.Has(step.Backend) {
				wrong = append(wrong, fmt.Errorf("services.%s: is required: %s calls it in step %q", step.Backend, what, step.Name))
			}
		}
		wrong = append(wrong, g.checkAccess(what, e.Access), g.checkBudget(what, e))
	}
	return wrong
}

// checkBudget holds that an answer which takes the whole budget can still be written.
func (g *Gateway) checkBudget(what string, e endpoint.Mounted) error {
	limit := g.config.Server.WriteTimeout
	if limit == 0 || e.Budget < limit {
		return nil
	}
	return fmt.Errorf("server.write_timeout: must be more than the budget of %s: %s is not more than %s", what, limit, e.Budget)
}

func (g *Gateway) checkRoutes() (wrong []error) {
	for _, r := range g.routes.Routes() {
		wrong = append(wrong, g.checkAccess("route "+r.Name(), r.Access()))
	}
	return wrong
}

func (g *Gateway) checkAccess(what string, rule access.Rule) error {
	if rule.NeedsUser() && g.verifier == nil {
		return fmt.Errorf("identity: is required: %s lets in %q only", what, rule)
	}
	return nil
}
