// Package carts is the contract with the carts service.
package carts

import (
	"time"

	"github.com/facet-bff/facet/compositions/catalog"
	"github.com/facet-bff/facet/compositions/users"
	"github.com/facet-bff/facet/shared/backend"
)

// A Cart is what a customer means to buy. Who has none has an empty one.
type Cart struct {
	User      users.ID  `json:"user_id"`
	Items     []Item    `json:"items"`
	Version   int       `json:"version"`
	UpdatedAt time.Time `json:"updated_at"`
}

// An Item is one product in a cart.
type Item struct {
	SKU      catalog.SKU `json:"product"`
	Quantity int         `json:"quantity"`
	AddedAt  time.Time   `json:"added_at"`
}

// SKUs lists the products in the cart.
func (c Cart) SKUs() []catalog.SKU {
	skus := make([]catalog.SKU, len(c.Items))
	for i, item := range c.Items {
		skus[i] = item.SKU
	}
	return skus
}

// A Change sets how many of a product are in a cart; none removes it.
type Change struct {
	User     users.ID    `param:"user"`
	SKU      catalog.SKU `param:"product"`
	Quantity int         `json:"quantity"`
}

// API is what the carts service can do.
type API struct {
	Cart   *backend.Op[users.ID, Cart]
	Change *backend.Op[Change, Cart]
	Clear  *backend.Op[users.ID, struct{}]
}

// New returns the operations of s.
func New(s *backend.Service) API {
	return API{
		Cart:   backend.GET[users.ID, Cart](s, "cart", "/carts/{user}", backend.Tags("cart:{user}")),
		Change: backend.PUT[Change, Cart](s, "change", "/carts/{user}/items/{product}", backend.Invalidates("cart:{user}")),
		Clear:  backend.DELETE[users.ID, struct{}](s, "clear", "/carts/{user}", backend.Invalidates("cart:{user}")),
	}
}
