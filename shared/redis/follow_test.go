package redis_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/facet-bff/facet/shared/redis"
	"github.com/facet-bff/facet/shared/redis/redistest"
)

var publish = redis.NewScript("publish", `redis.call('PUBLISH', KEYS[1], ARGV[1])`)

// A follower hears what is published, notices that it could not, and begins anew.
func TestFollow(t *testing.T) {
	server := redistest.Start(t)
	c, _ := open(t, config(server.Address))
	var begun, lost atomic.Int32
	heard := make(chan string, 10)
	c.Follow(c.Common("news"), redis.Follower{
		Begin: func(context.Context) error {
			if begun.Add(1) == 1 {
				return errors.New("not yet")
			}
			return nil
		},
		Hear: func(message string) { heard <- message },
		Idle: func() {},
		Lost: func() { lost.Add(1) },
	})
	say := func(what string) {
		t.Helper()
		if _, err := c.Run(t.Context(), publish, []string{c.Common("news")}, what); err != nil {
			t.Fatal(err)
		}
		if got := <-heard; got != what {
			t.Errorf("heard %q, not %q", got, what)
		}
	}
	redistest.Eventually(t, "it has begun again after its error", func() bool { return begun.Load() == 2 && lost.Load() == 1 })
	say("one")
	server.Kill()
	redistest.Eventually(t, "it has noticed", func() bool { return lost.Load() > 1 && !c.Reachable() })
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	redistest.Eventually(t, "it has begun", func() bool { return begun.Load() > 2 && c.Reachable() })
	say("two")
}

// Where everything is held back, nothing says that the connection is lost.
func TestASilentConnectionIsLost(t *testing.T) {
	p := startProxy(t, redistest.Start(t).Address)
	c, _ := open(t, config(p.address))
	var begun, lost atomic.Int32
	c.Follow(c.Common("news"), redis.Follower{
		Begin: func(context.Context) error { begun.Add(1); return nil },
		Hear:  func(string) {},
		Idle:  func() {},
		Lost:  func() { lost.Add(1) },
	})
	redistest.Eventually(t, "it has begun", func() bool { return begun.Load() == 1 })
	p.held.Lock()
	redistest.Eventually(t, "it has noticed", func() bool { return lost.Load() > 0 })
	p.held.Unlock()
	redistest.Eventually(t, "it has begun anew", func() bool { return begun.Load() == 2 })
}
