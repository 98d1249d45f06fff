package carts_test

import (
	"context"
	"fmt"

	"github.com/facet-bff/facet/compositions/carts"
	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
)

// What the service is asked, by a gateway that prints it and sends nothing.
func ExampleNew() {
	api := carts.New(backend.NewService("carts", func(_ context.Context, r *backend.Request) (*backend.Response, error) {
		fmt.Println(r.Method, r.Path, string(r.Body))
		return nil, &fault.Error{Kind: fault.Unavailable}
	}))
	ctx := context.Background()
	_, err := api.Change.Call(ctx, carts.Change{User: "u1", SKU: "p1", Quantity: 2})
	fmt.Println(err)
	// Output:
	// PUT /carts/u1/items/p1 {"quantity":2}
	// carts.change: unavailable
}
