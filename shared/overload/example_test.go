package overload_test

import (
	"fmt"
	"net/http"

	"github.com/facet-bff/facet/shared/overload"
)

// printer watches a limiter.
type printer struct{}

func (printer) Refused(priority string) { fmt.Println("refused:", priority) }
func (printer) LimitChanged(limit int)  { fmt.Println("limit:", limit) }

func Example() {
	limiter := overload.New(&overload.Config{Min: 2, Max: 2, Initial: 2, Tolerance: 1.5}, printer{})
	home := limiter.NewGate(overload.Read)
	request, _ := http.NewRequest(http.MethodGet, "/v1/home", nil)

	first, err := home.Enter(request)
	fmt.Println("first:", err)
	_, err = home.Enter(request) // one of two places is kept for writes
	fmt.Println("second:", err)
	first.Leave(overload.Whole)
	_, err = home.Enter(request)
	fmt.Println("third:", err)
	// Output:
	// limit: 2
	// first: <nil>
	// refused: read
	// second: shed: Retry-After says when to ask again.
	// third: <nil>
}
