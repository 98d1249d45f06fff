package main

import (
	shop "github.com/facet-bff/facet/compositions"
	"github.com/facet-bff/facet/compositions/basket"
	"github.com/facet-bff/facet/compositions/carts"
	"github.com/facet-bff/facet/compositions/catalog"
	"github.com/facet-bff/facet/compositions/users"
	"github.com/facet-bff/facet/shared/compose"
)

type cartRequest struct {
	User users.ID `identity:"subject"`
}

// A CartScreen is what the customer means to buy.
type CartScreen struct {
	Items    []CartItem `json:"items"`
	Subtotal *Price     `json:"subtotal"` // null while a price is not known
}

// A CartItem is one product in the cart.
type CartItem struct {
	SKU      catalog.SKU `json:"sku"`
	Title    string      `json:"title"` // empty while it is not known
	Image    string      `json:"image,omitempty"`
	Quantity int         `json:"quantity"`
	Price    *Price      `json:"price"` // null while it is not known
}

func cart(b *shop.Backends) *compose.Graph[cartRequest, CartScreen] {
	return compose.Define("mobile.cart", func(in compose.Node[cartRequest]) compose.Node[CartScreen] {
		user := compose.Map(in, func(r cartRequest) users.ID { return r.User })
		return compose.Map(basket.New(b, compose.Call("cart", user, b.Carts.Cart)), cartScreen)
	})
}

type changeCartRequest struct {
	User     users.ID    `identity:"subject"`
	SKU      catalog.SKU `param:"sku" validate:"max=32"`
	Quantity *int        `json:"quantity" validate:"required,min=0,max=99"`
}

// changeCart sets how many of a product are in the cart, and shows the cart that results.
func changeCart(b *shop.Backends) *compose.Graph[changeCartRequest, CartScreen] {
	return compose.Define("mobile.change_cart", func(in compose.Node[changeCartRequest]) compose.Node[CartScreen] {
		changed := compose.Call("change", compose.Map(in, cartChange), b.Carts.Change)
		return compose.Map(basket.New(b, changed), cartScreen)
	})
}

func cartChange(r changeCartRequest) carts.Change {
	return carts.Change{User: r.User, SKU: r.SKU, Quantity: *r.Quantity}
}

func cartScreen(b basket.Basket) CartScreen {
	var screen CartScreen
	for _, line := range b.Lines {
		screen.Items = append(screen.Items, CartItem{
			SKU: line.SKU, Title: line.Title, Image: line.Image.Path, Quantity: line.Quantity, Price: price(line.Price),
		})
	}
	if b.Subtotal != nil {
		screen.Subtotal = &Price{Cents: b.Subtotal.Cents, Currency: b.Subtotal.Currency}
	}
	return screen
}
