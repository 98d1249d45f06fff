// Package redis is a gateway's one connection to a Redis that its replicas share: a second
// level of its caches, what tells the replicas of a purge, the records of writes.
//
// Nothing may depend on it: a Redis that is slow or gone costs the calls that are under way
// at that moment at most the timeout. From then on every call is refused at once, with
// [ErrUnavailable], until Redis answers again, which the client finds out by itself.
package redis

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// ErrUnavailable is the failure of a call that was not made, because the last ones have
// found Redis slow or gone.
var ErrUnavailable = errors.New("redis: bypassed until it answers again")

// A Meter counts. *observe.Metrics is one.
type Meter interface {
	// RedisCalled counts a call: "ok", "failed", or "bypassed".
	RedisCalled(command, outcome string)
	// RedisReachable says whether calls are made.
	RedisReachable(reachable bool)
}

// Options are what a client needs besides its configuration.
type Options struct {
	Gateway string // whose keys they are
	Meter   Meter
	Log     *slog.Logger // is told when Redis is lost, and when it is back
}

// A Client is safe for concurrent use. A nil Client is no Redis: it must not be called.
type Client struct {
	db      *goredis.Client
	config  Config
	options Options

	down    atomic.Bool
	lost    chan struct{} // wakes watch
	running context.Context
	stop    context.CancelFunc
	work    sync.WaitGroup
}

// Open returns a client, or nil for a configuration of none. Only what is wrong with the
// configuration is an error: a Redis that cannot be reached may come later. Close the client
// when nobody uses it any more.
func Open(c *Config, o Options) (*Client, error) {
	if c == nil {
		return nil, nil
	}
	settings, err := c.options()
	if err != nil {
		return nil, err
	}
	quiet()
	client := &Client{db: c.connect(settings), config: *c, options: o, lost: make(chan struct{}, 1)}
	client.running, client.stop = context.WithCancel(context.Background())
	o.Meter.RedisReachable(true)
	if !client.answers(dialTimeout) {
		client.trip()
	}
	client.work.Go(client.watch)
	return client, nil
}

// go-redis would write to the standard error what the client notices by itself.
var quiet = sync.OnceFunc(func() { goredis.SetLogger(silent{}) })

type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

// Close frees the client. No call may be under way. Nil has nothing to free.
func (c *Client) Close() {
	if c == nil {
		return
	}
	c.stop()
	c.work.Wait()
	_ = c.db.Close() // it has nothing left to lose
}

// Reachable reports whether calls are made.
func (c *Client) Reachable() bool { return !c.down.Load() }

// Key is the name of something that only this gateway's replicas share, and [Client.Common]
// of what all gateways do that have the configuration's namespace. The version in it goes up
// when what is kept under such names changes its meaning.
func (c *Client) Key(name string) string { return c.Common(c.options.Gateway + ":" + name) }

// Common is described at [Client.Key].
func (c *Client) Common(name string) string { return c.config.Namespace + ":2:" + name }

// do makes one call. It keeps to the deadline of ctx, but is not broken off when ctx is
// cancelled: that would cost the connection, to save a few milliseconds.
func (c *Client) do(ctx context.Context, command string, call func(context.Context) error) error {
	if c.down.Load() {
		c.options.Meter.RedisCalled(command, "bypassed")
		return ErrUnavailable
	}
	limit := c.config.Timeout
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(deadline))
	}
	if limit <= 0 {
		return context.DeadlineExceeded
	}
	within, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	err := call(within)
	if err == nil || errors.Is(err, goredis.Nil) {
		c.options.Meter.RedisCalled(command, "ok")
		return err
	}
	c.options.Meter.RedisCalled(command, "failed")
	if c.blames(err, limit) {
		c.trip()
	}
	return err
}

// blames reports a failure that means that the next call would be waited for in vain. What
// Redis refuses (it is full, or loading) it refuses quickly; and a caller with little time
// says nothing of Redis.
func (c *Client) blames(err error, limit time.Duration) bool {
	if Refused(err) || errors.Is(err, goredis.ErrPoolTimeout) {
		return false
	}
	return !isTimeout(err) || limit >= c.config.Timeout/2
}

// Refused reports a failure that Redis has answered with: it is full, loading or a replica, or
// the command is wrong.
func Refused(err error) bool {
	_, replied := errors.AsType[goredis.Error](err)
	return replied
}

func isTimeout(err error) bool {
	t, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	return ok && t.Timeout()
}
