package policy

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/config"
)

func TestServiceIsValidated(t *testing.T) {
	for _, c := range []struct {
		name    string
		service Service
		want    []string // in the message; none is valid
	}{
		{"a URL", Service{URL: "http://catalog:7002"}, nil},
		{"a path", Service{URL: "https://shop.example/catalog/"}, nil},
		{"instances", Service{Instances: []string{"http://a:1", "http://b:1"}}, nil},
		{"neither", Service{}, []string{"either url or instances"}},
		{"both", Service{URL: "http://a", Instances: []string{"http://b"}}, []string{"either url or instances"}},
		{"no scheme", Service{URL: "catalog:7002"}, []string{"http://host"}},
		{"another scheme", Service{URL: "ftp://catalog"}, []string{"http://host"}},
		{"no host", Service{URL: "http:///x"}, []string{"http://host"}},
		{"a query", Service{URL: "http://a/?x=1"}, []string{"no query"}},
		{"an empty query", Service{URL: "http://a/?"}, []string{"no query"}},
		{"a fragment", Service{URL: "http://a/#x"}, []string{"no fragment"}},
		{"a password", Service{URL: "http://u:secret@a"}, []string{"no password"}},
		{"one bad instance", Service{Instances: []string{"http://a", "b"}}, []string{"http://host"}},
		{"backoff", Service{URL: "http://a", Retry: RetryConfig{Base: 2, Max: 1}}, []string{"retry.base"}},
		{"an op's timeout", Service{URL: "http://a", Timeout: TimeoutConfig{Ops: map[string]time.Duration{"x": 0}}}, []string{"timeout.ops.x"}},
		{
			"slow beyond every timeout",
			Service{URL: "http://a", Timeout: TimeoutConfig{Default: 1}, Breaker: BreakerConfig{Slow: &SlowConfig{After: 1}}}, []string{"breaker.slow.after"},
		},
		{
			"slow below one", Service{URL: "http://a", Timeout: TimeoutConfig{Default: 1, Ops: map[string]time.Duration{"x": 2}},
				Breaker: BreakerConfig{Slow: &SlowConfig{After: 1}}}, nil,
		},
		{"an op's TTL", Service{URL: "http://a", Cache: &CacheConfig{Ops: map[string]time.Duration{"x": -1}}}, []string{"cache.ops.x"}},
		{"an op that is off", Service{URL: "http://a", Cache: &CacheConfig{Ops: map[string]time.Duration{"x": 0}}}, nil},
		{"everything at once", Service{Retry: RetryConfig{Base: 2, Max: 1}}, []string{"either", "retry.base"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.service.Validate()
			if (err == nil) != (c.want == nil) {
				t.Fatalf("got %v", err)
			}
			for _, part := range c.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q lacks %q", err, part)
				}
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Error("the message has the password")
			}
		})
	}
}

func TestTrailingSlashesAreTrimmed(t *testing.T) {
	s := Service{Instances: []string{"http://a/", "http://b/x/", "http://c"}}
	if got := s.bases(); !slices.Equal(got, []string{"http://a", "http://b/x", "http://c"}) {
		t.Errorf("%q", got)
	}
}

func TestTheDefaults(t *testing.T) {
	s, err := config.Load[Service](config.Sources{Default: []byte("url: http://catalog\ncache: {ops: {product: 60s}}\nhedge: {}")})
	if err != nil {
		t.Fatal(err)
	}
	if s.Retry != retryDefaults {
		t.Errorf("%+v", s.Retry)
	}
	if s.Hedge == nil || *s.Hedge != hedgeDefaults {
		t.Errorf("%+v", s.Hedge)
	}
	if s.Breaker != breakerDefaults {
		t.Errorf("%+v", s.Breaker)
	}
	if want := (LimitConfig{Concurrent: 128, MaxWait: 100 * millis}); s.Limit != want {
		t.Errorf("%+v", s.Limit)
	}
	if s.Timeout.Default != time.Second || s.Credentials != "none" {
		t.Errorf("%+v, %q", s.Timeout, s.Credentials)
	}
	if s.Cache == nil || s.Cache.TTL != 0 || s.Cache.MaxEntry != 1<<20 || s.Cache.Ops["product"] != time.Minute {
		t.Errorf("%+v", s.Cache)
	}
}

func TestTheDefaultOfSlow(t *testing.T) {
	s, err := config.Load[Service](config.Sources{Default: []byte("url: http://catalog\nbreaker: {slow: {after: 500ms}}")})
	if err != nil || s.Breaker.Slow == nil || *s.Breaker.Slow != (SlowConfig{After: 500 * millis, Ratio: 0.8}) {
		t.Errorf("%+v, %v", s.Breaker.Slow, err)
	}
	_, err = config.Load[Service](config.Sources{Default: []byte("url: http://catalog\nbreaker:\n  slow: {after: 5s}")})
	if err == nil || !strings.Contains(err.Error(), "breaker.slow.after must be below") {
		t.Errorf("got %v", err)
	}
	_, err = config.Load[Service](config.Sources{Default: []byte("url: http://catalog\nbreaker:\n  slow: {ratio: 2}")})
	if err == nil || !strings.Contains(err.Error(), ":3:17: breaker.slow.ratio: must be at most 1") || !strings.Contains(err.Error(), "breaker.slow.after: must be more than 0") {
		t.Errorf("got %v", err)
	}
}
