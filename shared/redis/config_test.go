package redis_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/facet-bff/facet/shared/redis"
)

func TestWhatCannotBeMeantIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ url, ca, want string }{
		{"redis:6379", "", "must be redis://"},
		{"http://redis:6379", "", "must be redis://"},
		{"redis://", "", "must be redis://"},
		{"redis://user:hunter2@redis:6379", "", "must have no user and no password"},
		{"redis://:hunter2@re dis", "", "must be redis://"},
		{"redis://redis:6379?db=1", "", "no query"},
		{"redis://redis:6379/one", "", "database must be one number"},
		{"redis://redis:6379", file, "ca: is for TLS"},
		{"rediss://redis:6379", file, "ca: has no certificate"},
		{"rediss://redis:6379", file + "x", "no such file"},
	} {
		config := redis.Config{URL: c.url, CA: c.ca, Password: "hunter2"}
		err := config.Validate()
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", c.url, err)
		}
		if _, err := redis.Open(&config, redis.Options{}); err == nil {
			t.Errorf("%s was opened", c.url)
		}
	}
	for _, c := range []struct {
		config redis.Config
		want   string
	}{
		{redis.Config{URL: "redis://shop:6379", Sentinels: []string{"a:26379"}}, "url: must have no port"},
		{redis.Config{URL: "redis://shop", SentinelPassword: "hunter2"}, "are for sentinels"},
	} {
		if err := c.config.Validate(); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v: %v", c.config.Sentinels, err)
		}
	}
	if err := (redis.Config{URL: "rediss://shop/1", Sentinels: []string{"a:26379"}, SentinelPassword: "p"}).Validate(); err != nil {
		t.Error(err)
	}
	for _, url := range []string{"redis://redis", "redis://127.0.0.1:6379/3", "rediss://redis.example:6380", ""} {
		if err := (redis.Config{URL: url}).Validate(); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestNoSectionIsNoRedis(t *testing.T) {
	c, err := redis.Open(nil, redis.Options{Log: slog.New(slog.DiscardHandler)})
	if c != nil || err != nil {
		t.Errorf("got %v, %v", c, err)
	}
	c.Close()
}
