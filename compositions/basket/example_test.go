package basket_test

import (
	"fmt"

	shop "github.com/facet-bff/facet/compositions"
	"github.com/facet-bff/facet/compositions/basket"
	"github.com/facet-bff/facet/compositions/users"
	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/compose"
)

// Only the cart is required: a basket without titles and prices is better than none.
func ExampleNew() {
	b := shop.NewBackends(backend.NewServices())
	graph := compose.Define("basket", func(user compose.Node[users.ID]) compose.Node[basket.Basket] {
		return basket.New(b, compose.Call("cart", user, b.Carts.Cart))
	})
	for _, step := range graph.Plan().Steps {
		fmt.Println(step.Name, step.Needs, step.Required)
	}
	// Output:
	// cart [input] true
	// cart_items [cart] false
	// cart_prices [cart] false
}
