package main

import (
	"time"

	shop "github.com/facet-bff/facet/compositions"
	"github.com/facet-bff/facet/compositions/ordering"
	"github.com/facet-bff/facet/compositions/orders"
	"github.com/facet-bff/facet/compositions/users"
	"github.com/facet-bff/facet/shared/compose"
)

type orderListRequest struct {
	User   users.ID `identity:"subject"`
	Offset int      `query:"offset" validate:"min=0,max=10000"`
	Limit  int      `query:"limit" default:"10" validate:"min=1,max=50"`
}

// OrderList is a page of the customer's orders, the newest first.
type OrderList struct {
	Total  int        `json:"total"`
	Next   *int       `json:"next"` // the offset of the next page; null on the last
	Orders []OrderRow `json:"orders"`
}

// An OrderRow is an order in a list.
type OrderRow struct {
	ID       orders.ID `json:"id"`
	Status   string    `json:"status"`
	PlacedAt time.Time `json:"placed_at"`
	Total    Price     `json:"total"`
	Title    string    `json:"title"` // of the first product; empty while it is not known
	More     int       `json:"more"`  // how many products there are besides
}

func orderList(b *shop.Backends) *compose.Graph[orderListRequest, OrderList] {
	return compose.Define("mobile.orders", func(in compose.Node[orderListRequest]) compose.Node[OrderList] {
		page := compose.Call("orders", compose.Map(in, orderFilter), b.Orders.List)
		titles := ordering.NewTitles(b, compose.Map(page, func(p orders.Page) []orders.Order { return p.Orders }))
		return compose.Join3(in, page, titles, newOrderList)
	})
}

func orderFilter(r orderListRequest) orders.Filter {
	return orders.Filter{User: r.User, Offset: r.Offset, Limit: r.Limit}
}

func newOrderList(r orderListRequest, page orders.Page, titles ordering.Titles) OrderList {
	list := OrderList{Total: page.Total}
	if next := r.Offset + r.Limit; next < page.Total {
		list.Next = &next
	}
	for _, o := range page.Orders {
		row := OrderRow{ID: o.ID, Status: o.Status, PlacedAt: o.PlacedAt, Total: Price{Cents: o.TotalCents, Currency: o.Currency}}
		if len(o.Lines) > 0 {
			row.Title, row.More = titles[o.Lines[0].SKU].Title, len(o.Lines)-1
		}
		list.Orders = append(list.Orders, row)
	}
	return list
}
