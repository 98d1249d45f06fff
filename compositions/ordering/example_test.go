package ordering_test

import (
	"fmt"

	shop "github.com/facet-bff/facet/compositions"
	"github.com/facet-bff/facet/compositions/ordering"
	"github.com/facet-bff/facet/compositions/orders"
	"github.com/facet-bff/facet/compositions/users"
	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/compose"
)

// Writes follow one another: nothing is ordered before its price is known, and the cart is
// emptied when the order has been placed.
func ExampleNewCheckout() {
	b := shop.NewBackends(backend.NewServices())
	graph := compose.Define("checkout", func(user compose.Node[users.ID]) compose.Node[orders.Order] {
		return ordering.NewCheckout(b, user)
	})
	for _, step := range graph.Plan().Steps {
		fmt.Println(step.Name, step.Needs, step.Required)
	}
	// Output:
	// user [input] true
	// cart [input] true
	// prices [cart] true
	// draft [user cart prices] true
	// place [draft] true
	// clear_cart [place] false
}
