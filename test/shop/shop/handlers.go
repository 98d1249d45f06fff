package shop

import (
	"fmt"
	"net/http"

	"github.com/facet-bff/facet/test/shop/faults"
	"github.com/facet-bff/facet/test/shop/idp"
	"github.com/facet-bff/facet/test/shop/internal/rest"
)

// newHandlers makes the handler of every server that has a URL.
func newHandlers(urls map[string]string) (map[string]http.Handler, error) {
	customers := newUsers()
	services := newServices(customers)
	var names []string
	for name := range services {
		if urls[name] != "" {
			names = append(names, name)
		}
	}
	set, calls := faults.NewSet(names...), &faults.Calls{}
	handlers := map[string]http.Handler{"control": faults.Control(set, calls)}
	for _, name := range names {
		handlers[name] = newHandler(name, services[name], set, calls)
	}
	if issuer := urls["idp"]; issuer != "" {
		provider, err := idp.New(issuer, customers.accounts())
		if err != nil {
			return nil, fmt.Errorf("identity provider: %w", err)
		}
		handlers["idp"] = provider
	}
	return handlers, nil
}

// newHandler serves routes, counted and then faulted; the health check is neither.
func newHandler(name string, routes rest.Routes, set *faults.Set, calls *faults.Calls) http.Handler {
	mux := routes.Mux()
	outer := rest.Routes{"GET /healthz": rest.Healthy}.Mux()
	outer.Handle("/", calls.Count(name, mux, set.Inject(name, rest.Unmatched(mux))))
	return outer
}

// newServices fills every service with new data.
func newServices(customers *users) map[string]rest.Routes {
	assortment := newCatalog()
	prices := newPricing(assortment.products)
	return map[string]rest.Routes{
		"users":           customers.routes(),
		"catalog":         assortment.routes(),
		"pricing":         prices.routes(),
		"inventory":       newInventory().routes(),
		"reviews":         newReviews().routes(),
		"carts":           newCarts().routes(),
		"orders":          newOrders(customers, prices).routes(),
		"recommendations": new(recommendations).routes(),
		"promotions":      newPromotions().routes(),
	}
}
