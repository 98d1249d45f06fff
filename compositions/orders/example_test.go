package orders_test

import (
	"context"
	"fmt"

	"github.com/facet-bff/facet/compositions/orders"
	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
)

// What the service is asked, by a gateway that prints it and sends nothing.
func ExampleNew() {
	api := orders.New(backend.NewService("orders", func(_ context.Context, r *backend.Request) (*backend.Response, error) {
		fmt.Println(r.Method, r.Path)
		return nil, &fault.Error{Kind: fault.Unavailable}
	}))
	ctx := context.Background()
	_, err := api.List.Call(ctx, orders.Filter{User: "u1", Status: "shipped", Limit: 10})
	fmt.Println(err)
	// Output:
	// GET /orders?user=u1&status=shipped&limit=10
	// orders.list: unavailable
}
