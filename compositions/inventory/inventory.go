// Package inventory is the contract with the inventory service.
package inventory

import (
	"time"

	"github.com/facet-bff/facet/compositions/catalog"
	"github.com/facet-bff/facet/shared/backend"
)

// A Stock says how many of a product can be sold.
type Stock struct {
	SKU       catalog.SKU `json:"item"`
	Available int         `json:"available"`
	Reserved  int         `json:"reserved"`
	Warehouse string      `json:"warehouse"`
	RestockAt *time.Time  `json:"restock_at"`
}

// API is what the inventory service can do.
type API struct {
	Stock  *backend.Op[catalog.SKU, Stock]
	Stocks *backend.Op[[]catalog.SKU, map[catalog.SKU]Stock] // at most 100 at once
}

// New returns the operations of s.
func New(s *backend.Service) API {
	return API{
		Stock: backend.GET[catalog.SKU, Stock](s, "stock", "/stock/{item}", backend.Tags("product:{item}")),
		Stocks: backend.ByKey(backend.GET[[]catalog.SKU, []Stock](s, "stocks", "/stock{?item}", backend.Tags("product:{item}")),
			func(s Stock) catalog.SKU { return s.SKU }),
	}
}
