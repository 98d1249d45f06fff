package route

import (
	"errors"
	"fmt"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/idempotency"
	"github.com/facet-bff/facet/shared/identity/access"
	"github.com/facet-bff/facet/shared/overload"
	"github.com/facet-bff/facet/shared/ratelimit"
)

// A Route passes requests through to one service. It is immutable and safe for concurrent
// use.
type Route struct {
	name    string
	service *backend.Service
	access  access.Rule
	limiter *ratelimit.Limiter // nil: no limit
	gate    *overload.Gate

	template    template
	conditions  conditions
	specificity specificity
	rank        int

	target   target
	query    query
	request  requestHeaders
	response responseHeaders

	idempotency *idempotency.Config // nil: none

	timeout time.Duration
	idle    time.Duration
	maxBody int64
}

// Name is the route's name in metrics and logs.
func (r *Route) Name() string { return r.name }

// Access says who may use the route. Serve does not ask it.
func (r *Route) Access() access.Rule { return r.access }

// Limiter says how often each client may use the route; nil is as often as it likes. Serve
// does not ask it.
func (r *Route) Limiter() *ratelimit.Limiter { return r.limiter }

// Idempotency says how writes are told from writes that come again, and how long one may take;
// nil is not at all. Serve does not ask it.
func (r *Route) Idempotency() (c *idempotency.Config, lease time.Duration) {
	return r.idempotency, r.timeout + r.idle + time.Minute
}

// Service names the service that answers.
func (r *Route) Service() string { return r.service.Name() }

func newRoute(c Config, services *backend.Services, limiter *overload.Limiter) (*Route, error) {
	var wrong []error
	if c.Name == "" {
		wrong = append(wrong, errors.New("name is required"))
	}
	if !services.Has(c.Service) {
		wrong = append(wrong, fmt.Errorf("service %q is not configured: add services.%s", c.Service, c.Service))
	}
	if err := errors.Join(append(wrong, c.Validate())...); err != nil {
		return nil, err
	}
	path, err := c.Match.template()
	if err != nil {
		return nil, err
	}
	to, err := newTarget(path, c.Rewrite)
	if err != nil {
		return nil, err
	}
	r := &Route{
		name: c.Name, service: services.Get(c.Service), access: c.Access, limiter: ratelimit.New(c.RateLimit), gate: limiter.NewGate(c.Priority),
		template: path, conditions: newConditions(c.Match),
		target: to, query: newQuery(c.Query),
		request: newRequestHeaders(c.Request), response: newResponseHeaders(c.Response, c.Access),
		idempotency: c.Idempotency, timeout: c.Timeout, idle: c.IdleTimeout, maxBody: c.MaxBody,
	}
	r.response.inside, r.response.outside = to.prefixes(path)
	r.specificity = specificity{
		class: path.class, literals: path.literals(), rest: path.rest != "", segments: len(path.segments),
		host: r.conditions.hostRank(), conditions: r.conditions.headerRank(),
	}
	return r, nil
}

// overlaps reports whether a request can match both of two routes of equal specificity.
func (r *Route) overlaps(other *Route) bool {
	return r.template.overlaps(other.template) && r.conditions.overlap(&other.conditions)
}
