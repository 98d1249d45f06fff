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
	Offset   int    `query:"offset" validate:"min=0,max=10000"`
	Limit    int    `query:"limit" default:"20" validate:"min=1,max=50"`
}

// SearchResults is a page of what a search found.
type SearchResults struct {
	Total int    `json:"total"`
	Next  *int   `json:"next"` // the offset of the next page; null on the last
	Items []Tile `json:"items"`
}

func search(b *shop.Backends) *compose.Graph[searchRequest, SearchResults] {
	return compose.Define("mobile.search", func(in compose.Node[searchRequest]) compose.Node[SearchResults] {
		found := compose.Call("search", compose.Map(in, query), b.Catalog.Search)
		list := cards.New(b, "found", compose.Map(found, func(f catalog.Found) []catalog.SKU { return f.SKUs }))
		return compose.Join3(in, found, list, searchResults)
	})
}

func query(r searchRequest) catalog.Query {
	return catalog.Query{Text: r.Text, Category: r.Category, Offset: r.Offset, Limit: r.Limit}
}

func searchResults(r searchRequest, found catalog.Found, list []cards.Card) SearchResults {
	results := SearchResults{Total: found.Total, Items: tiles(list)}
	if next := r.Offset + r.Limit; next < found.Total {
		results.Next = &next
	}
	return results
}
