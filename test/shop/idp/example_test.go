package idp_test

import (
	"fmt"
	"net/http/httptest"
	"strings"

	"github.com/facet-bff/facet/test/shop/idp"
)

func Example() {
	provider, err := idp.New("http://127.0.0.1:7020", []idp.Account{{ID: "u1", FirstName: "Ada"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	w := httptest.NewRecorder()
	provider.ServeHTTP(w, httptest.NewRequest("GET", "/demo/token?user=u1&scope=orders:write", nil))
	fmt.Println(w.Code, "a JWT of", strings.Count(w.Body.String(), ".")+1, "parts")
	// Output: 200 a JWT of 3 parts
}
