// Package basket is the fragment that shows what is in a customer's cart.
package basket

import (
	shop "github.com/facet-bff/facet/compositions"
	"github.com/facet-bff/facet/compositions/cards"
	"github.com/facet-bff/facet/compositions/carts"
	"github.com/facet-bff/facet/compositions/catalog"
	"github.com/facet-bff/facet/compositions/pricing"
	"github.com/facet-bff/facet/shared/compose"
)

// A Basket is a cart with what its products are called and cost today.
type Basket struct {
	Lines    []Line
	Subtotal *Money // nil while a price is not known
}

// A Line is one product in a basket. What is not known of it is left empty.
type Line struct {
	SKU      catalog.SKU
	Quantity int
	Title    string
	Image    catalog.Image
	Price    *pricing.Price
}

// Money is an amount in a currency.
type Money struct {
	Cents    int64
	Currency string
}

// New adds the fragment for a cart. Only the cart itself is required.
func New(b *shop.Backends, cart compose.Node[carts.Cart]) compose.Node[Basket] {
	skus := compose.Map(cart, carts.Cart.SKUs)
	return compose.Join2(cart, cards.New(b, "cart", skus).Or(nil), join)
}

func join(cart carts.Cart, list []cards.Card) Basket {
	known := make(map[catalog.SKU]cards.Card, len(list))
	for _, card := range list {
		known[card.Product.SKU] = card
	}
	lines := make([]Line, len(cart.Items))
	for i, item := range cart.Items {
		card := known[item.SKU]
		lines[i] = Line{
			SKU: item.SKU, Quantity: item.Quantity,
			Title: card.Product.Title, Image: card.Product.Image(), Price: card.Price,
		}
	}
	return Basket{Lines: lines, Subtotal: subtotal(lines)}
}

func subtotal(lines []Line) *Money {
	sum := Money{}
	for _, line := range lines {
		if line.Price == nil {
			return nil
		}
		sum.Cents += line.Price.Cents * int64(line.Quantity)
		sum.Currency = line.Price.Currency
	}
	return &sum
}
