package catalog_test

import (
	"context"
	"fmt"

	"github.com/facet-bff/facet/compositions/catalog"
	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
)

// What the service is asked, by a gateway that prints it and sends nothing.
func ExampleNew() {
	api := catalog.New(backend.NewService("catalog", func(_ context.Context, r *backend.Request) (*backend.Response, error) {
		fmt.Println(r.Method, r.Path)
		return nil, &fault.Error{Kind: fault.Unavailable}
	}))
	ctx := context.Background()
	_, err := api.Search.Call(ctx, catalog.Query{Text: "tea & pots", Limit: 20})
	fmt.Println(err)
	// Output:
	// GET /search?q=tea%20%26%20pots&limit=20
	// catalog.search: unavailable
}
