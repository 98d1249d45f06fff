package main

import (
	_ "embed"
	"time"

	shop "github.com/facet-bff/facet/compositions"
	"github.com/facet-bff/facet/shared/endpoint"
	"github.com/facet-bff/facet/shared/gateway"
	"github.com/facet-bff/facet/shared/identity/access"
)

//go:embed facet.yaml
var defaults []byte

// Gateway is everything that the support console is served.
var Gateway = gateway.Definition[*shop.Backends]{
	Name: "bff-admin", Backends: shop.NewBackends, Config: defaults,
	Endpoints: endpoint.Table[*shop.Backends]{
		endpoint.GET("/v1/customers/{id}", access.Role("support"), customer, endpoint.Budget(2*time.Second)),
		endpoint.GET("/v1/orders", access.Role("support"), orderSearch, endpoint.Budget(3*time.Second)),
		endpoint.GET("/v1/catalog/health", access.Role("support"), catalogHealth, endpoint.Budget(5*time.Second)),
	},
}
