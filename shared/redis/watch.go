package redis

import (
	"context"
	"time"
)

// trip has all calls refused until Redis answers again.
func (c *Client) trip() {
	if c.down.CompareAndSwap(false, true) {
		c.options.Meter.RedisReachable(false)
		c.lost <- struct{}{} // watch has taken the last one before it mended it
	}
}

// How long Redis is left alone before it is asked whether it answers again. What is lost
// soon after it was back is left alone longer, so that a Redis that is slow now and then
// does not cost its timeout over and over.
const (
	shortPause = 100 * time.Millisecond
	longPause  = 2 * time.Second
	steady     = 10 * time.Second
)

// watch finds out when a lost Redis is back. No caller has to try.
func (c *Client) watch() {
	pause, back := shortPause, time.Time{}
	for {
		select {
		case <-c.lost:
		case <-c.running.Done():
			return
		}
		c.options.Log.Warn("redis is bypassed: it is slow or cannot be reached")
		if pause = min(2*pause, longPause); time.Since(back) > steady {
			pause = shortPause
		}
		for wait := pause; ; wait = min(2*wait, longPause) {
			if !c.sleep(wait) {
				return
			}
			if c.answers(c.config.Timeout) {
				break
			}
		}
		back = time.Now()
		c.options.Log.Info("redis answers again")
		c.options.Meter.RedisReachable(true)
		c.down.Store(false)
	}
}

func (c *Client) answers(within time.Duration) bool {
	ctx, cancel := context.WithTimeout(c.running, within)
	defer cancel()
	return c.db.Ping(ctx).Err() == nil
}

// sleep reports whether the client still runs.
func (c *Client) sleep(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-c.running.Done():
		return false
	}
}
