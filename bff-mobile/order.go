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

// An OrderScreen is one order of the customer.
type OrderScreen struct {
	ID       orders.ID   `json:"id"`
	Status   string      `json:"status"`
	PlacedAt time.Time   `json:"placed_at"`
	Total    Price       `json:"total"`
	Lines    []OrderLine `json:"lines"`
}

// An OrderLine is one product of an order.
type OrderLine struct {
	SKU      catalog.SKU `json:"sku"`
	Title    string      `json:"title"` // empty while it is not known
	Image    string      `json:"image,omitempty"`
	Quantity int         `json:"quantity"`
	Cents    int64       `json:"cents"`
}

func order(b *shop.Backends) *compose.Graph[orderRequest, OrderScreen] {
	return compose.Define("mobile.order", func(in compose.Node[orderRequest]) compose.Node[OrderScreen] {
		user := compose.Map(in, func(r orderRequest) users.ID { return r.User })
		id := compose.Map(in, func(r orderRequest) orders.ID { return r.ID })
		own := ordering.NewOwn(b, user, id)
		titles := ordering.NewTitles(b, compose.Map(own, func(o orders.Order) []orders.Order { return []orders.Order{o} }))
		return compose.Join2(own, titles, orderScreen)
	})
}

func orderScreen(o orders.Order, titles ordering.Titles) OrderScreen {
	screen := OrderScreen{ID: o.ID, Status: o.Status, PlacedAt: o.PlacedAt, Total: Price{Cents: o.TotalCents, Currency: o.Currency}}
	for _, line := range o.Lines {
		item := titles[line.SKU]
		screen.Lines = append(screen.Lines, OrderLine{
			SKU: line.SKU, Title: item.Title, Image: item.Image().Path, Quantity: line.Quantity, Cents: line.UnitCents,
		})
	}
	return screen
}
