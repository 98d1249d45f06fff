package main

import (
	"time"

	shop "github.com/facet-bff/facet/compositions"
	"github.com/facet-bff/facet/compositions/catalog"
	"github.com/facet-bff/facet/compositions/ordering"
	"github.com/facet-bff/facet/compositions/orders"
	"github.com/facet-bff/facet/compositions/users"
	"github.com/facet-bff/facet/shared/compose"
)

type orderRequest struct {
	User users.ID  `identity:"subject"`
	ID   orders.ID `param:"id" validate:"max=32"`
}

// An OrderPage is one order of the customer.
type OrderPage struct {
	ID       orders.ID     `json:"id"`
	Status   string        `json:"status"`
	PlacedAt time.Time     `json:"placed_at"`
	Total    Money         `json:"total"`
	ShipTo   users.Address `json:"ship_to"`
	Lines    []OrderLine   `json:"lines"`
}

// An OrderLine is one product of an order.
type OrderLine struct {
	SKU      catalog.SKU `json:"sku"`
	Title    string      `json:"title"` // empty while it is not known
	Image    *Image      `json:"image"` // null while it is not known
	Quantity int         `json:"quantity"`
	Unit     Money       `json:"unit"`
}

func order(b *shop.Backends) *compose.Graph[orderRequest, OrderPage] {
	return compose.Define("web.order", func(in compose.Node[orderRequest]) compose.Node[OrderPage] {
		user := compose.Map(in, func(r orderRequest) users.ID { return r.User })
		id := compose.Map(in, func(r orderRequest) orders.ID { return r.ID })
		own := ordering.NewOwn(b, user, id)
		titles := ordering.NewTitles(b, compose.Map(own, func(o orders.Order) []orders.Order { return []orders.Order{o} }))
		return compose.Join2(own, titles, orderPage)
	})
}

func orderPage(o orders.Order, titles ordering.Titles) OrderPage {
	page := OrderPage{ID: o.ID, Status: o.Status, PlacedAt: o.PlacedAt, Total: Money{o.TotalCents, o.Currency}, ShipTo: o.ShipTo}
	for _, line := range o.Lines {
		item := titles[line.SKU]
		page.Lines = append(page.Lines, OrderLine{
			SKU: line.SKU, Title: item.Title, Image: image(item.Image()), Quantity: line.Quantity, Unit: Money{line.UnitCents, o.Currency},
		})
	}
	return page
}
