package endpoint_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/compose"
	"github.com/facet-bff/facet/shared/endpoint"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/identity/access"
	"github.com/facet-bff/facet/shared/observe"
)

type greetingRequest struct {
	Name  string `param:"name" validate:"max=10"`
	Times int    `query:"times" default:"1" validate:"min=1,max=3"`
}

type greetingView struct {
	Lines []string `json:"lines"`
}

// greeting is the composition of an endpoint that calls nobody.
func greeting(struct{}) *compose.Graph[greetingRequest, greetingView] {
	return compose.Define("greeting", func(in compose.Node[greetingRequest]) compose.Node[greetingView] {
		return compose.Map(in, func(r greetingRequest) (view greetingView) {
			for range r.Times {
				view.Lines = append(view.Lines, "Hello, "+r.Name)
			}
			return view
		})
	})
}

// A table is mounted once per generation; package gateway does it, and renders errors.
func ExampleTable_Mount() {
	table := endpoint.Table[struct{}]{
		endpoint.GET("/v1/greetings/{name}", access.Public, greeting, endpoint.Budget(time.Second)),
	}
	router := echo.New()
	router.HTTPErrorHandler = func(err error, _ echo.Context) { fmt.Println(fault.From(err).Fields) }
	for _, e := range table.Mount(struct{}{}, endpoint.Env{
		Config:  endpoint.Config{CompressFrom: 1024},
		Metrics: observe.NewMetrics("example"), Log: slog.New(slog.DiscardHandler),
	}) {
		router.Add(e.Method, e.EchoPath(), e.Handler)
	}
	for _, target := range []string{"/v1/greetings/Ada?times=2", "/v1/greetings/Ada?times=9"} {
		w := httptest.NewRecorder()
		router.ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, nil))
		fmt.Print(w.Body)
	}
	// Output:
	// {"lines":["Hello, Ada","Hello, Ada"]}[{query  times must be at most 3}]
}
