package redis

import (
	"context"
	"errors"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// Get returns what is kept under key, and for how long yet; nil is nothing.
func (c *Client) Get(ctx context.Context, key string) (value []byte, left time.Duration, err error) {
	var get *goredis.StringCmd
	var ttl *goredis.DurationCmd
	err = c.do(ctx, "get", func(ctx context.Context) error {
		_, err := c.db.Pipelined(ctx, func(p goredis.Pipeliner) error {
			get, ttl = p.Get(ctx, key), p.PTTL(ctx, key)
			return nil
		})
		return err
	})
	switch {
	case errors.Is(err, goredis.Nil):
		return nil, 0, nil
	case err != nil:
		return nil, 0, err
	}
	value, err = get.Bytes()
	return value, ttl.Val(), err
}

// Set keeps value under key for ttl, which must be positive.
func (c *Client) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return c.do(ctx, "set", func(ctx context.Context) error { return c.db.Set(ctx, key, value, atLeast(ttl)).Err() })
}

// atLeast is what Redis can count.
func atLeast(ttl time.Duration) time.Duration { return max(ttl, time.Millisecond) }

// Delete forgets key.
func (c *Client) Delete(ctx context.Context, key string) error {
	return c.do(ctx, "delete", func(ctx context.Context) error { return c.db.Del(ctx, key).Err() })
}

var release = NewScript("release", `
if redis.call('GET', KEYS[1]) == ARGV[1] then
	return redis.call('DEL', KEYS[1])
end
return 0`)

// Release forgets key if value is kept under it: whoever has it now may be somebody else.
func (c *Client) Release(ctx context.Context, key string, value []byte) error {
	_, err := c.Run(ctx, release, []string{key}, value)
	return err
}

// Hash returns all fields of the hash that is kept under key; without one, there are none. It
// may take longer than other calls, and is for those that nobody waits for.
func (c *Client) Hash(ctx context.Context, key string) (map[string]string, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	fields, err := c.db.HGetAll(ctx, key).Result()
	if err != nil {
		c.options.Meter.RedisCalled("hash", "failed")
		return nil, err
	}
	c.options.Meter.RedisCalled("hash", "ok")
	return fields, nil
}

// A Script runs in Redis, alone.
type Script struct {
	name string
	lua  *goredis.Script
}

// NewScript returns the script of that name and source in Lua.
func NewScript(name, lua string) *Script { return &Script{name, goredis.NewScript(lua)} }

// Run runs a script. Its result is a string, an int64, a list of such, or nil.
func (c *Client) Run(ctx context.Context, s *Script, keys []string, args ...any) (result any, err error) {
	err = c.do(ctx, s.name, func(ctx context.Context) (err error) {
		result, err = s.lua.Run(ctx, c.db, keys, args...).Result()
		return err
	})
	if errors.Is(err, goredis.Nil) {
		return nil, nil
	}
	return result, err
}
