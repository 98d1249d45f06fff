package main

import (
	"strconv"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/compose"
)

type request struct {
	ID int `param:"id" validate:"min=1"`
}

func (r request) id() int { return r.ID }

func constant(*Backends) *compose.Graph[struct{}, struct{}] {
	return compose.Define("load.constant", func(in compose.Node[struct{}]) compose.Node[struct{}] {
		return compose.Map(in, func(s struct{}) struct{} { return s })
	})
}

type home = *compose.Graph[request, Home]

// newHome calls four services at once.
func newHome(name string, s Shop) home {
	return compose.Define(name, func(in compose.Node[request]) compose.Node[Home] {
		id := compose.Map(in, request.id)
		return compose.Join4(
			compose.Call("user", id, s.User),
			compose.Call("inventory", id, s.Inventory),
			compose.Call("product", id, s.Product),
			compose.Call("orders", id, s.Orders),
			func(u User, i Inventory, p Product, o Orders) Home {
				return Home{User: u, Inventory: i, Product: p, Orders: o}
			})
	})
}

// profile calls one service, and then three at once by what it said.
func profile(b *Backends) *compose.Graph[request, Profile] {
	return compose.Define("load.profile", func(in compose.Node[request]) compose.Node[Profile] {
		user := compose.Call("user", compose.Map(in, request.id), b.Member)
		return compose.Join4(
			user,
			compose.Call("org", compose.Map(user, func(m Member) int { return m.OrgID }), b.Org),
			compose.Call("cart", compose.Map(user, func(m Member) string { return m.CartID }), b.Cart),
			compose.Call("address", compose.Map(user, func(m Member) int { return m.AddressID }), b.Address),
			func(m Member, org, cart, address Small) Profile {
				return Profile{User: m, Org: org, Cart: cart, Address: address}
			})
	})
}

// fan calls n services at once.
func fan(n int) func(*Backends) *compose.Graph[request, map[string]Item] {
	return func(b *Backends) *compose.Graph[request, map[string]Item] {
		return fanned("load.fan"+strconv.Itoa(n), b.Items[:n])
	}
}

// fanned asks all of ops at once.
func fanned[V any](name string, ops []*backend.Op[int, V]) *compose.Graph[request, map[string]V] {
	return compose.Define(name, func(in compose.Node[request]) compose.Node[map[string]V] {
		id := compose.Map(in, request.id)
		all := compose.Map(in, func(request) map[string]V { return make(map[string]V, len(ops)) })
		for i, op := range ops {
			name := "b" + strconv.Itoa(i+1)
			all = compose.Join2(all, compose.Call(name, id, op), func(all map[string]V, item V) map[string]V {
				all[name] = item // the run's own map, which one join hands to the next
				return all
			})
		}
		return all
	})
}

// pageOf is a request, and what the service is asked with.
type pageOf struct {
	KB int `param:"kb" validate:"min=1"`
	ID int `param:"id" validate:"min=1"`
}

func page(b *Backends) *compose.Graph[pageOf, Page] {
	return compose.Define("load.page", func(in compose.Node[pageOf]) compose.Node[Page] {
		return compose.Call("page", in, b.Page)
	})
}
