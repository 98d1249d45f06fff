package main

import (
	"net/http"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/facet-bff/facet/compositions/shoptest"
	"github.com/facet-bff/facet/shared/facettest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	homeOfAda = facettest.Request{Path: "/v1/home", User: shoptest.Customer}
	changeTea = facettest.Request{
		Method: http.MethodPut, Path: "/v1/cart/items/p1", User: shoptest.Customer, Body: map[string]int{"quantity": 5},
	}
	checkout = facettest.Request{Method: http.MethodPost, Path: "/v1/orders", User: shoptest.Customer, Scopes: []string{"orders:write"}}
)

func TestMatrix(t *testing.T) {
	facettest.Matrix(t, Gateway, shoptest.Serve,
		homeOfAda,
		facettest.Request{Path: "/v1/products/p1"},
		facettest.Request{Path: "/v1/search?q=tea"},
		facettest.Request{Path: "/v1/orders", User: shoptest.Customer},
		facettest.Request{Path: "/v1/orders/" + shoptest.Order, User: shoptest.Customer},
		facettest.Request{Path: "/v1/cart", User: shoptest.Customer},
		changeTea,
		checkout,
	)
}

func TestDiagrams(t *testing.T) {
	facettest.Run(t, Gateway, func(k *facettest.Kit) { k.Diagrams() })
}

func TestScenarios(t *testing.T) {
	down := facettest.Fault{Status: http.StatusServiceUnavailable}
	for _, tt := range []struct {
		name    string
		request facettest.Request
		broken  map[string]facettest.Fault
	}{
		{name: "home", request: homeOfAda},
		{name: "home_without_promotions", request: homeOfAda, broken: map[string]facettest.Fault{"promotions": down}},
		{name: "home_without_catalog", request: homeOfAda, broken: map[string]facettest.Fault{"catalog": down}},
		{name: "home_without_pricing", request: homeOfAda, broken: map[string]facettest.Fault{"pricing": {Garbage: true}}},
		{name: "home_without_users", request: homeOfAda, broken: map[string]facettest.Fault{"users": down}},
		{name: "home_of_nobody", request: facettest.Request{Path: "/v1/home"}},
		{name: "product", request: facettest.Request{Path: "/v1/products/p1"}},
		{name: "product_without_price", request: facettest.Request{Path: "/v1/products/p5"}},
		{name: "product_unknown", request: facettest.Request{Path: "/v1/products/p99"}},
		{name: "search", request: facettest.Request{Path: "/v1/search?q=tea&limit=2"}},
		{name: "search_wrong", request: facettest.Request{Path: "/v1/search?limit=many&offset=-1"}},
		{name: "orders", request: facettest.Request{Path: "/v1/orders", User: shoptest.Customer}},
		{name: "order", request: facettest.Request{Path: "/v1/orders/" + shoptest.Order, User: shoptest.Customer}},
		{name: "order_of_another", request: facettest.Request{Path: "/v1/orders/" + shoptest.Foreign, User: shoptest.Customer}},
		{name: "cart", request: facettest.Request{Path: "/v1/cart", User: shoptest.Customer}},
		{name: "cart_empty", request: facettest.Request{Path: "/v1/cart", User: shoptest.Other}},
		{name: "cart_changed", request: changeTea},
		{name: "cart_change_wrong", request: facettest.Request{
			Method: http.MethodPut, Path: "/v1/cart/items/p1", User: shoptest.Customer, Body: `{"quantity":"5","color":"red"}`,
		}},
		{name: "order_placed", request: checkout},
		{name: "order_without_scope", request: facettest.Request{Method: http.MethodPost, Path: "/v1/orders", User: shoptest.Customer}},
		{name: "order_of_nothing", request: facettest.Request{
			Method: http.MethodPost, Path: "/v1/orders", User: shoptest.Other, Scopes: []string{"orders:write"},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			facettest.Run(t, Gateway, func(k *facettest.Kit) {
				shoptest.Serve(k)
				for service, fault := range tt.broken {
					k.Break(service, fault)
				}
				k.Golden(tt.name, k.Do(tt.request))
			})
		})
	}
}

// The home screen takes as long as its longest chain, however many calls it makes.
func TestHomeTakesItsLongestChain(t *testing.T) {
	facettest.Run(t, Gateway, func(k *facettest.Kit) {
		shoptest.Serve(k)
		for _, service := range []string{"users", "catalog", "pricing", "recommendations", "promotions"} {
			k.Break(service, facettest.Fault{Delay: 200 * time.Millisecond})
		}
		res := k.Do(homeOfAda)
		if want := 800 * time.Millisecond; res.Status != http.StatusOK || res.Took != want {
			k.T.Errorf("status %d after %v, want 200 after %v: user, feed, recommendations, cards", res.Status, res.Took, want)
		}
	})
}

// Recommendations that hang cost their 400 ms, not the request.
func TestHomeDoesNotWaitForRecommendations(t *testing.T) {
	facettest.Run(t, Gateway, func(k *facettest.Kit) {
		shoptest.Serve(k)
		k.Break("recommendations", facettest.Fault{Hang: true})
		res := k.Do(homeOfAda)
		if got := res.Header.Get("Facet-Degraded"); res.Status != http.StatusOK || got != "recommendations;reason=timeout" {
			k.T.Errorf("status %d, degraded %q", res.Status, got)
		}
		if res.Took != 400*time.Millisecond {
			k.T.Errorf("it took %v, want 400ms", res.Took)
		}
	})
}
