// Package product is the fragment that every product page is cut from.
package product

import (
	"slices"
	"time"

	shop "github.com/facet-bff/facet/compositions"
	"github.com/facet-bff/facet/compositions/cards"
	"github.com/facet-bff/facet/compositions/catalog"
	"github.com/facet-bff/facet/compositions/inventory"
	"github.com/facet-bff/facet/compositions/pricing"
	"github.com/facet-bff/facet/compositions/recommendations"
	"github.com/facet-bff/facet/compositions/reviews"
	"github.com/facet-bff/facet/shared/compose"
)

// Parts are the parts of a product page. A page pays only for those that its shape
// reads: the others are never asked for. All but Item are optional.
type Parts struct {
	Item     compose.Node[catalog.Product]
	Price    compose.Node[compose.Result[pricing.Price]]
	Stock    compose.Node[compose.Result[inventory.Stock]]
	Rating   compose.Node[compose.Result[reviews.Summary]]
	Reviews  compose.Node[compose.Result[reviews.Page]]
	Category compose.Node[compose.Result[catalog.Category]]
	Related  compose.Node[[]cards.Card]
}

// newest is how many reviews a page shows.
const newest = 5

// New adds the fragment for one product.
func New(b *shop.Backends, sku compose.Node[catalog.SKU]) Parts {
	item := compose.Call("item", sku, b.Catalog.Product)
	return Parts{
		Item:     item,
		Price:    compose.Maybe(compose.Call("price", sku, b.Pricing.Price)),
		Stock:    compose.Maybe(compose.Call("stock", sku, b.Inventory.Stock)),
		Rating:   compose.Maybe(compose.Call("rating", sku, b.Reviews.Summary)),
		Reviews:  compose.Maybe(compose.Call("reviews", compose.Map(sku, newestReviews), b.Reviews.OfProduct)),
		Category: compose.Maybe(compose.Call("category", compose.Map(item, categoryOf), b.Catalog.Category)),
		Related:  related(b, item, sku),
	}
}

// related are the products that the catalog names and those that are recommended, as
// long as they come in time.
func related(b *shop.Backends, item compose.Node[catalog.Product], sku compose.Node[catalog.SKU]) compose.Node[[]cards.Card] {
	similar := compose.Call("recommendations", sku, b.Recommendations.Similar).Within(400 * time.Millisecond)
	recommended := compose.Map(similar, recommendedSKUs).Or(nil)
	return cards.New(b, "related", compose.Join2(item, recommended, relatedSKUs)).Or(nil)
}

func newestReviews(sku catalog.SKU) reviews.OfProduct {
	return reviews.OfProduct{SKU: sku, Limit: newest, Sort: "newest"}
}

func categoryOf(p catalog.Product) string { return p.Category }

func recommendedSKUs(list recommendations.List) []catalog.SKU { return list.SKUs }

// relatedSKUs puts what is recommended first, and names nothing twice.
func relatedSKUs(item catalog.Product, recommended []catalog.SKU) []catalog.SKU {
	seen := map[catalog.SKU]bool{item.SKU: true}
	var skus []catalog.SKU
	for _, sku := range append(slices.Clip(recommended), item.Related...) {
		if !seen[sku] {
			seen[sku] = true
			skus = append(skus, sku)
		}
	}
	return skus
}
