package reviews_test

import (
	"context"
	"fmt"

	"github.com/facet-bff/facet/compositions/reviews"
	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
)

// What the service is asked, by a gateway that prints it and sends nothing.
func ExampleNew() {
	api := reviews.New(backend.NewService("reviews", func(_ context.Context, r *backend.Request) (*backend.Response, error) {
		fmt.Println(r.Method, r.Path)
		return nil, &fault.Error{Kind: fault.Unavailable}
	}))
	ctx := context.Background()
	_, err := api.OfProduct.Call(ctx, reviews.OfProduct{SKU: "p1", Limit: 5, Sort: "newest"})
	fmt.Println(err)
	// Output:
	// GET /products/p1/reviews?limit=5&sort=newest
	// reviews.of_product: unavailable
}
