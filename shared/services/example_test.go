package services_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/policy"
	"github.com/facet-bff/facet/shared/services"
)

func ExampleOpen() {
	catalog := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, `{"path":%q}`, r.URL.Path)
	}))
	defer catalog.Close()

	running, err := services.Open(
		services.Config{Services: map[string]policy.Service{ // which is read from a file, usually
			"catalog": {
				URL: catalog.URL, Timeout: policy.TimeoutConfig{Default: time.Second},
				Connections: backend.Connections{MaxResponse: 1 << 20, MaxConns: 4, MaxIdleConns: 4, DialTimeout: time.Second},
			},
		}},
		services.Options{Metrics: observe.NewMetrics("example")},
	)
	if err != nil {
		panic(err)
	}
	defer running.Close()

	res, err := running.Calls().Get("catalog").Send(context.Background(), &backend.Request{
		Op: "product", Method: http.MethodGet, Path: "/products/p1", Safe: true,
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(string(res.Body))
	// Output: {"path":"/products/p1"}
}
