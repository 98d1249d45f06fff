package main

import (
	"fmt"

	"github.com/facet-bff/facet/shared/backend"
)

// Backends is every operation that the compositions call.
type Backends struct {
	Shop Shop
	Slow Shop // takes 5 ms
	Tail Shop // takes 5 ms, and 50 ms in 1 % of calls: of services that are hedged

	Member  *backend.Op[int, Member]
	Org     *backend.Op[int, Small]
	Cart    *backend.Op[string, Small]
	Address *backend.Op[int, Small]
	Items   []*backend.Op[int, Item] // one service each
	Page    *backend.Op[pageOf, Page]

	Shapes Shapes
}

// Shop are the four operations of the home screen.
type Shop struct {
	User      *backend.Op[int, User]
	Inventory *backend.Op[int, Inventory]
	Product   *backend.Op[int, Product]
	Orders    *backend.Op[int, Orders]
}

// fanOut is how many services the largest fan-out asks.
const fanOut = 32

// NewBackends returns the operations of the configured services.
func NewBackends(s *backend.Services) *Backends {
	b := &Backends{
		Shop: newShop(s, "", ""), Slow: newShop(s, "/d5", ""), Tail: newShop(s, "/t5", "-tail"),
		Member:  backend.GET[int, Member](s.Get("users"), "member", "/users/{id}"),
		Org:     backend.GET[int, Small](s.Get("orgs"), "org", "/orgs/{id}"),
		Cart:    backend.GET[string, Small](s.Get("carts"), "cart", "/carts/{id}"),
		Address: backend.GET[int, Small](s.Get("addresses"), "address", "/addresses/{id}"),
		Page:    backend.GET[pageOf, Page](s.Get("users"), "page", "/pages/{kb}/{id}"),
		Shapes:  newShapes(s),
	}
	for i := range fanOut {
		b.Items = append(b.Items, backend.GET[int, Item](s.Get(itemService(i)), "item", itemPath(i)))
	}
	return b
}

func itemService(i int) string { return fmt.Sprintf("item%d", i+1) }

func itemPath(i int) string { return fmt.Sprintf("/item/%d/{id}", i+1) }

// newShop returns the operations of services whose names end so.
func newShop(s *backend.Services, timing, suffix string) Shop {
	return Shop{
		User:      backend.GET[int, User](s.Get("users"+suffix), "user", timing+"/users/{id}"),
		Inventory: backend.GET[int, Inventory](s.Get("inventory"+suffix), "inventory", timing+"/inventory/{id}"),
		Product:   backend.GET[int, Product](s.Get("products"+suffix), "product", timing+"/products/{id}"),
		Orders:    backend.GET[int, Orders](s.Get("orders"+suffix), "orders", timing+"/orders/{id}"),
	}
}
