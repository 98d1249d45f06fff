package guard_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/guard"
	"github.com/facet-bff/facet/shared/identity/access"
)

func ExampleAuthorize() {
	handler := guard.Authorize(nil, access.User)(func(echo.Context) error { return nil })
	r := httptest.NewRequest(http.MethodGet, "/v1/orders", nil)
	fmt.Println(handler(echo.New().NewContext(r, nil)))
	// Output: unauthenticated: credentials are required
}

func ExampleClientAddress() {
	address, err := guard.ClientAddress([]string{"10.0.0.0/8"})
	if err != nil {
		panic(err)
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("X-Forwarded-For", "203.0.113.9")
	r.RemoteAddr = "10.1.1.1:4711"
	fmt.Println(address(r))
	r.RemoteAddr = "198.51.100.7:4711" // no proxy of ours
	fmt.Println(address(r))
	// Output:
	// 203.0.113.9
	// 198.51.100.7
}
