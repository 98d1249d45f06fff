package promotions_test

import (
	"context"
	"fmt"

	"github.com/facet-bff/facet/compositions/promotions"
	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
)

// What the service is asked, by a gateway that prints it and sends nothing.
func ExampleNew() {
	api := promotions.New(backend.NewService("promotions", func(_ context.Context, r *backend.Request) (*backend.Response, error) {
		fmt.Println(r.Method, r.Path)
		return nil, &fault.Error{Kind: fault.Unavailable}
	}))
	ctx := context.Background()
	_, err := api.Promotions.Call(ctx, promotions.For{User: "u1", Segment: "gold"})
	fmt.Println(err)
	// Output:
	// GET /promo_service/v1/promos?customer_no=u1&seg_cd=gold
	// promotions.promotions: unavailable
}
