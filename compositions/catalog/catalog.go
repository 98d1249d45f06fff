// Package catalog is the contract with the catalog service: products, categories,
// search and the feed.
package catalog

import (
	"time"

	"github.com/facet-bff/facet/shared/backend"
)

// An SKU identifies a product in every service, whatever name each gives it.
type SKU string

// A Product is what the shop knows of an article besides its price and stock.
type Product struct {
	SKU         SKU               `json:"id"`
	Title       string            `json:"title"`
	Description string            `json:"description"`
	Brand       string            `json:"brand"`
	Category    string            `json:"category_id"`
	Images      []Image           `json:"images"`
	Variants    []Variant         `json:"variants"`
	Attributes  map[string]string `json:"attributes"`
	Related     []SKU             `json:"related"`
	UpdatedAt   time.Time         `json:"updated_at"`
}

// Image is the product's first image, or none.
func (p Product) Image() Image {
	if len(p.Images) == 0 {
		return Image{}
	}
	return p.Images[0]
}

// An Image is a picture below /assets.
type Image struct {
	Path   string `json:"path"`
	Alt    string `json:"alt"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

// A Variant is a form in which a product can be had.
type Variant struct {
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	Attributes map[string]string `json:"attributes"`
}

// A Category is a place in the tree of categories.
type Category struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Path []Link `json:"path"` // from the root to the category itself
}

// A Link names a category.
type Link struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// A Branch is a category with those below it.
type Branch struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Children []Branch `json:"children"`
}

// A Query is a search.
type Query struct {
	Text     string `query:"q"`
	Category string `query:"category"`
	Brand    string `query:"brand"`
	Sort     string `query:"sort"` // relevance, title or newest
	Offset   int    `query:"offset"`
	Limit    int    `query:"limit"` // at most 100
}

// Found is a page of what a search found.
type Found struct {
	SKUs   []SKU  `json:"ids"`
	Total  int    `json:"total"`
	Facets Facets `json:"facets"`
}

// Facets count what was found by category and brand, the largest count first.
type Facets struct {
	Category []FacetValue `json:"category"`
	Brand    []FacetValue `json:"brand"`
}

// A FacetValue is one value that a search can be narrowed to.
type FacetValue struct {
	Value string `json:"value"`
	Label string `json:"label"`
	Count int    `json:"count"`
}

// A Page is a part of a long list.
type Page struct {
	Offset int `query:"offset"`
	Limit  int `query:"limit"` // at most 500
}

// A Listing is a page of all products.
type Listing struct {
	SKUs  []SKU `json:"ids"`
	Total int   `json:"total"`
}

// A Feed is what a segment of customers is shown first.
type Feed struct {
	SKUs []SKU `json:"ids"`
}

// API is what the catalog service can do.
type API struct {
	Product    *backend.Op[SKU, Product]
	Products   *backend.Op[[]SKU, map[SKU]Product] // at most 100 at once
	Listing    *backend.Op[Page, Listing]
	Search     *backend.Op[Query, Found]
	Category   *backend.Op[string, Category]
	Categories *backend.Op[struct{}, []Branch]
	Feed       *backend.Op[string, Feed] // for a segment
}

// New returns the operations of s.
func New(s *backend.Service) API {
	return API{
		Product: backend.GET[SKU, Product](s, "product", "/products/{id}", backend.Tags("product:{id}")),
		Products: backend.ByKey(backend.GET[[]SKU, []Product](s, "products", "/products{?ids}", backend.Tags("product:{ids}")),
			func(p Product) SKU { return p.SKU }),
		Listing:    backend.GET[Page, Listing](s, "listing", "/listing{?offset,limit}"),
		Search:     backend.GET[Query, Found](s, "search", "/search{?q,category,brand,sort,offset,limit}"),
		Category:   backend.GET[string, Category](s, "category", "/categories/{id}"),
		Categories: backend.GET[struct{}, []Branch](s, "categories", "/categories"),
		Feed:       backend.GET[string, Feed](s, "feed", "/feed{?segment}"),
	}
}
