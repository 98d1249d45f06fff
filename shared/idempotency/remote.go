package idempotency

import (
	"context"
	"errors"
	"time"

	"github.com/facet-bff/facet/shared/redis"
)

// remote keeps records in Redis.
type remote struct{ client *redis.Client }

var (
	claim = redis.NewScript("claim", `
local found = redis.call('GET', KEYS[1])
if found then
	return found
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return false`)
	settle = redis.NewScript("settle", `
local found = redis.call('GET', KEYS[1])
if found and found ~= ARGV[1] then
	return 0
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`)
)

func (r *remote) key(name string) string { return r.client.Key("idempotency:" + name) }

func (r *remote) claim(ctx context.Context, name string, pending []byte, lease time.Duration) ([]byte, error) {
	found, err := r.client.Run(ctx, claim, []string{r.key(name)}, pending, lease.Milliseconds())
	if text, ok := found.(string); ok {
		return []byte(text), err
	}
	return nil, err
}

// settle also keeps what has taken longer than its lease, unless somebody else has begun.
func (r *remote) settle(ctx context.Context, name string, pending, settled []byte, ttl time.Duration) error {
	kept, err := r.client.Run(ctx, settle, []string{r.key(name)}, pending, settled, ttl.Milliseconds())
	if err == nil && kept != any(int64(1)) {
		err = errors.New("idempotency: the write took longer than its lease, and was begun anew")
	}
	return err
}

func (r *remote) release(name string, pending []byte) {
	_ = r.client.Release(context.Background(), r.key(name), pending) // or its lease ends
}
