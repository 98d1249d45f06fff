package ratelimit_test

import (
	"fmt"
	"time"

	"github.com/facet-bff/facet/shared/ratelimit"
)

func Example() {
	limiter := ratelimit.New(&ratelimit.Config{Rate: 10, Burst: 2, MaxKeys: 1000})
	ada, now := ratelimit.Key{Issuer: "https://issuer.example", Subject: "ada"}, time.Now()
	for _, after := range []time.Duration{0, 0, 0, 70 * time.Millisecond, 100 * time.Millisecond} {
		fmt.Printf("%v: %+v\n", after, limiter.Allow(ada, now.Add(after)))
	}
	// Output:
	// 0s: {Allowed:true Remaining:1 Reset:100ms}
	// 0s: {Allowed:true Remaining:0 Reset:100ms}
	// 0s: {Allowed:false Remaining:0 Reset:100ms}
	// 70ms: {Allowed:false Remaining:0 Reset:30ms}
	// 100ms: {Allowed:true Remaining:0 Reset:100ms}
}
