package main

import (
	"time"

	shop "github.com/facet-bff/facet/compositions"
	"github.com/facet-bff/facet/compositions/ordering"
	"github.com/facet-bff/facet/compositions/orders"
	"github.com/facet-bff/facet/compositions/users"
	"github.com/facet-bff/facet/shared/compose"
)

type placeOrderRequest struct {
	User users.ID `identity:"subject"`
}

// A Confirmation says that an order has been placed.
type Confirmation struct {
	Order    orders.ID     `json:"order"`
	Status   string        `json:"status"`
	PlacedAt time.Time     `json:"placed_at"`
	Total    Money         `json:"total"`
	ShipTo   users.Address `json:"ship_to"`
}

// placeOrder orders what is in the cart.
func placeOrder(b *shop.Backends) *compose.Graph[placeOrderRequest, Confirmation] {
	return compose.Define("web.place_order", func(in compose.Node[placeOrderRequest]) compose.Node[Confirmation] {
		placed := ordering.NewCheckout(b, compose.Map(in, func(r placeOrderRequest) users.ID { return r.User }))
		return compose.Map(placed, confirmation)
	})
}

func confirmation(o orders.Order) Confirmation {
	return Confirmation{Order: o.ID, Status: o.Status, PlacedAt: o.PlacedAt, Total: Money{o.TotalCents, o.Currency}, ShipTo: o.ShipTo}
}
