package inventory_test

import (
	"context"
	"fmt"

	"github.com/facet-bff/facet/compositions/inventory"
	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
)

// What the service is asked, by a gateway that prints it and sends nothing.
func ExampleNew() {
	api := inventory.New(backend.NewService("inventory", func(_ context.Context, r *backend.Request) (*backend.Response, error) {
		fmt.Println(r.Method, r.Path)
		return nil, &fault.Error{Kind: fault.Unavailable}
	}))
	ctx := context.Background()
	_, err := api.Stock.Call(ctx, "p/1")
	fmt.Println(err)
	// Output:
	// GET /stock/p%2F1
	// inventory.stock: unavailable
}
