package main

import (
	"net/http"
	"testing"

	"go.uber.org/goleak"

	"github.com/facet-bff/facet/compositions/shoptest"
	"github.com/facet-bff/facet/shared/facettest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// support is a request of somebody who may see customers.
func support(path string) facettest.Request {
	return facettest.Request{Path: path, User: shoptest.Other, Roles: []string{"support"}}
}

func TestMatrix(t *testing.T) {
	facettest.Matrix(t, Gateway, shoptest.Serve,
		support("/v1/customers/"+shoptest.Customer),
		support("/v1/orders?status=placed"),
		support("/v1/catalog/health"),
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
		{name: "customer", request: support("/v1/customers/" + shoptest.Customer)},
		{name: "customer_unknown", request: support("/v1/customers/u99")},
		{name: "customer_alone", request: support("/v1/customers/" + shoptest.Customer), broken: map[string]facettest.Fault{
			"orders": down, "carts": down, "reviews": down,
		}},
		{name: "customer_for_a_customer", request: facettest.Request{Path: "/v1/customers/" + shoptest.Customer, User: shoptest.Customer}},
		{name: "orders", request: support("/v1/orders?from=2026-01-01T00:00:00Z&limit=2")},
		{name: "orders_without_users", request: support("/v1/orders"), broken: map[string]facettest.Fault{"users": down}},
		{name: "orders_wrong", request: support("/v1/orders?status=lost&from=yesterday")},
		{name: "catalog_health", request: support("/v1/catalog/health")},
		{name: "catalog_health_without_pricing", request: support("/v1/catalog/health"), broken: map[string]facettest.Fault{"pricing": down}},
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
