package gateway

import (
	"time"

	"github.com/facet-bff/facet/shared/cache"
	"github.com/facet-bff/facet/shared/endpoint"
	"github.com/facet-bff/facet/shared/identity"
	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/ops"
	"github.com/facet-bff/facet/shared/policy"
	"github.com/facet-bff/facet/shared/route"
)

// Config is a gateway's whole configuration. Each section belongs to the package that
// uses it.
type Config struct {
	Server     Server                    `yaml:"server"`
	Management ops.Config                `yaml:"management"`
	Observe    observe.Config            `yaml:"observe"`
	Identity   *identity.Config          `yaml:"identity"` // absent: nobody can say who they are
	Endpoints  endpoint.Config           `yaml:"endpoints"`
	Cache      cache.Config              `yaml:"cache"`
	Services   map[string]policy.Service `yaml:"services"`
	Routes     []route.Config            `yaml:"routes"`
}

// Server is the section "server": the listener that clients use.
type Server struct {
	Address       string        `yaml:"address" default:"127.0.0.1:8080" validate:"required"`
	HeaderTimeout time.Duration `yaml:"header_timeout" default:"5s" validate:"gt=0"`
	BodyTimeout   time.Duration `yaml:"body_timeout" default:"15s" validate:"gt=0"`
	WriteTimeout  time.Duration `yaml:"write_timeout" default:"30s" validate:"gt=0"`
	IdleTimeout   time.Duration `yaml:"idle_timeout" default:"75s" validate:"gt=0"`
	MaxHeader     int           `yaml:"max_header" default:"32KiB" unit:"bytes" validate:"min=1024"`

	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []string `yaml:"trusted_proxies" validate:"dive,cidr"`

	Drain Drain `yaml:"drain"`
}

// Drain says how a gateway stops.
type Drain struct {
	// Delay is how long it goes on taking requests after it has said that it is not
	// ready, so that load balancers notice.
	Delay time.Duration `yaml:"delay" default:"5s" validate:"min=0"`
	// Timeout is how long requests that are under way may still take after that.
	Timeout time.Duration `yaml:"timeout" default:"20s" validate:"gt=0"`
}
