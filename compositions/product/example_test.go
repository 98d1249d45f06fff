package product_test

import (
	"fmt"

	shop "github.com/facet-bff/facet/compositions"
	"github.com/facet-bff/facet/compositions/catalog"
	"github.com/facet-bff/facet/compositions/inventory"
	"github.com/facet-bff/facet/compositions/product"
	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/compose"
)

// The fragment has nine steps. A page whose shape reads two of its parts pays for two.
func ExampleNew() {
	b := shop.NewBackends(backend.NewServices())
	graph := compose.Define("badge", func(sku compose.Node[catalog.SKU]) compose.Node[string] {
		p := product.New(b, sku)
		return compose.Join2(p.Item, p.Stock, badge)
	})
	for _, step := range graph.Plan().Steps {
		fmt.Println(step.Name, step.Required)
	}
	// Output:
	// item true
	// stock false
}

func badge(item catalog.Product, stock compose.Result[inventory.Stock]) string {
	if !stock.OK() {
		return item.Title
	}
	return fmt.Sprintf("%s (%d)", item.Title, stock.Value.Available)
}
