package cache

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/facet-bff/facet/shared/redis"
)

// A lock has the token of who holds it, or a second one after that has gone.
var lock = redis.NewScript("lock", `
local holder = redis.call('GET', KEYS[1])
if holder then
	return holder
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ARGV[1]`)

// Lock keeps replicas from filling one entry at the same time. The first may go ahead, and has
// to call release when the entry is there. Others wait until then, for limit at most and as
// long as ctx has time. If again, somebody may have filled the entry since it was looked for.
// Who finds it missing all the same does not wait again: an answer that cannot be kept must
// not be asked for by one replica after the other. Without Redis, and when it is lost, nobody
// waits.
func (s *Store[V]) Lock(ctx context.Context, key string, limit time.Duration) (release func(), again bool) {
	if s.second == nil || limit <= 0 {
		return func() {}, false
	}
	return s.second.lock(ctx, key, limit)
}

func (l *level[V]) lock(ctx context.Context, key string, limit time.Duration) (release func(), again bool) {
	name, token := l.key(key)+":lock", rand.Text()
	holder, err := l.Redis.Run(ctx, lock, []string{name}, token, limit.Milliseconds())
	switch {
	case err != nil:
		return func() {}, false
	case holder == any(token):
		// If it cannot be released, its time ends.
		return func() { _ = l.Redis.Release(context.Background(), name, []byte(token)) }, true
	}
	l.await(ctx, name, holder, limit)
	return func() {}, true
}

// How often those who wait look. There is one of them on each replica.
const (
	firstLook = 4 * time.Millisecond
	lastLook  = 40 * time.Millisecond
)

// await waits until somebody does not hold the lock any more.
func (l *level[V]) await(ctx context.Context, name string, holder any, limit time.Duration) {
	until := time.Now().Add(limit)
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(until) {
		until = deadline
	}
	for pause := firstLook; ; pause = min(pause*3/2, lastLook) {
		left := time.Until(until)
		if left <= 0 {
			return
		}
		select {
		case <-time.After(min(pause, left)):
		case <-ctx.Done():
			return
		}
		now, _, err := l.Redis.Get(ctx, name)
		if err != nil || any(string(now)) != holder {
			return
		}
	}
}
