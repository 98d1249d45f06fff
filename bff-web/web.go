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

// Gateway is everything that the web site is served.
var Gateway = gateway.Definition[*shop.Backends]{
	Name: "bff-web", Backends: shop.NewBackends, Config: defaults,
	Endpoints: endpoint.Table[*shop.Backends]{
		endpoint.GET("/api/home", access.Public, home, endpoint.Cached(5*time.Second)),
		endpoint.GET("/api/products/{sku}", access.Public, product, endpoint.Budget(1500*time.Millisecond)),
		endpoint.GET("/api/search", access.Public, search),
		endpoint.GET("/api/account", access.User, account),
		endpoint.GET("/api/orders/{id}", access.User, order),
		endpoint.GET("/api/cart", access.User, cart),
		endpoint.PUT("/api/cart/items/{sku}", access.User, changeCart, endpoint.Budget(2*time.Second)),
		endpoint.POST("/api/orders", access.Scope("orders:write"), placeOrder, endpoint.Budget(3*time.Second), endpoint.Status(http.StatusCreated),
			endpoint.Idempotent(24*time.Hour)),
	},
}
