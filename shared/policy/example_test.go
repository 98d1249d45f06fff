package policy_test

import (
	"context"
	"fmt"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/cache"
	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/policy"
)

func ExampleNew() {
	store, err := cache.New(cache.Config{MaxBytes: 1 << 20}, (*policy.Entry).Cost)
	if err != nil {
		panic(err)
	}
	defer store.Close()
	transport := func(_ context.Context, req *backend.Request) (*backend.Response, error) {
		fmt.Println(req.Method, req.Base+req.Path)
		return &backend.Response{Status: 200, Body: []byte(`{"sku":"p1"}`)}, nil
	}

	section := policy.Service{ // which is read from a file, usually
		URL:     "http://catalog:7002",
		Timeout: policy.TimeoutConfig{Default: time.Second},
		Cache:   &policy.CacheConfig{TTL: time.Minute, MaxEntry: 1 << 20},
	}
	policies := policy.New("catalog", section, policy.Shared{Store: store, Metrics: observe.NewMetrics("example")})
	catalog := backend.NewService("catalog", policies.Apply(transport))

	for range 2 {
		res, err := catalog.Send(context.Background(), &backend.Request{
			Op: "product", Method: "GET", Path: "/products/p1", Safe: true,
		})
		if err != nil {
			panic(err)
		}
		fmt.Println(string(res.Body))
	}
	// Output:
	// GET http://catalog:7002/products/p1
	// {"sku":"p1"}
	// {"sku":"p1"}
}
