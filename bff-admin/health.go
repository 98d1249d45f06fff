package main

import (
	shop "github.com/facet-bff/facet/compositions"
	"github.com/facet-bff/facet/compositions/cards"
	"github.com/facet-bff/facet/compositions/catalog"
	"github.com/facet-bff/facet/compositions/inventory"
	"github.com/facet-bff/facet/compositions/pricing"
	"github.com/facet-bff/facet/shared/compose"
)

type catalogHealthRequest struct {
	Offset int `query:"offset" validate:"min=0,max=1000000"`
	Limit  int `query:"limit" default:"500" validate:"min=1,max=500"`
}

// CatalogHealth lists the products of a page of the catalog that lack something.
type CatalogHealth struct {
	Total        int     `json:"total"` // products in the catalog
	Checked      int     `json:"checked"`
	WithoutPrice Lacking `json:"without_price"`
	WithoutStock Lacking `json:"without_stock"`
	WithoutImage Lacking `json:"without_image"`
}

// Lacking lists products. It tells "none" from "not known": without the service that
// would know, Known is false.
type Lacking struct {
	Known bool          `json:"known"`
	SKUs  []catalog.SKU `json:"skus"`
}

func catalogHealth(b *shop.Backends) *compose.Graph[catalogHealthRequest, CatalogHealth] {
	return compose.Define("admin.catalog_health", func(in compose.Node[catalogHealthRequest]) compose.Node[CatalogHealth] {
		page := compose.Call("listing", compose.Map(in, listingPage), b.Catalog.Listing)
		skus := compose.Map(page, func(l catalog.Listing) []catalog.SKU { return l.SKUs })
		items := compose.Maybe(compose.Batch("items", skus, cards.BatchSize, b.Catalog.Products))
		prices := compose.Maybe(compose.Batch("prices", skus, cards.BatchSize, b.Pricing.Prices))
		stocks := compose.Maybe(compose.Batch("stocks", skus, cards.BatchSize, b.Inventory.Stocks))
		return compose.Join4(page, items, prices, stocks, newCatalogHealth)
	})
}

func listingPage(r catalogHealthRequest) catalog.Page { return catalog.Page(r) }

func newCatalogHealth(page catalog.Listing, items compose.Result[map[catalog.SKU]catalog.Product],
	prices compose.Result[map[catalog.SKU]pricing.Price], stocks compose.Result[map[catalog.SKU]inventory.Stock],
) CatalogHealth {
	withImage := func(sku catalog.SKU) bool { return len(items.Value[sku].Images) > 0 }
	return CatalogHealth{
		Total: page.Total, Checked: len(page.SKUs),
		WithoutPrice: lacking(page.SKUs, prices.OK(), in(prices.Value)),
		WithoutStock: lacking(page.SKUs, stocks.OK(), in(stocks.Value)),
		WithoutImage: lacking(page.SKUs, items.OK(), withImage),
	}
}

func in[V any](m map[catalog.SKU]V) func(catalog.SKU) bool {
	return func(sku catalog.SKU) bool { _, ok := m[sku]; return ok }
}

func lacking(skus []catalog.SKU, known bool, has func(catalog.SKU) bool) Lacking {
	l := Lacking{Known: known}
	if !known {
		return l
	}
	for _, sku := range skus {
		if !has(sku) {
			l.SKUs = append(l.SKUs, sku)
		}
	}
	return l
}
