package policy

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/config"
	"github.com/facet-bff/facet/shared/discover"
)

func TestServiceIsValidated(t *testing.T) {
	for _, c := range []struct {
		name    string
		service Service
		want    []string // in the message; none is valid
	}{
		{"a URL", Service{URL: "http://catalog:7002"}, nil},
		{"a path", Service{URL: "https://shop.example/catalog/"}, nil},
		{"instances", Service{Instances: discover.At("http://a:1", "http://b:1")}, nil},
		{"neither", Service{}, []string{"one of url, instances and discover"}},
		{"both", Service{URL: "http://a", Instances: discover.At("http://b")}, []string{"one of url, instances and discover"}},
		{"no scheme", Service{URL: "catalog:7002"}, []string{"http://host"}},
		{"another scheme", Service{URL: "ftp://catalog"}, []string{"http://host"}},
		{"no host", Service{URL: "http:///x"}, []string{"http://host"}},
		{"a query", Service{URL: "http://a/?x=1"}, []string{"no query"}},
		{"an empty query", Service{URL: "http://a/?"}, []string{"no query"}},
		{"a fragment", Service{URL: "http://a/#x"}, []string{"no fragment"}},
		{"a password", Service{URL: "http://u:secret@a"}, []string{"no password"}},
		{"an instance and discover", Service{Instances: discover.At("http://a"), Discover: &discover.Config{}}, []string{"one of"}},
		{"discover", Service{Discover: &discover.Config{}}, nil},
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
		{"everything at once", Service{Retry: RetryConfig{Base: 2, Max: 1}}, []string{"one of", "retry.base"}},
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

func TestHowServicesAreFound(t *testing.T) {
	for text, want := range map[string]string{
		"url: http://a": "",
		"instances: [http://a, {url: http://b, weight: 3, priority: 1}]": "",
		"discover: {dns: {url: http://catalog.internal:8080}}":           "",
		"discover: {srv: {name: _http._tcp.catalog.internal}}":           "",
		"discover: {file: {path: /etc/catalog.yaml}}":                    "",
		"url: http://a\nbalance: {health: {path: /healthz}}":             "",
		"instances: [http://a, b]":                                       "x:1:23: instances[1]: an instance must be http://host or https://host, with a port and a path if need be",
		"instances: [http://a, 'http://b?x']":                            "x:1:23: instances[1]: an instance's URL must have no query and no fragment",
		"instances: [http://a, http://a]":                                "x:1:1: instances: must not have anything twice",
		"instances:\n- http://a\n- {url: http://b, weight: 0}":           "x:3:27: instances[1].weight: must be at least 1",
		"url: http://a\ndiscover: {file: {path: x}}":                     "x:1:1: give one of url, instances and discover",
		"discover: {}": "x:1:1: discover: give one of dns, srv, file and other",
		"discover: {file: {path: a}, srv: {name: b}}":       "x:1:1: discover: give one of dns, srv, file and other",
		"discover: {file: {}}":                              "x:1:12: discover.file.path: is required",
		"discover:\n  dns: {url: 'http://127.0.0.1'}":       "x:2:3: discover.dns: url has an address, which is not looked up: give it as the service's url",
		"discover: {dns: {url: http://a, server: b}}":       "x:1:41: discover.dns.server: must be host:port",
		"discover: {dns: {url: http://a, interval: 10ms}}":  "x:1:43: discover.dns.interval: must be at least 1s",
		"discover: {srv: {name: a, path: '/x?y'}}":          "x:1:12: discover.srv: an instance's URL must have no query and no fragment",
		"url: http://a\nbalance: {strategy: random}":        "x:2:21: balance.strategy: must be one of least_loaded, round_robin",
		"url: http://a\nbalance: {eject: {base: 10m}}":      "x:2:11: balance.eject.max: must be at least base",
		"url: http://a\nbalance: {eject: {slow_factor: 1}}": "x:2:11: balance.eject: slow_factor must be 0, or at least 1.5: instances that are alike differ by less",
		"url: http://a\nbalance:\n  health: {interval: 1s}": "x:3:3: balance.health.path: is required",
	} {
		_, err := config.Load[Service](config.Sources{Default: []byte(text), DefaultName: "x"})
		if got := fmt.Sprint(err); got != want && (want != "" || err != nil) {
			t.Errorf("%s:\ngot  %s\nwant %s", text, got, want)
		}
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
