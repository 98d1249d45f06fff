package redis

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// Config is the section "redis".
type Config struct {
	// URL is redis://host:port/database, or rediss:// for TLS; 6379 and 0 may be left out.
	URL string `yaml:"url" validate:"required"`

	Username string `yaml:"username"`               // empty: the default user
	Password string `yaml:"password" secret:"true"` // give it in the environment; empty: none is asked for

	// Sentinels are Redis Sentinels, as host:port. They know which server is the primary, and
	// tell when another has become it; the host of URL is then the name under which they
	// watch it. Empty: the server of URL is the only one.
	Sentinels        []string `yaml:"sentinels" validate:"dive,hostname_port"`
	SentinelUsername string   `yaml:"sentinel_username"`               // empty: the default user
	SentinelPassword string   `yaml:"sentinel_password" secret:"true"` // empty: none is asked for

	// CA is a file with the certificates that sign the server's, in place of the system's.
	CA string `yaml:"ca"`

	// Timeout bounds every call. One that takes longer is the last for a while.
	Timeout time.Duration `yaml:"timeout" default:"50ms" validate:"min=1ms,max=1s"`

	// Connections bounds how many calls are under way at a time.
	Connections int `yaml:"connections" default:"32" validate:"min=1,max=1000"`

	// Namespace begins every key. Gateways of one namespace tell each other of purges.
	Namespace string `yaml:"namespace" default:"facet" validate:"required,max=64,alphanum"`

	// Blind is how old an answer may be that is given from a cache while Redis cannot be
	// reached, for others may have purged it.
	Blind time.Duration `yaml:"blind" default:"1m" validate:"min=0"`
}

// Validate checks what the tags cannot. It never repeats what might be a secret.
func (c Config) Validate() error {
	if c.URL == "" {
		return nil // the tag has said it
	}
	u, err := url.Parse(c.URL)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "redis" && u.Scheme != "rediss":
		return errors.New("url: must be redis://host:port/database, or rediss:// for TLS")
	case u.User != nil:
		return errors.New("url: must have no user and no password; they are username and password")
	case u.RawQuery != "" || u.Fragment != "":
		return errors.New("url: must have no query and no fragment")
	case c.CA != "" && u.Scheme != "rediss":
		return errors.New("ca: is for TLS, which a url of rediss:// has")
	}
	switch {
	case len(c.Sentinels) > 0 && u.Port() != "":
		return errors.New("url: must have no port where sentinels are, which know it: redis://name/database")
	case len(c.Sentinels) == 0 && (c.SentinelUsername != "" || c.SentinelPassword != ""):
		return errors.New("sentinel_username and sentinel_password are for sentinels, and there are none")
	}
	if _, err := goredis.ParseURL(c.URL); err != nil {
		return errors.New("url: the database must be one number")
	}
	_, err = c.roots()
	return err
}

// dialTimeout bounds making a connection, which may go on when the call that needs it has
// given up.
const dialTimeout = time.Second

// options are those of go-redis. What it would do by itself to save a call costs time that
// nobody has: a call is made once, and what it has not brought by then is done without.
func (c *Config) options() (*goredis.Options, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	o, err := goredis.ParseURL(c.URL)
	if err != nil {
		return nil, errors.New("url: cannot be read")
	}
	roots, err := c.roots()
	if err != nil {
		return nil, err
	}
	if o.TLSConfig != nil {
		o.TLSConfig = &tls.Config{ServerName: o.TLSConfig.ServerName, MinVersion: tls.VersionTLS12, RootCAs: roots}
	}
	o.Protocol = 2
	o.Username, o.Password = c.Username, c.Password
	o.PoolSize, o.PipelinePoolSize = c.Connections, -1
	o.MaxRetries, o.DialerRetries = -1, 1
	o.DialTimeout, o.PoolTimeout = dialTimeout, c.Timeout
	o.ReadTimeout, o.WriteTimeout = c.Timeout, c.Timeout
	o.ContextTimeoutEnabled = true
	o.DisableIdentity = true // managed servers refuse it
	return o, nil
}

// roots are the certificates of CA; nil are the system's.
func (c *Config) roots() (*x509.CertPool, error) {
	if c.CA == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(c.CA)
	if err != nil {
		return nil, fmt.Errorf("ca: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("ca: has no certificate")
	}
	return pool, nil
}
