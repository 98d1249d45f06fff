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

type orderSearchRequest struct {
	User   users.ID   `query:"user" validate:"max=32"`
	Status string     `query:"status" validate:"omitempty,oneof=placed paid shipped delivered cancelled"`
	From   *time.Time `query:"from"`
	To     *time.Time `query:"to"`
	Offset int        `query:"offset" validate:"min=0,max=100000"`
	Limit  int        `query:"limit" default:"25" validate:"min=1,max=100"`
}

// OrdersFound is a page of orders with who placed them and what is in them.
type OrdersFound struct {
	Total  int          `json:"total"`
	Offset int          `json:"offset"`
	Limit  int          `json:"limit"`
	Orders []FoundOrder `json:"orders"`
}

// A FoundOrder is an order with names in place of numbers.
type FoundOrder struct {
	ID       orders.ID   `json:"id"`
	Status   string      `json:"status"`
	PlacedAt time.Time   `json:"placed_at"`
	Customer Placer      `json:"customer"`
	Lines    []FoundLine `json:"lines"`
	Total    Money       `json:"total"`
}

// A Placer is the customer of an order. Name and e-mail are empty while they are not known.
type Placer struct {
	ID    users.ID `json:"id"`
	Name  string   `json:"name"`
	Email string   `json:"email"`
}

// A FoundLine is one product of an order.
type FoundLine struct {
	SKU      catalog.SKU `json:"sku"`
	Title    string      `json:"title"` // empty while it is not known
	Quantity int         `json:"quantity"`
	Unit     int64       `json:"unit_cents"`
}

// customersAtOnce is how many users the users service is asked for in one call.
const customersAtOnce = 100

func orderSearch(b *shop.Backends) *compose.Graph[orderSearchRequest, OrdersFound] {
	return compose.Define("admin.orders", func(in compose.Node[orderSearchRequest]) compose.Node[OrdersFound] {
		page := compose.Call("orders", compose.Map(in, orderFilter), b.Orders.List)
		list := compose.Map(page, func(p orders.Page) []orders.Order { return p.Orders })
		customers := compose.Batch("customers", compose.Map(list, placers), customersAtOnce, b.Users.Users).Or(nil)
		return compose.Join4(in, page, customers, ordering.NewTitles(b, list), ordersFound)
	})
}

func orderFilter(r orderSearchRequest) orders.Filter { return orders.Filter(r) }

func placers(list []orders.Order) []users.ID {
	ids := make([]users.ID, len(list))
	for i, o := range list {
		ids[i] = o.User
	}
	return ids
}

func ordersFound(r orderSearchRequest, page orders.Page, customers map[users.ID]users.User, titles ordering.Titles) OrdersFound {
	found := OrdersFound{Total: page.Total, Offset: r.Offset, Limit: r.Limit}
	for _, o := range page.Orders {
		customer := customers[o.User]
		row := FoundOrder{
			ID: o.ID, Status: o.Status, PlacedAt: o.PlacedAt, Total: Money{o.TotalCents, o.Currency},
			Customer: Placer{ID: o.User, Name: customer.Name, Email: customer.Email},
		}
		for _, line := range o.Lines {
			row.Lines = append(row.Lines, FoundLine{SKU: line.SKU, Title: titles[line.SKU].Title, Quantity: line.Quantity, Unit: line.UnitCents})
		}
		found.Orders = append(found.Orders, row)
	}
	return found
}
