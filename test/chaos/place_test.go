package chaos_test

import (
	"fmt"
	"time"
)

// A place is an endpoint and the service between which and the gateway a fault is.
type place struct {
	name    string
	gateway string
	service string
	method  string
	path    func(n int) string
	body    string
	user    bool
	steps   []string // what the answer lacks without the service; nil: it is required
	route   bool     // the answer is passed through
	safe    bool     // calls may be repeated
	budget  time.Duration
	ops     int // calls of the service that one request makes
	failing int // the same, when each fails
	short   bool
}

// attempts is how often a call is made in total, by the gateways' configuration.
const attempts = 2

// places have one of everything: a required part, an optional part, an optional part of two
// steps, a route, and a write.
var places = []place{
	{
		name: "mobile product: catalog, required", gateway: "bff-mobile", service: "catalog", method: "GET",
		path: numbered("/v1/products/p%d"), safe: true, budget: time.Second, ops: 1, failing: 1, short: true,
	},
	{
		name: "mobile product: pricing, optional", gateway: "bff-mobile", service: "pricing", method: "GET",
		path: numbered("/v1/products/p%d"), steps: []string{"price"}, safe: true, budget: time.Second, ops: 1, failing: 1, short: true,
	},
	{
		name: "web product: catalog, required", gateway: "bff-web", service: "catalog", method: "GET",
		path: numbered("/api/products/p%d"), safe: true, budget: 1500 * time.Millisecond, ops: 3, failing: 1,
	},
	{
		name: "web product: reviews, optional", gateway: "bff-web", service: "reviews", method: "GET",
		path: numbered("/api/products/p%d"), steps: []string{"rating", "reviews"}, safe: true,
		budget: 1500 * time.Millisecond, ops: 2, failing: 2,
	},
	{
		// A route has no budget of its own: two attempts of the service's 500 ms.
		name: "mobile assets: catalog, route", gateway: "bff-mobile", service: "catalog", method: "GET",
		path: numbered("/assets/products/p%d-1.svg"), route: true, safe: true, budget: 1025 * time.Millisecond, ops: 1, failing: 1, short: true,
	},
	{
		name: "mobile cart: carts, write", gateway: "bff-mobile", service: "carts", method: "PUT",
		path: numbered("/v1/cart/items/p%d"), body: `{"quantity":2}`, user: true, budget: 2 * time.Second, ops: 1, failing: 1, short: true,
	},
}

// numbered is a path with a number.
func numbered(path string) func(int) string {
	return func(n int) string { return fmt.Sprintf(path, n) }
}
