package users_test

import (
	"context"
	"fmt"

	"github.com/facet-bff/facet/compositions/users"
	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
)

// What the service is asked, by a gateway that prints it and sends nothing.
func ExampleNew() {
	api := users.New(backend.NewService("users", func(_ context.Context, r *backend.Request) (*backend.Response, error) {
		fmt.Println(r.Method, r.Path)
		return nil, &fault.Error{Kind: fault.Unavailable}
	}))
	ctx := context.Background()
	_, err := api.Users.Call(ctx, []users.ID{"u1", "u2"})
	fmt.Println(err)
	// Output:
	// GET /users?ids=u1,u2
	// users.users: unavailable
}
