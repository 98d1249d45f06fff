package gateway_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/compose"
	"github.com/facet-bff/facet/shared/endpoint"
	"github.com/facet-bff/facet/shared/gateway"
	"github.com/facet-bff/facet/shared/identity/access"
)

type clock struct{}

type timeView struct {
	Time string `json:"time"`
}

func now(clock) *compose.Graph[struct{}, timeView] {
	return compose.Define("example.now", func(in compose.Node[struct{}]) compose.Node[timeView] {
		return compose.Step("now", in, func(context.Context, struct{}) (timeView, error) {
			return timeView{"12:00"}, nil
		})
	})
}

// A gateway is a definition and a configuration. A program calls Main with the
// definition; a test, or a program that embeds the gateway, assembles it itself.
func Example() {
	def := gateway.Definition[clock]{
		Name: "bff-example", Config: []byte("server: {address: 127.0.0.1:8080}"),
		Backends:  func(*backend.Services) clock { return clock{} },
		Endpoints: endpoint.Table[clock]{endpoint.GET("/v1/time", access.Public, now)},
	}
	config, err := gateway.Load(def, "", nil)
	if err != nil {
		panic(err)
	}
	g, err := gateway.New(def, config, gateway.Options{})
	if err != nil {
		panic(err)
	}
	defer g.Close()
	for _, path := range []string{"/v1/time", "/v1/place"} {
		w := httptest.NewRecorder()
		g.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		fmt.Println(w.Code, w.Header().Get("Content-Type"))
	}
	// Output:
	// 200 application/json
	// 404 application/problem+json
}
