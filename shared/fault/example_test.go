package fault_test

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"

	"github.com/facet-bff/facet/shared/fault"
)

// Whoever knows why something failed says so; those in between wrap it; the outermost
// frame logs the error and tells the client less.
func Example() {
	err := error(&fault.Error{
		Kind: fault.Unreachable, Service: "catalog", Op: "product", Err: errors.New("dial tcp 10.0.0.7:7002: connection refused"),
	})
	err = fmt.Errorf("step item: %w", err)

	f := fault.From(err)
	body, _ := json.Marshal(f.Problem("7f3a"))
	fmt.Println("log: ", err)
	fmt.Println("body:", string(body))
	// Output:
	// log:  step item: catalog.product: unreachable: dial tcp 10.0.0.7:7002: connection refused
	// body: {"type":"urn:facet:problem:unreachable","title":"A backend cannot be reached","status":502,"instance":"urn:facet:request:7f3a"}
}

func ExampleFromStatus() {
	for _, status := range []int{404, 401, 429, 503} {
		kind, exposed := fault.FromStatus(status, false)
		fmt.Println(status, kind, (&fault.Error{Kind: kind, Status: exposed}).HTTPStatus())
	}
	// Output:
	// 404 rejected 404
	// 401 refused 502
	// 429 throttled 503
	// 503 error 502
}
