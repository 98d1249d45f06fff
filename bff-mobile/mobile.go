package main

import (
	_ "embed"
	"net/http"
	"time"

	shop "github.com/facet-bff/facet/compositions"
	"github.com/facet-bff/facet/shared/endpoint"
	"github.com/facet-bff/facet/shared/gateway"
	"github.com/facet-bff/facet/shared/identity/access"
)

//go:embed facet.yaml
var defaults []byte

// Gateway is everything that the mobile apps are served.
var Gateway = gateway.Definition[*shop.Backends]{
	Name: "bff-mobile", Backends: shop.NewBackends, Config: defaults,
	Endpoints: endpoint.Table[*shop.Backends]{
		endpoint.GET("/v1/home", access.User, home, endpoint.Budget(1500*time.Millisecond)),
		endpoint.GET("/v1/products/{sku}", access.Public, product),
		endpoint.GET("/v1/search", access.Public, search),
		endpoint.GET("/v1/orders", access.User, orderList),
		endpoint.GET("/v1/orders/{id}", access.User, order),
		endpoint.GET("/v1/cart", access.User, cart),
		endpoint.PUT("/v1/cart/items/{sku}", access.User, changeCart, endpoint.Budget(2*time.Second)),
		endpoint.POST("/v1/orders", access.Scope("orders:write"), placeOrder, endpoint.Budget(3*time.Second), endpoint.Status(http.StatusCreated),
			endpoint.Idempotent(24*time.Hour)),
	},
}
