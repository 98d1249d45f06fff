package pricing_test

import (
	"context"
	"fmt"

	"github.com/facet-bff/facet/compositions/catalog"
	"github.com/facet-bff/facet/compositions/pricing"
	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
)

// What the service is asked, by a gateway that prints it and sends nothing.
func ExampleNew() {
	api := pricing.New(backend.NewService("pricing", func(_ context.Context, r *backend.Request) (*backend.Response, error) {
		fmt.Println(r.Method, r.Path)
		return nil, &fault.Error{Kind: fault.Unavailable}
	}))
	ctx := context.Background()
	_, err := api.Prices.Call(ctx, []catalog.SKU{"p1", "p2"})
	fmt.Println(err)
	// Output:
	// GET /prices?product=p1&product=p2
	// pricing.prices: unavailable
}
