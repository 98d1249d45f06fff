package policy

import (
	"errors"
	"fmt"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/cache"
	"github.com/facet-bff/facet/shared/discover"
	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/policy/balance"
)

// Service is the section of one service.
type Service struct {
	// URL is where the service is: scheme, host and perhaps a path. Instances are several
	// that are all the same, and Discover says where such are found. Exactly one is given.
	URL       string              `yaml:"url" validate:"omitempty,http_url"`
	Instances []discover.Instance `yaml:"instances" validate:"omitempty,unique=URL"`
	Discover  *discover.Config    `yaml:"discover"`

	Balance balance.Config `yaml:"balance"` // among instances

	// Credentials is whose credentials the service sees: "none" or the "caller"'s.
	Credentials string `yaml:"credentials" default:"none" validate:"oneof=none caller"`

	Connections backend.Connections `yaml:"connections"`

	Timeout TimeoutConfig `yaml:"timeout"`
	Cache   *CacheConfig  `yaml:"cache"` // nil keeps no answers
	Retry   RetryConfig   `yaml:"retry"`
	Breaker BreakerConfig `yaml:"breaker"`
	Limit   LimitConfig   `yaml:"limit"`
	Hedge   *HedgeConfig  `yaml:"hedge"` // nil makes no second attempts
}

// Validate checks what the tags cannot.
func (s Service) Validate() error {
	var errs []error
	given := 0
	for _, is := range []bool{s.URL != "", len(s.Instances) > 0, s.Discover != nil} {
		if is {
			given++
		}
	}
	if given != 1 {
		errs = append(errs, errors.New("give one of url, instances and discover"))
	}
	if s.URL != "" {
		errs = append(errs, discover.Instance{URL: s.URL}.Validate())
	}
	if s.Retry.Base > s.Retry.Max {
		errs = append(errs, errors.New("retry.base must not be above retry.max"))
	}
	for op, limit := range s.Timeout.Ops {
		if limit <= 0 {
			errs = append(errs, fmt.Errorf("timeout.ops.%s must be positive", op))
		}
	}
	if slow := s.Breaker.Slow; slow != nil && slow.After >= s.Timeout.longest() {
		errs = append(errs, errors.New("breaker.slow.after must be below timeout.default or one of timeout.ops: no call takes longer"))
	}
	return errors.Join(errs...)
}

// fixed are the instances that the configuration names.
func (s Service) fixed() []discover.Instance {
	if s.URL != "" {
		return discover.At(s.URL)
	}
	return s.Instances
}

// NewStore returns the cache of the services' answers, or nil if none of them keeps any: a
// store takes memory before it holds anything.
func NewStore(c cache.Config, services map[string]Service, with cache.Shared) (*cache.Store[*Entry], error) {
	for _, s := range services {
		if s.Cache != nil {
			return cache.Open(c, (*Entry).Cost, cache.Options[*Entry]{Name: "answers", Codec: entryCodec, Of: (*Entry).answers, Shared: with})
		}
	}
	return nil, nil
}

// Shared is what the policies of all services have in common.
type Shared struct {
	Gateway   string               // its name, for those who look into answers
	Store     *cache.Store[*Entry] // where answers are kept; nil if no service keeps any
	Epochs    *cache.Epochs        // what purges them
	Refresher *Refresher           // fetches what has become stale; nil: nobody does
	Metrics   *observe.Metrics

	// Breakers is where operators find the breakers; nil if nobody looks for them.
	Breakers *Breakers
}

// New returns the policies of the service called name.
func New(name string, c Service, with Shared) Set {
	metrics := with.Metrics
	instances := balance.New(name, c.Balance, metrics, c.fixed())
	set := Set{
		Tags:     Tags(with.Epochs),
		Deadline: Deadline(),
		Cache:    tellParts,
		Collapse: Collapse(with.Epochs),
		Retry:    Retry(c.Retry, metrics),
		Measure:  Measure(metrics),
		Breaker:  Breaker(name, c.Breaker, with.Breakers, metrics),
		Limit:    Limit(c.Limit),
		Timeout:  Timeout(c.Timeout),
		Balance:  Balance(instances),

		instances: instances,
	}
	if _, only := instances.Only(); !only {
		retry := set.Retry
		set.Retry = func(next backend.Sender) backend.Sender { return backend.Chain(next, remember, retry) }
	}
	if c.Credentials == "caller" {
		set.Credentials = CallerCredentials()
	}
	if c.Cache != nil {
		set.Cache, set.Fill = Cache(*c.Cache, c.fixed(), with)
	}
	if c.Hedge != nil {
		set.Hedge = Hedge(*c.Hedge, metrics)
	}
	return set
}
