// Package cards is the fragment that turns a list of products into cards.
package cards

import (
	shop "github.com/facet-bff/facet/compositions"
	"github.com/facet-bff/facet/compositions/catalog"
	"github.com/facet-bff/facet/compositions/pricing"
	"github.com/facet-bff/facet/shared/compose"
)

// BatchSize is how many products catalog and pricing are asked for at once.
const BatchSize = 100

// A Card is a product in a list. Price is nil when it is not known.
type Card struct {
	Product catalog.Product
	Price   *pricing.Price
}

// New adds the fragment: one batch of calls to catalog and one to pricing, whatever the
// length of the list. The cards keep its order; products that are gone are left out,
// and without prices the cards have none. The steps are name_items and name_prices.
func New(b *shop.Backends, name string, skus compose.Node[[]catalog.SKU]) compose.Node[[]Card] {
	items := compose.Batch(name+"_items", skus, BatchSize, b.Catalog.Products)
	prices := compose.Batch(name+"_prices", skus, BatchSize, b.Pricing.Prices).Or(nil)
	return compose.Join3(skus, items, prices, join)
}

func join(skus []catalog.SKU, items map[catalog.SKU]catalog.Product, prices map[catalog.SKU]pricing.Price) []Card {
	list := make([]Card, 0, len(skus))
	for _, sku := range skus {
		item, ok := items[sku]
		if !ok {
			continue
		}
		card := Card{Product: item}
		if price, ok := prices[sku]; ok {
			card.Price = &price
		}
		list = append(list, card)
	}
	return list
}
