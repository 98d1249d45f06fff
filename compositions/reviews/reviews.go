// Package reviews is the contract with the reviews service.
package reviews

import (
	"time"

	"github.com/facet-bff/facet/compositions/catalog"
	"github.com/facet-bff/facet/compositions/users"
	"github.com/facet-bff/facet/shared/backend"
)

// A Review is what a customer wrote of a product.
type Review struct {
	ID        string      `json:"id"`
	SKU       catalog.SKU `json:"product_id"`
	User      users.ID    `json:"user_id"`
	Rating    int         `json:"rating"` // 1 to 5
	Title     string      `json:"title"`
	Text      string      `json:"text"`
	Helpful   int         `json:"helpful"` // how many found it so
	CreatedAt time.Time   `json:"created_at"`
}

// A Page is a part of a list of reviews.
type Page struct {
	Items []Review `json:"items"`
	Total int      `json:"total"`
}

// A Summary counts a product's ratings.
type Summary struct {
	SKU       catalog.SKU `json:"product_id"`
	Average   float64     `json:"average"`
	Count     int         `json:"count"`
	Histogram []int       `json:"histogram"` // how many of each rating, 1 first
}

// OfProduct asks for reviews of a product.
type OfProduct struct {
	SKU    catalog.SKU `param:"id"`
	Offset int         `query:"offset"`
	Limit  int         `query:"limit"`
	Sort   string      `query:"sort"` // newest or helpful
}

// OfUser asks for reviews by a customer.
type OfUser struct {
	User  users.ID `param:"id"`
	Limit int      `query:"limit"`
}

// API is what the reviews service can do.
type API struct {
	OfProduct *backend.Op[OfProduct, Page]
	OfUser    *backend.Op[OfUser, Page]
	Summary   *backend.Op[catalog.SKU, Summary]
}

// New returns the operations of s.
func New(s *backend.Service) API {
	return API{
		OfProduct: backend.GET[OfProduct, Page](s, "of_product", "/products/{id}/reviews{?offset,limit,sort}"),
		OfUser:    backend.GET[OfUser, Page](s, "of_user", "/users/{id}/reviews{?limit}"),
		Summary:   backend.GET[catalog.SKU, Summary](s, "summary", "/products/{id}/summary"),
	}
}
