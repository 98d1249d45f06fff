package redis_test

import (
	"context"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/redis"
	"github.com/facet-bff/facet/shared/redis/redistest"
)

// When the primary is gone, calls go to the replica that has become the primary, and so does
// what follows a channel; nobody has to restart.
func TestTheSentinelsSayWhoIsThePrimary(t *testing.T) {
	pair := redistest.StartPair(t)
	settings := config("")
	settings.URL, settings.Sentinels = "redis://"+redistest.PairName+"/2", []string{pair.Sentinel}
	c, _ := open(t, settings)
	ctx := t.Context()
	begun, heard := make(chan struct{}, 100), make(chan string, 100)
	c.Follow("news", redis.Follower{
		Begin: func(context.Context) error { begun <- struct{}{}; return nil },
		Hear:  func(m string) { heard <- m },
		Idle:  func() {}, Lost: func() {},
	})
	<-begun
	if err := c.Set(ctx, "k", []byte("before"), time.Minute); err != nil {
		t.Fatal(err)
	}

	if err := pair.KillPrimary(); err != nil {
		t.Fatal(err)
	}
	redistest.Eventually(t, "the new primary keeps something", func() bool {
		return c.Set(ctx, "k", []byte("after"), time.Minute) == nil
	})
	if v, _, err := c.Get(ctx, "k"); string(v) != "after" || err != nil {
		t.Errorf("got %q, %v", v, err)
	}
	<-begun
	publish := redis.NewScript("publish", `return redis.call('PUBLISH', 'news', 'hello')`)
	if _, err := c.Run(ctx, publish, nil); err != nil {
		t.Error(err)
	}
	if got := <-heard; got != "hello" {
		t.Errorf("heard %q", got)
	}
}

// A Sentinel that is gone is another's to answer for.
func TestOneSentinelIsEnough(t *testing.T) {
	pair := redistest.StartPair(t)
	settings := config("")
	settings.URL, settings.Sentinels = "redis://"+redistest.PairName, []string{"127.0.0.1:1", pair.Sentinel}
	c, _ := open(t, settings)
	if err := c.Set(t.Context(), "k", []byte("v"), time.Minute); err != nil {
		t.Error(err)
	}
}
