package gateway

import (
	"github.com/facet-bff/facet/shared/cache"
	"github.com/facet-bff/facet/shared/endpoint"
	"github.com/facet-bff/facet/shared/identity"
	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/ops"
	"github.com/facet-bff/facet/shared/overload"
	"github.com/facet-bff/facet/shared/policy"
	"github.com/facet-bff/facet/shared/ratelimit"
	"github.com/facet-bff/facet/shared/redis"
	"github.com/facet-bff/facet/shared/route"
	"github.com/facet-bff/facet/shared/serve"
)

// Config is a gateway's whole configuration. Each section belongs to the package that
// uses it.
type Config struct {
	Server     serve.Config              `yaml:"server"`
	Management ops.Config                `yaml:"management"`
	Observe    observe.Config            `yaml:"observe"`
	Identity   *identity.Config          `yaml:"identity"`   // absent: nobody can say who they are
	RateLimit  *ratelimit.Config         `yaml:"rate_limit"` // of all that a client asks; absent: none
	Redis      *redis.Config             `yaml:"redis"`      // that the replicas share; absent: none
	Overload   *overload.Config          `yaml:"overload"`   // absent: there is never too much to do
	Endpoints  endpoint.Config           `yaml:"endpoints"`
	Cache      cache.Config              `yaml:"cache"`
	Services   map[string]policy.Service `yaml:"services"`
	Routes     []route.Config            `yaml:"routes"`
}
