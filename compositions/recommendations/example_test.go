package recommendations_test

import (
	"context"
	"fmt"

	"github.com/facet-bff/facet/compositions/recommendations"
	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
)

// What the service is asked, by a gateway that prints it and sends nothing.
func ExampleNew() {
	api := recommendations.New(backend.NewService("recommendations", func(_ context.Context, r *backend.Request) (*backend.Response, error) {
		fmt.Println(r.Method, r.Path)
		return nil, &fault.Error{Kind: fault.Unavailable}
	}))
	ctx := context.Background()
	_, err := api.Similar.Call(ctx, "p1")
	fmt.Println(err)
	// Output:
	// GET /recommendations/p1
	// recommendations.similar: unavailable
}
