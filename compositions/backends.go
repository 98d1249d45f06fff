// Package compositions is the vocabulary that the demo shop's gateways share: the
// contracts with its services, one package each, and fragments of compositions.
package compositions

import (
	"github.com/facet-bff/facet/compositions/carts"
	"github.com/facet-bff/facet/compositions/catalog"
	"github.com/facet-bff/facet/compositions/inventory"
	"github.com/facet-bff/facet/compositions/orders"
	"github.com/facet-bff/facet/compositions/pricing"
	"github.com/facet-bff/facet/compositions/promotions"
	"github.com/facet-bff/facet/compositions/recommendations"
	"github.com/facet-bff/facet/compositions/reviews"
	"github.com/facet-bff/facet/compositions/users"
	"github.com/facet-bff/facet/shared/backend"
)

// Backends is every operation that a composition may call. A gateway configures only
// the services that its compositions do call.
type Backends struct {
	Users           users.API
	Catalog         catalog.API
	Pricing         pricing.API
	Inventory       inventory.API
	Reviews         reviews.API
	Carts           carts.API
	Orders          orders.API
	Recommendations recommendations.API
	Promotions      promotions.API
}

// NewBackends returns the operations of the configured services.
func NewBackends(s *backend.Services) *Backends {
	return &Backends{
		Users:           users.New(s.Get("users")),
		Catalog:         catalog.New(s.Get("catalog")),
		Pricing:         pricing.New(s.Get("pricing")),
		Inventory:       inventory.New(s.Get("inventory")),
		Reviews:         reviews.New(s.Get("reviews")),
		Carts:           carts.New(s.Get("carts")),
		Orders:          orders.New(s.Get("orders")),
		Recommendations: recommendations.New(s.Get("recommendations")),
		Promotions:      promotions.New(s.Get("promotions")),
	}
}
