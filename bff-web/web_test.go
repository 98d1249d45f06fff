package main

import (
	"net/http"
	"testing"

	"go.uber.org/goleak"

	"github.com/facet-bff/facet/compositions/shoptest"
	"github.com/facet-bff/facet/shared/facettest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	teaPage   = facettest.Request{Path: "/api/products/p1"}
	changeTea = facettest.Request{
		Method: http.MethodPut, Path: "/api/cart/items/p1", User: shoptest.Customer, Body: map[string]int{"quantity": 5},
	}
	checkout = facettest.Request{Method: http.MethodPost, Path: "/api/orders", User: shoptest.Customer, Scopes: []string{"orders:write"}}
)

func TestMatrix(t *testing.T) {
	facettest.Matrix(t, Gateway, shoptest.Serve,
		facettest.Request{Path: "/api/home"},
		teaPage,
		facettest.Request{Path: "/api/search?q=tea"},
		facettest.Request{Path: "/api/account", User: shoptest.Customer},
		facettest.Request{Path: "/api/orders/" + shoptest.Order, User: shoptest.Customer},
		facettest.Request{Path: "/api/cart", User: shoptest.Customer},
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
		{name: "home", request: facettest.Request{Path: "/api/home"}},
		{name: "home_without_promotions", request: facettest.Request{Path: "/api/home"}, broken: map[string]facettest.Fault{"promotions": down}},
		{name: "product", request: teaPage},
		{name: "product_without_reviews", request: teaPage, broken: map[string]facettest.Fault{"reviews": {Reset: true}}},
		{name: "product_without_recommendations", request: teaPage, broken: map[string]facettest.Fault{"recommendations": {Hang: true}}},
		{name: "product_alone", request: teaPage, broken: map[string]facettest.Fault{
			"pricing": down, "inventory": down, "reviews": down, "recommendations": down,
		}},
		{name: "product_without_catalog", request: teaPage, broken: map[string]facettest.Fault{"catalog": down}},
		{name: "product_with_gaps", request: facettest.Request{Path: "/api/products/p5"}},
		{name: "search", request: facettest.Request{Path: "/api/search?q=tea&size=2&page=3"}},
		{name: "search_wrong", request: facettest.Request{Path: "/api/search?sort=price&size=1000"}},
		{name: "account", request: facettest.Request{Path: "/api/account", User: shoptest.Customer}},
		{name: "account_without_orders", request: facettest.Request{Path: "/api/account", User: shoptest.Customer}, broken: map[string]facettest.Fault{"orders": down}},
		{name: "order", request: facettest.Request{Path: "/api/orders/" + shoptest.Order, User: shoptest.Customer}},
		{name: "order_of_another", request: facettest.Request{Path: "/api/orders/" + shoptest.Foreign, User: shoptest.Customer}},
		{name: "cart", request: facettest.Request{Path: "/api/cart", User: shoptest.Customer}},
		{name: "cart_changed", request: changeTea},
		{name: "order_placed", request: checkout},
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
