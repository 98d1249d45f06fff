package services

import "github.com/facet-bff/facet/shared/policy"

// Breakers lists the breakers of the services that have one, by service.
func (r *Running) Breakers() []policy.BreakerState { return r.breakers.States() }

func (r *Running) breakersOf(service string) (found []policy.BreakerState) {
	for _, b := range r.Breakers() {
		if b.Service == service {
			found = append(found, b)
		}
	}
	return found
}

// Force sets a service's breaker of a class ("read", "write", or both if empty) to "open",
// "closed" or "auto". Its error is a *fault.Error; see [policy.Breakers.Force].
func (r *Running) Force(service, class, state string) error {
	return r.breakers.Force(service, class, state)
}
