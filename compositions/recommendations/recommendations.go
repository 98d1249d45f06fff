// Package recommendations is the contract with the recommendations service. It has no
// batch read, is slow, and now and then very slow: callers give it little time and go
// on without it.
package recommendations

import (
	"github.com/facet-bff/facet/compositions/catalog"
	"github.com/facet-bff/facet/compositions/users"
	"github.com/facet-bff/facet/shared/backend"
)

// A List is what the service recommends, the best first.
type List struct {
	SKUs []catalog.SKU `json:"items"`
}

// API is what the recommendations service can do.
type API struct {
	Similar *backend.Op[catalog.SKU, List]
	ForUser *backend.Op[users.ID, List]
}

// New returns the operations of s.
func New(s *backend.Service) API {
	return API{
		Similar: backend.GET[catalog.SKU, List](s, "similar", "/recommendations/{product}"),
		ForUser: backend.GET[users.ID, List](s, "for_user", "/recommendations/users/{user}"),
	}
}
