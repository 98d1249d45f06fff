package balance_test

import (
	"errors"
	"fmt"

	"github.com/facet-bff/facet/shared/discover"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/policy/balance"
)

// A call that fails, and its retry, which goes elsewhere.
func Example() {
	b := balance.New("catalog", balance.Config{Strategy: "round_robin"}, observe.NewMetrics("example"),
		discover.At("http://a:8080", "http://b:8080"))

	var tried balance.Tried
	for _, outcome := range []error{&fault.Error{Kind: fault.Broken, Err: errors.New("it broke off")}, nil} {
		call, _ := b.Begin(&tried)
		call.End(outcome)
		call.Leave()
		fmt.Println(call.URL(), outcome)
	}
	list, _ := b.State()
	fmt.Println(list[0].URL, "has failed", list[0].Failures, "time in a row")
	// Output:
	// http://a:8080 error: it broke off
	// http://b:8080 <nil>
	// http://a:8080 has failed 1 time in a row
}
