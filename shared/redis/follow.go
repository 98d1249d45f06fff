package redis

import (
	"context"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// A Follower hears what is published. Its functions are called one at a time.
type Follower struct {
	// Begin is called whenever the connection stands: nothing that is published from now on
	// is missed, and anything may have been before. Its error begins anew.
	Begin func(ctx context.Context) error
	// Hear is called with each message.
	Hear func(message string)
	// Idle is called every second at least while the connection stands.
	Idle func()
	// Lost is called when the connection is lost, or could not be made.
	Lost func()
}

// Follow follows a channel until the client is closed. That it has lost its connection may be
// the first that is noticed of a Redis that has gone.
func (c *Client) Follow(channel string, f Follower) {
	c.work.Go(func() {
		wait := shortPause
		for c.running.Err() == nil {
			if c.attend(channel, f) {
				wait = shortPause
			}
			f.Lost()
			if c.Reachable() && !c.answers(c.config.Timeout) && c.running.Err() == nil {
				c.trip()
			}
			c.sleep(wait)
			wait = min(2*wait, time.Second)
		}
	})
}

// silence is after how long a follower that hears nothing asks whether anybody is there, and
// for how long it waits for the answer.
const silence = 300 * time.Millisecond

// attend follows over one connection, and reports whether there was one.
func (c *Client) attend(channel string, f Follower) (stood bool) {
	s := c.db.Subscribe(c.running, channel)
	defer s.Close()
	defer context.AfterFunc(c.running, func() { _ = s.Close() })()
	if _, err := s.ReceiveTimeout(c.running, dialTimeout); err != nil {
		return false
	}
	if f.Begin(c.running) != nil {
		return false
	}
	idle := time.Now()
	for asked := false; ; {
		if time.Since(idle) > silence {
			f.Idle()
			idle = time.Now()
		}
		heard, err := s.ReceiveTimeout(c.running, silence)
		switch {
		case err == nil:
			asked = false
			if m, ok := heard.(*goredis.Message); ok {
				f.Hear(m.Payload)
			}
		case asked || !isTimeout(err):
			return true
		default:
			if s.Ping(c.running) != nil {
				return true
			}
			asked = true
		}
	}
}
