package identity_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/facet-bff/facet/shared/identity"
)

func ExampleFrom() {
	ctx := context.Background()
	fmt.Println(identity.From(ctx).HasScope("orders:read"))

	ctx = identity.NewContext(ctx, &identity.Principal{Subject: "u1", Scopes: []string{"orders:read"}})
	fmt.Println(identity.From(ctx).HasScope("orders:read"))
	// Output:
	// false
	// true
}

func ExampleIsIdentityHeader() {
	h := http.Header{"Accept": {"*/*"}, "X-User-Id": {"root"}, "X_user_id": {"root"}}
	for name := range h {
		if identity.IsIdentityHeader(name) {
			delete(h, name)
		}
	}
	fmt.Println(h)
	// Output: map[Accept:[*/*]]
}
