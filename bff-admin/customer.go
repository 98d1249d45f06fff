package main

import (
	"time"

	shop "github.com/facet-bff/facet/compositions"
	"github.com/facet-bff/facet/compositions/basket"
	"github.com/facet-bff/facet/compositions/catalog"
	"github.com/facet-bff/facet/compositions/orders"
	"github.com/facet-bff/facet/compositions/reviews"
	"github.com/facet-bff/facet/compositions/users"
	"github.com/facet-bff/facet/shared/compose"
)

type customerRequest struct {
	ID users.ID `param:"id" validate:"max=32"`
}

// A Customer is everything that support needs to know of one. What is null is not
// known at the moment.
type Customer struct {
	Profile Profile       `json:"profile"`
	Orders  *OrderHistory `json:"orders"`
	Cart    *Cart         `json:"cart"`
	Reviews *Reviews      `json:"reviews"`
}

// A Profile is who the customer is.
type Profile struct {
	ID        users.ID      `json:"id"`
	Name      string        `json:"name"`
	Email     string        `json:"email"`
	Segment   string        `json:"segment"`
	Locale    string        `json:"locale"`
	CreatedAt time.Time     `json:"created_at"`
	Address   users.Address `json:"address"`
}

// An OrderHistory is the customer's last orders of how many.
type OrderHistory struct {
	Total int            `json:"total"`
	Items []OrderSummary `json:"items"`
}

// An OrderSummary is an order in a history.
type OrderSummary struct {
	ID       orders.ID `json:"id"`
	Status   string    `json:"status"`
	PlacedAt time.Time `json:"placed_at"`
	Lines    int       `json:"lines"`
	Total    Money     `json:"total"`
}

// Money is an amount in a currency.
type Money struct {
	Cents    int64  `json:"cents"`
	Currency string `json:"currency"`
}

// A Cart is what the customer means to buy.
type Cart struct {
	Items    []CartItem `json:"items"`
	Subtotal *Money     `json:"subtotal"` // null while a price is not known
}

// A CartItem is one product in a cart.
type CartItem struct {
	SKU      catalog.SKU `json:"sku"`
	Title    string      `json:"title"` // empty while it is not known
	Quantity int         `json:"quantity"`
}

// Reviews are the customer's last reviews of how many.
type Reviews struct {
	Total int      `json:"total"`
	Items []Review `json:"items"`
}

// A Review is what the customer wrote of a product.
type Review struct {
	ID     string      `json:"id"`
	SKU    catalog.SKU `json:"sku"`
	Rating int         `json:"rating"`
	Title  string      `json:"title"`
	Text   string      `json:"text"`
	At     time.Time   `json:"at"`
}

// shown is how many orders and reviews a customer's page shows.
const shown = 20

func customer(b *shop.Backends) *compose.Graph[customerRequest, Customer] {
	return compose.Define("admin.customer", func(in compose.Node[customerRequest]) compose.Node[Customer] {
		id := compose.Map(in, func(r customerRequest) users.ID { return r.ID })
		user := compose.Call("user", id, b.Users.User)
		history := compose.Maybe(compose.Call("orders", compose.Map(id, lastOrders), b.Orders.List))
		cart := compose.Maybe(basket.New(b, compose.Call("cart", id, b.Carts.Cart)))
		written := compose.Maybe(compose.Call("reviews", compose.Map(id, lastReviews), b.Reviews.OfUser))
		return compose.Join4(user, history, cart, written, newCustomer)
	})
}

func lastOrders(id users.ID) orders.Filter { return orders.Filter{User: id, Limit: shown} }

func lastReviews(id users.ID) reviews.OfUser { return reviews.OfUser{User: id, Limit: shown} }

func newCustomer(u users.User, history compose.Result[orders.Page], cart compose.Result[basket.Basket], written compose.Result[reviews.Page]) Customer {
	c := Customer{Profile: Profile(u)}
	if history.OK() {
		c.Orders = newHistory(history.Value)
	}
	if cart.OK() {
		c.Cart = newCart(cart.Value)
	}
	if written.OK() {
		c.Reviews = newReviews(written.Value)
	}
	return c
}

func newHistory(page orders.Page) *OrderHistory {
	h := &OrderHistory{Total: page.Total}
	for _, o := range page.Orders {
		h.Items = append(h.Items, OrderSummary{
			ID: o.ID, Status: o.Status, PlacedAt: o.PlacedAt, Lines: len(o.Lines), Total: Money{o.TotalCents, o.Currency},
		})
	}
	return h
}

func newCart(b basket.Basket) *Cart {
	c := &Cart{}
	for _, line := range b.Lines {
		c.Items = append(c.Items, CartItem{SKU: line.SKU, Title: line.Title, Quantity: line.Quantity})
	}
	if b.Subtotal != nil {
		c.Subtotal = &Money{b.Subtotal.Cents, b.Subtotal.Currency}
	}
	return c
}

func newReviews(page reviews.Page) *Reviews {
	r := &Reviews{Total: page.Total}
	for _, item := range page.Items {
		r.Items = append(r.Items, Review{ID: item.ID, SKU: item.SKU, Rating: item.Rating, Title: item.Title, Text: item.Text, At: item.CreatedAt})
	}
	return r
}
