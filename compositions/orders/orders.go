// Package orders is the contract with the orders service.
package orders

import (
	"time"

	"github.com/facet-bff/facet/compositions/catalog"
	"github.com/facet-bff/facet/compositions/users"
	"github.com/facet-bff/facet/shared/backend"
)

// An ID identifies an order.
type ID string

// An Order is what a customer has bought.
type Order struct {
	ID         ID            `json:"id"`
	User       users.ID      `json:"user_id"`
	Status     string        `json:"status"` // placed, paid, shipped, delivered or cancelled
	Lines      []Line        `json:"lines"`
	TotalCents int64         `json:"total_cents"`
	Currency   string        `json:"currency"`
	PlacedAt   time.Time     `json:"placed_at"`
	ShipTo     users.Address `json:"ship_to"`
}

// A Line is one product of an order, at the price of its day.
type Line struct {
	SKU       catalog.SKU `json:"product"`
	Quantity  int         `json:"quantity"`
	UnitCents int64       `json:"unit_cents"`
}

// SKUs lists the products of orders, each as often as it was ordered.
func SKUs(list ...Order) (skus []catalog.SKU) {
	for _, order := range list {
		for _, line := range order.Lines {
			skus = append(skus, line.SKU)
		}
	}
	return skus
}

// A Filter selects orders; empty fields select all.
type Filter struct {
	User   users.ID   `query:"user"`
	Status string     `query:"status"`
	From   *time.Time `query:"from"`
	To     *time.Time `query:"to"`
	Offset int        `query:"offset"`
	Limit  int        `query:"limit"` // at most 100
}

// A Page is a part of a list of orders, the newest first.
type Page struct {
	Orders []Order `json:"orders"`
	Total  int     `json:"total"`
}

// A Draft is an order that is not placed yet.
type Draft struct {
	User     users.ID      `json:"user_id"`
	Lines    []Line        `json:"lines"`
	Currency string        `json:"currency"`
	ShipTo   users.Address `json:"ship_to"`
}

// API is what the orders service can do.
type API struct {
	Order *backend.Op[ID, Order]
	List  *backend.Op[Filter, Page]
	Place *backend.Op[Draft, Order]
}

// New returns the operations of s.
func New(s *backend.Service) API {
	return API{
		Order: backend.GET[ID, Order](s, "order", "/orders/{id}", backend.Tags("order:{id}")),
		List:  backend.GET[Filter, Page](s, "list", "/orders{?user,status,from,to,offset,limit}", backend.Tags("orders:{user}")),
		Place: backend.POST[Draft, Order](s, "place", "/orders", backend.Invalidates("orders:{user_id}")),
	}
}
