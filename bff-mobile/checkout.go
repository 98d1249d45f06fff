package main

import (
	shop "github.com/facet-bff/facet/compositions"
	"github.com/facet-bff/facet/compositions/ordering"
	"github.com/facet-bff/facet/compositions/orders"
	"github.com/facet-bff/facet/compositions/users"
	"github.com/facet-bff/facet/shared/compose"
)

type placeOrderRequest struct {
	User users.ID `identity:"subject"`
}

// A Receipt says that an order has been placed.
type Receipt struct {
	Order  orders.ID `json:"order"`
	Status string    `json:"status"`
	Total  Price     `json:"total"`
}

// placeOrder orders what is in the cart.
func placeOrder(b *shop.Backends) *compose.Graph[placeOrderRequest, Receipt] {
	return compose.Define("mobile.place_order", func(in compose.Node[placeOrderRequest]) compose.Node[Receipt] {
		placed := ordering.NewCheckout(b, compose.Map(in, func(r placeOrderRequest) users.ID { return r.User }))
		return compose.Map(placed, receipt)
	})
}

func receipt(o orders.Order) Receipt {
	return Receipt{Order: o.ID, Status: o.Status, Total: Price{Cents: o.TotalCents, Currency: o.Currency}}
}
