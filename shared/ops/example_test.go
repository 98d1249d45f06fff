package ops_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/ops"
)

func ExampleNewHandler() {
	handler := ops.NewHandler(ops.Gateway{
		Registry: observe.NewMetrics("bff-example").Registry(),
		Checks: []ops.Check{
			{Name: "serving", Ready: func() error { return nil }},
			{Name: "identity", Ready: func() error { return errors.New("the keys are not there yet") }},
		},
	})
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	fmt.Print(w.Code, "\n", w.Body)
	// Output:
	// 503
	// serving: ok
	// identity: the keys are not there yet
}
