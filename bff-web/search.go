package main

import (
	shop "github.com/facet-bff/facet/compositions"
	"github.com/facet-bff/facet/compositions/cards"
	"github.com/facet-bff/facet/compositions/catalog"
	"github.com/facet-bff/facet/shared/compose"
)

type searchRequest struct {
	Text     string `query:"q" validate:"max=100"`
	Category string `query:"category" validate:"max=64"`
	Brand    string `query:"brand" validate:"max=64"`
	Sort     string `query:"sort" default:"relevance" validate:"oneof=relevance title newest"`
	Page     int    `query:"page" default:"1" validate:"min=1,max=500"`
	Size     int    `query:"size" default:"24" validate:"min=1,max=100"`
}

// A SearchPage is a page of what a search found.
type SearchPage struct {
	Items  []Card     `json:"items"`
	Facets Facets     `json:"facets"`
	Page   Pagination `json:"pagination"`
}

// Facets are what the search can be narrowed to.
type Facets struct {
	Category []FacetValue `json:"category"`
	Brand    []FacetValue `json:"brand"`
}

// A FacetValue is one value of a facet.
type FacetValue struct {
	Value string `json:"value"`
	Label string `json:"label"`
	Count int    `json:"count"`
}

// Pagination says where in the result this page is.
type Pagination struct {
	Page  int `json:"page"`
	Size  int `json:"size"`
	Pages int `json:"pages"`
	Total int `json:"total"`
}

func search(b *shop.Backends) *compose.Graph[searchRequest, SearchPage] {
	return compose.Define("web.search", func(in compose.Node[searchRequest]) compose.Node[SearchPage] {
		found := compose.Call("search", compose.Map(in, query), b.Catalog.Search)
		list := cards.New(b, "found", compose.Map(found, func(f catalog.Found) []catalog.SKU { return f.SKUs }))
		return compose.Join3(in, found, list, searchPage)
	})
}

func query(r searchRequest) catalog.Query {
	return catalog.Query{
		Text: r.Text, Category: r.Category, Brand: r.Brand, Sort: r.Sort,
		Offset: (r.Page - 1) * r.Size, Limit: r.Size,
	}
}

func searchPage(r searchRequest, found catalog.Found, list []cards.Card) SearchPage {
	return SearchPage{
		Items:  cardViews(list),
		Facets: Facets{Category: facetValues(found.Facets.Category), Brand: facetValues(found.Facets.Brand)},
		Page:   Pagination{Page: r.Page, Size: r.Size, Pages: (found.Total + r.Size - 1) / r.Size, Total: found.Total},
	}
}

func facetValues(values []catalog.FacetValue) []FacetValue {
	out := make([]FacetValue, len(values))
	for i, v := range values {
		out[i] = FacetValue(v)
	}
	return out
}
