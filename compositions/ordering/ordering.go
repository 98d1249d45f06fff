// Package ordering is the fragments around a customer's orders: seeing one's own, and
// placing one.
package ordering

import (
	"context"
	"errors"

	shop "github.com/facet-bff/facet/compositions"
	"github.com/facet-bff/facet/compositions/cards"
	"github.com/facet-bff/facet/compositions/carts"
	"github.com/facet-bff/facet/compositions/catalog"
	"github.com/facet-bff/facet/compositions/orders"
	"github.com/facet-bff/facet/compositions/pricing"
	"github.com/facet-bff/facet/compositions/users"
	"github.com/facet-bff/facet/shared/compose"
	"github.com/facet-bff/facet/shared/fault"
)

// Titles are what the products of orders are called; what is not known is missing.
type Titles map[catalog.SKU]catalog.Product

// NewTitles adds the fragment that looks up the products of orders. It is optional.
func NewTitles(b *shop.Backends, list compose.Node[[]orders.Order]) compose.Node[Titles] {
	skus := compose.Map(list, func(l []orders.Order) []catalog.SKU { return orders.SKUs(l...) })
	items := compose.Batch("order_items", skus, cards.BatchSize, b.Catalog.Products).Or(nil)
	return compose.Map(items, func(m map[catalog.SKU]catalog.Product) Titles { return m })
}

// NewOwn adds the fragment that fetches an order of one's own. Another customer's order
// is not found.
func NewOwn(b *shop.Backends, user compose.Node[users.ID], id compose.Node[orders.ID]) compose.Node[orders.Order] {
	order := compose.Call("order", id, b.Orders.Order)
	return compose.Step("own_order", compose.Join2(user, order, newClaim), own)
}

type claim struct {
	user  users.ID
	order orders.Order
}

func newClaim(user users.ID, order orders.Order) claim { return claim{user, order} }

var errNotOwn = errors.New("the order belongs to another customer")

func own(_ context.Context, c claim) (orders.Order, error) {
	if c.order.User != c.user {
		return orders.Order{}, fault.NotFound(errNotOwn)
	}
	return c.order, nil
}

// NewCheckout adds the fragment that orders what is in a customer's cart at today's
// prices, to be sent to where the customer lives, and then empties the cart. Emptying
// it is optional: an order that has been placed is placed.
func NewCheckout(b *shop.Backends, id compose.Node[users.ID]) compose.Node[orders.Order] {
	user := compose.Call("user", id, b.Users.User)
	cart := compose.Call("cart", id, b.Carts.Cart)
	prices := compose.Batch("prices", compose.Map(cart, carts.Cart.SKUs), cards.BatchSize, b.Pricing.Prices)
	drafted := compose.Step("draft", compose.Join3(user, cart, prices, newPurchase), draft)
	order := compose.Call("place", drafted, b.Orders.Place)
	cleared := compose.Call("clear_cart", compose.Map(order, func(o orders.Order) users.ID { return o.User }), b.Carts.Clear).Or(struct{}{})
	return compose.Join2(order, cleared, func(o orders.Order, _ struct{}) orders.Order { return o })
}

type purchase struct {
	user   users.User
	cart   carts.Cart
	prices map[catalog.SKU]pricing.Price
}

func newPurchase(u users.User, c carts.Cart, p map[catalog.SKU]pricing.Price) purchase {
	return purchase{u, c, p}
}

// draft refuses what the customer could not have meant: an empty cart, or a product
// that has no price.
func draft(_ context.Context, p purchase) (orders.Draft, error) {
	d := orders.Draft{User: p.user.ID, ShipTo: p.user.Address}
	for _, item := range p.cart.Items {
		price, ok := p.prices[item.SKU]
		if !ok {
			return d, refuse("A product in the cart cannot be bought at the moment: " + string(item.SKU) + ".")
		}
		d.Currency = price.Currency
		d.Lines = append(d.Lines, orders.Line{SKU: item.SKU, Quantity: item.Quantity, UnitCents: price.Cents})
	}
	if len(d.Lines) == 0 {
		return d, refuse("The cart is empty.")
	}
	return d, nil
}

func refuse(detail string) error {
	return fault.Conflict(detail)
}
