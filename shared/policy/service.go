package policy

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/cache"
	"github.com/facet-bff/facet/shared/observe"
)

// Service is the section of one service.
type Service struct {
	// URL is where the service is: scheme, host and perhaps a path. Instances are the
	// URLs of several that are all the same; exactly one of the two is given.
	URL       string   `yaml:"url" validate:"omitempty,http_url"`
	Instances []string `yaml:"instances" validate:"omitempty,unique,dive,http_url"`

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
	if (s.URL == "") == (len(s.Instances) == 0) {
		errs = append(errs, errors.New("give either url or instances"))
	}
	for _, base := range s.bases() {
		if err := validateBase(base); err != nil {
			errs = append(errs, err)
		}
	}
	if s.Retry.Base > s.Retry.Max {
		errs = append(errs, errors.New("retry.base must not be above retry.max"))
	}
	for op, limit := range s.Timeout.Ops {
		if limit <= 0 {
			errs = append(errs, fmt.Errorf("timeout.ops.%s must be positive", op))
		}
	}
	if s.Cache == nil {
		return errors.Join(errs...)
	}
	for op, ttl := range s.Cache.Ops {
		if ttl < 0 {
			errs = append(errs, fmt.Errorf("cache.ops.%s must not be negative; 0 switches it off", op))
		}
	}
	return errors.Join(errs...)
}

func validateBase(base string) error {
	u, err := url.Parse(base)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return errors.New("an instance must be http://host or https://host, with a port and a path if need be")
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(base, "#"):
		return errors.New("an instance's URL must have no query and no fragment")
	case u.User != nil:
		return errors.New("an instance's URL must have no user and no password")
	}
	return nil
}

// bases are the URLs of the instances, as backend.Request.Base needs them.
func (s Service) bases() []string {
	instances := s.Instances
	if s.URL != "" {
		instances = append([]string{s.URL}, instances...)
	}
	bases := make([]string, len(instances))
	for i, instance := range instances {
		bases[i] = strings.TrimRight(instance, "/")
	}
	return bases
}

// NewStore returns the cache of the services' answers, or nil if none of them keeps any: a
// store takes memory before it holds anything.
func NewStore(c cache.Config, services map[string]Service, with cache.Shared) (*cache.Store[*Entry], error) {
	for _, s := range services {
		if s.Cache != nil {
			return cache.Open(c, (*Entry).Cost, cache.Options[*Entry]{Name: "answers", Codec: entryCodec, Shared: with})
		}
	}
	return nil, nil
}

// Shared is what the policies of all services have in common.
type Shared struct {
	Store       *cache.Store[*Entry] // where answers are kept; nil if no service keeps any
	Generations *cache.Generations   // what purges them
	Metrics     *observe.Metrics
}

// New returns the policies of the service called name.
func New(name string, c Service, with Shared) Set {
	metrics := with.Metrics
	set := Set{
		Tags:     Tags(with.Generations),
		Collapse: Collapse(),
		Retry:    Retry(c.Retry, metrics),
		Measure:  Measure(metrics),
		Breaker:  Breaker(name, c.Breaker, metrics),
		Limit:    Limit(c.Limit),
		Timeout:  Timeout(c.Timeout),
		Balance:  Balance(c.bases()),
	}
	if retry := set.Retry; len(c.bases()) > 1 {
		set.Retry = func(next backend.Sender) backend.Sender { return backend.Chain(next, remember, retry) }
	}
	if c.Credentials == "caller" {
		set.Credentials = CallerCredentials()
	}
	if c.Cache != nil {
		set.Cache, set.Fill = Cache(*c.Cache, with.Store, metrics)
	}
	if c.Hedge != nil {
		set.Hedge = Hedge(*c.Hedge, metrics)
	}
	return set
}
