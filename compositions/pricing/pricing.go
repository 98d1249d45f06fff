// Package pricing is the contract with the pricing service.
package pricing

import (
	"github.com/facet-bff/facet/compositions/catalog"
	"github.com/facet-bff/facet/shared/backend"
)

// A Price is what a product costs now, and what it is listed at.
type Price struct {
	SKU       catalog.SKU `json:"product_id"`
	Currency  string      `json:"currency"`
	Cents     int64       `json:"amount_cents"`
	ListCents int64       `json:"list_cents"`
}

// API is what the pricing service can do.
type API struct {
	Price  *backend.Op[catalog.SKU, Price]
	Prices *backend.Op[[]catalog.SKU, map[catalog.SKU]Price] // at most 100 at once
}

// New returns the operations of s.
func New(s *backend.Service) API {
	return API{
		Price: backend.GET[catalog.SKU, Price](s, "price", "/prices/{product}", backend.Tags("product:{product}")),
		Prices: backend.ByKey(backend.GET[[]catalog.SKU, []Price](s, "prices", "/prices{?product*}", backend.Tags("product:{product}")),
			func(p Price) catalog.SKU { return p.SKU }),
	}
}
