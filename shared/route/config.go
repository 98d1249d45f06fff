package route

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/facet-bff/facet/shared/idempotency"
	"github.com/facet-bff/facet/shared/identity/access"
	"github.com/facet-bff/facet/shared/overload"
	"github.com/facet-bff/facet/shared/ratelimit"
)

// Config is one entry of the list "routes".
type Config struct {
	// Name is unique. It is the route's name in metrics and logs, and the name of its
	// operation where the service's policies are set by operation.
	Name    string `yaml:"name" validate:"required"`
	Service string `yaml:"service" validate:"required"` // by its name in services
	Match   Match  `yaml:"match"`

	// Rewrite is the path that the service sees; empty leaves it as it is. {name} stands
	// for what the pattern's {name} matched, {rest} for what follows a prefix.
	Rewrite string `yaml:"rewrite"`

	// Access is required: a route that anybody may use says so.
	Access access.Rule `yaml:"access"`

	// RateLimit counts each client's requests to this route; absent: nobody does.
	RateLimit *ratelimit.Config `yaml:"rate_limit"`

	// Idempotency minds the header Idempotency-Key of POST and PATCH; absent: it means nothing.
	// With it, the route needs a timeout.
	Idempotency *idempotency.Config `yaml:"idempotency"`

	// Priority says how important the route's requests are when the gateway has too much
	// to do: critical, write, read or background; absent: by their methods.
	Priority overload.Priority `yaml:"priority"`

	Request  RequestHeaders  `yaml:"request"`
	Response ResponseHeaders `yaml:"response"`

	// Query names the parameters that are passed on; "*" is all of them.
	Query []string `yaml:"query" validate:"dive,required"`

	// Timeout bounds the time until the service's answer begins, retries included. 0
	// leaves it to the service's own timeout, which holds in any case.
	Timeout time.Duration `yaml:"timeout" validate:"min=0"`

	// IdleTimeout is the longest pause in a body, in either direction.
	IdleTimeout time.Duration `yaml:"idle_timeout" default:"30s" validate:"gt=0"`

	// MaxBody bounds the client's body; 0 allows none.
	MaxBody int64 `yaml:"max_body" default:"32MiB" unit:"bytes" validate:"min=0"`
}

// Match says which requests a route takes: all conditions must hold, and exactly one of
// Path, Prefix and Pattern is given. Paths are written decoded; they distinguish case.
type Match struct {
	// Methods with GET among them include HEAD.
	Methods []string `yaml:"methods" default:"GET,HEAD" validate:"min=1"`

	// Path is the whole path, a trailing slash included.
	Path string `yaml:"path"`
	// Prefix matches itself and everything below it: /a matches /a, /a/ and /a/b.
	Prefix string `yaml:"prefix"`
	// Pattern has {name} for one segment that is not empty and, at its end, {name...}
	// for the rest, which may be empty.
	Pattern string `yaml:"pattern"`

	// Host is the host without port, or *.example.com for everything below it.
	Host string `yaml:"host"`

	// Headers are values that headers must have, each exactly once; "*" is any value.
	Headers map[string]string `yaml:"headers"`
}

// RequestHeaders say what the service sees of the client's headers.
type RequestHeaders struct {
	Allow  []string          `yaml:"allow"`  // passed on besides the usual ones
	Remove []string          `yaml:"remove"` // of the usual ones, not passed on
	Set    map[string]string `yaml:"set"`    // constants

	// Forwarded adds X-Forwarded-For, -Host and -Proto. Each client then has cache
	// entries of its own.
	Forwarded bool `yaml:"forwarded"`
}

// ResponseHeaders say what the client sees of the service's headers.
type ResponseHeaders struct {
	Remove []string          `yaml:"remove"` // headers that clients do not see
	Set    map[string]string `yaml:"set"`    // constants

	// AllowCookies passes Set-Cookie.
	AllowCookies bool `yaml:"allow_cookies"`

	// RedirectHosts are the hosts, with port if need be, that a Location may lead to. Of
	// a Location with any other host than the client's own only path and query are left,
	// for it may be the service's internal one.
	RedirectHosts []string `yaml:"redirect_hosts"`
}

// Validate checks what the tags cannot.
func (c Config) Validate() error {
	var wrong []error
	if c.Access.String() == (access.Rule{}).String() {
		wrong = append(wrong, errors.New("access is required: public, user, scope:NAME or role:NAME"))
	}
	if c.Idempotency != nil && !c.writesOfUsers() {
		wrong = append(wrong, errors.New("idempotency: is for POST or PATCH among match.methods, and for an access that lets in users only"))
	}
	if c.Idempotency != nil && c.Timeout == 0 {
		wrong = append(wrong, errors.New("idempotency: needs a timeout of the route, for a key is free again when its write must be over"))
	}
	if path, err := c.Match.template(); err != nil {
		wrong = append(wrong, err)
	} else if _, err := newTarget(path, c.Rewrite); err != nil {
		wrong = append(wrong, err)
	}
	for _, method := range c.Match.Methods {
		if !methods[method] {
			wrong = append(wrong, fmt.Errorf("match.methods: %q cannot be passed on; "+
				"use GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS", method))
		}
	}
	if err := validateHost(c.Match.Host); err != nil {
		wrong = append(wrong, err)
	}
	return errors.Join(append(wrong, c.validateHeaders())...)
}

// writesOfUsers reports that there can be keys, each somebody's.
func (c Config) writesOfUsers() bool {
	writes := slices.Contains(c.Match.Methods, "POST") || slices.Contains(c.Match.Methods, "PATCH")
	return writes && c.Access.NeedsUser()
}

// methods are those that pass. TRACE and CONNECT are not about a resource of the service.
var methods = map[string]bool{
	"GET": true, "HEAD": true, "POST": true, "PUT": true, "PATCH": true, "DELETE": true, "OPTIONS": true,
}

// template is the one path that the match has.
func (m Match) template() (template, error) {
	var given []template
	var wrong []error
	for _, p := range []struct {
		key, path string
		class     class
	}{{"path", m.Path, exact}, {"pattern", m.Pattern, pattern}, {"prefix", m.Prefix, prefix}} {
		if p.path == "" {
			continue
		}
		t, err := parseTemplate(p.path, p.class)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("match.%s: %w", p.key, err))
		}
		given = append(given, t)
	}
	if len(given) != 1 {
		return template{}, errors.New("match: give exactly one of path, prefix and pattern")
	}
	return given[0], errors.Join(wrong...)
}
