package route_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/config"
	"github.com/facet-bff/facet/shared/route"
)

func Example() {
	settings, err := config.Load[struct {
		Routes []route.Config `yaml:"routes"`
	}](config.Sources{Default: []byte(`
routes:
  - name: assets
    service: catalog
    match: {prefix: /assets}
    rewrite: /static/{rest}
    access: public
    query: [w, h]
`)})
	if err != nil {
		fmt.Println(err)
		return
	}
	catalog := backend.NewService("catalog", func(_ context.Context, req *backend.Request) (*backend.Response, error) {
		return &backend.Response{Status: http.StatusOK, Body: []byte("catalog was asked for " + req.Path)}, nil
	})
	table, err := route.New(settings.Routes, backend.NewServices(catalog), nil)
	if err != nil {
		fmt.Println(err)
		return
	}

	r := httptest.NewRequest(http.MethodGet, "/assets/lamp.webp?w=300&tracking=1", nil)
	w := httptest.NewRecorder()
	found, err := table.Match(r)
	if err != nil || found == nil {
		fmt.Println("no route:", err)
		return
	}
	if err := found.Serve(echo.New().NewContext(r, w)); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(found.Name(), found.Access(), w.Code)
	fmt.Println(w.Body)
	// Output:
	// assets public 200
	// catalog was asked for /static/lamp.webp?w=300
}
