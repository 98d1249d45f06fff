package main

import (
	"time"

	shop "github.com/facet-bff/facet/compositions"
	"github.com/facet-bff/facet/compositions/catalog"
	"github.com/facet-bff/facet/compositions/orders"
	"github.com/facet-bff/facet/compositions/reviews"
	"github.com/facet-bff/facet/compositions/users"
	"github.com/facet-bff/facet/shared/compose"
)

type accountRequest struct {
	User users.ID `identity:"subject"`
}

// An AccountPage is what a customer sees of their account. What is null is not known
// at the moment.
type AccountPage struct {
	Name    string         `json:"name"`
	Email   string         `json:"email"`
	Since   time.Time      `json:"since"`
	Address users.Address  `json:"address"`
	Orders  *RecentOrders  `json:"orders"`
	Reviews *RecentReviews `json:"reviews"`
}

// RecentOrders are the last orders of how many.
type RecentOrders struct {
	Total int        `json:"total"`
	Items []OrderRow `json:"items"`
}

// An OrderRow is an order in a list.
type OrderRow struct {
	ID       orders.ID `json:"id"`
	Status   string    `json:"status"`
	PlacedAt time.Time `json:"placed_at"`
	Total    Money     `json:"total"`
}

// RecentReviews are the last reviews of how many.
type RecentReviews struct {
	Total int         `json:"total"`
	Items []OwnReview `json:"items"`
}

// An OwnReview is a review that the customer wrote.
type OwnReview struct {
	SKU    catalog.SKU `json:"sku"`
	Rating int         `json:"rating"`
	Title  string      `json:"title"`
	At     time.Time   `json:"at"`
}

// recent is how many orders and reviews an account page shows.
const recent = 5

func account(b *shop.Backends) *compose.Graph[accountRequest, AccountPage] {
	return compose.Define("web.account", func(in compose.Node[accountRequest]) compose.Node[AccountPage] {
		id := compose.Map(in, func(r accountRequest) users.ID { return r.User })
		user := compose.Call("user", id, b.Users.User)
		list := compose.Maybe(compose.Call("orders", compose.Map(id, recentOrders), b.Orders.List))
		written := compose.Maybe(compose.Call("reviews", compose.Map(id, recentReviews), b.Reviews.OfUser))
		return compose.Join3(user, list, written, accountPage)
	})
}

func recentOrders(id users.ID) orders.Filter { return orders.Filter{User: id, Limit: recent} }

func recentReviews(id users.ID) reviews.OfUser { return reviews.OfUser{User: id, Limit: recent} }

func accountPage(u users.User, list compose.Result[orders.Page], written compose.Result[reviews.Page]) AccountPage {
	page := AccountPage{Name: u.Name, Email: u.Email, Since: u.CreatedAt, Address: u.Address}
	if list.OK() {
		page.Orders = &RecentOrders{Total: list.Value.Total}
		for _, o := range list.Value.Orders {
			page.Orders.Items = append(page.Orders.Items, OrderRow{
				ID: o.ID, Status: o.Status, PlacedAt: o.PlacedAt, Total: Money{o.TotalCents, o.Currency},
			})
		}
	}
	if written.OK() {
		page.Reviews = &RecentReviews{Total: written.Value.Total}
		for _, r := range written.Value.Items {
			page.Reviews.Items = append(page.Reviews.Items, OwnReview{SKU: r.SKU, Rating: r.Rating, Title: r.Title, At: r.CreatedAt})
		}
	}
	return page
}
