package redis

import (
	"net/url"

	goredis "github.com/redis/go-redis/v9"
)

// connect returns a client of the server, or of whichever the Sentinels say is the primary.
// Nothing is connected yet.
func (c *Config) connect(o *goredis.Options) *goredis.Client {
	if len(c.Sentinels) == 0 {
		return goredis.NewClient(o)
	}
	u, _ := url.Parse(c.URL) // options has read it
	if o.TLSConfig != nil {
		o.TLSConfig.ServerName = "" // that of each server, whose address the Sentinels tell
	}
	return goredis.NewFailoverClient(&goredis.FailoverOptions{
		MasterName: u.Hostname(), SentinelAddrs: c.Sentinels,
		SentinelUsername: c.SentinelUsername, SentinelPassword: c.SentinelPassword,
		Protocol: o.Protocol, DB: o.DB, Username: o.Username, Password: o.Password,
		PoolSize: o.PoolSize, PipelinePoolSize: o.PipelinePoolSize,
		MaxRetries: o.MaxRetries, DialerRetries: o.DialerRetries,
		DialTimeout: o.DialTimeout, PoolTimeout: o.PoolTimeout,
		ReadTimeout: o.ReadTimeout, WriteTimeout: o.WriteTimeout,
		ContextTimeoutEnabled: o.ContextTimeoutEnabled,
		TLSConfig:             o.TLSConfig,
		DisableIdentity:       o.DisableIdentity,
	})
}
