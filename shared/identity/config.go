package identity

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"time"
)

// Config says whose tokens are accepted.
type Config struct {
	// Issuer is the exact value of the iss claim.
	Issuer string `yaml:"issuer" validate:"required"`
	// Audience is what the aud claim must name at least one of.
	Audience []string `yaml:"audience" validate:"min=1,dive,required"`

	// JWKSURL is where the issuer publishes its keys (RFC 7517, 5). It must be https
	// unless the host is this machine or AllowHTTP is set.
	JWKSURL string `yaml:"jwks_url" validate:"required,http_url"`
	// AllowHTTP accepts keys over an unprotected connection: whoever can change them on
	// the way can be anybody.
	AllowHTTP bool `yaml:"allow_http"`

	// Algorithms are the signatures that are accepted: RS*, PS*, ES* and EdDSA.
	Algorithms []string `yaml:"algorithms" default:"RS256,ES256,EdDSA" validate:"min=1,unique"`
	// Leeway is how far the issuer's clock may be off.
	Leeway time.Duration `yaml:"leeway" default:"30s" validate:"min=0s,max=60s"`

	// RolesClaim names the claim of the caller's roles, or a path: "realm_access.roles".
	RolesClaim string `yaml:"roles_claim" default:"roles"`
	// TenantClaim names the claim of the caller's tenant, or a path.
	TenantClaim string `yaml:"tenant_claim" default:"tenant"`

	// RefreshInterval is how often the keys are fetched: a key that the issuer withdrew
	// is refused at the latest after it.
	RefreshInterval time.Duration `yaml:"refresh_interval" default:"5m" validate:"min=1s,max=24h"`
	// RetryInterval is how soon after a fetch an unknown key id, or a failure, may cause
	// another: a key that the issuer added is accepted at the latest after it. Where tokens do
	// not name their key, that is after RefreshInterval.
	RetryInterval time.Duration `yaml:"retry_interval" default:"10s" validate:"min=1s,max=30s"`
	// FetchTimeout bounds one fetch.
	FetchTimeout time.Duration `yaml:"fetch_timeout" default:"5s" validate:"min=1ms,max=30s"`
	// MaxStale is how long the last good keys are used while the issuer cannot be reached.
	MaxStale time.Duration `yaml:"max_stale" default:"24h" validate:"min=1s"`

	Cache CacheConfig `yaml:"cache"`
}

// CacheConfig bounds what is remembered of tokens that were verified.
type CacheConfig struct {
	// MaxTokens is how many are remembered; each takes some hundred bytes, and more where
	// its claims are long. 0 verifies a token each time it comes.
	MaxTokens int `yaml:"max_tokens" default:"10000" validate:"min=0"`
}

// Only signatures whose verification key is public: with a shared secret, anybody who can
// verify a token can also make one.
var asymmetric = []string{
	"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
}

const maxLeeway = time.Minute

// Validate reports everything that is wrong, by the name it has in YAML.
func (c Config) Validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(c.Issuer != "", "issuer: must be set")
	check(len(c.Audience) > 0 && !slices.Contains(c.Audience, ""),
		"audience: must name at least one audience, and none may be empty")
	check(len(c.Algorithms) > 0, "algorithms: must name at least one")
	for _, alg := range c.Algorithms {
		check(slices.Contains(asymmetric, alg), "algorithms: %q is not one of %q", alg, asymmetric)
	}
	check(c.Leeway >= 0 && c.Leeway <= maxLeeway, "leeway: must be between 0s and %v", maxLeeway)
	check(c.RetryInterval > 0, "retry_interval: must be positive")
	check(c.FetchTimeout > 0, "fetch_timeout: must be positive")
	check(c.RefreshInterval >= c.RetryInterval, "refresh_interval: must not be below retry_interval")
	check(c.MaxStale >= c.RefreshInterval, "max_stale: must not be below refresh_interval")
	check(c.Cache.MaxTokens >= 0, "cache.max_tokens: must not be negative")
	if err := c.validateURL(); err != nil {
		errs = append(errs, fmt.Errorf("jwks_url: %w", err))
	}
	return errors.Join(errs...)
}

func (c Config) validateURL() error {
	u, err := url.Parse(c.JWKSURL)
	switch {
	case err != nil:
		return errors.New("is not a URL")
	case u.Host == "" || u.User != nil:
		return errors.New("must be an absolute URL without credentials")
	case u.Scheme == "https":
		return nil
	case u.Scheme != "http":
		return errors.New("must be https")
	case !c.AllowHTTP && !isLoopback(u.Hostname()):
		return errors.New("must be https; set allow_http only where the network itself is trusted")
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
