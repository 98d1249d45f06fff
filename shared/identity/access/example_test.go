package access_test

import (
	"fmt"

	"github.com/facet-bff/facet/shared/identity"
	"github.com/facet-bff/facet/shared/identity/access"
)

func ExampleRule_Check() {
	rule := access.Any(access.Role("support"), access.Scope("orders:write"))
	fmt.Println(rule)
	fmt.Println(rule.Check(nil))
	fmt.Println(rule.Check(&identity.Principal{Subject: "u1"}))
	fmt.Println(rule.Check(&identity.Principal{Subject: "u1", Roles: []string{"support"}}))
	// Output:
	// any(role support, scope orders:write)
	// unauthenticated: credentials are required
	// forbidden: requires any(role support, scope orders:write)
	// <nil>
}
