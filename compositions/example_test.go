package compositions_test

import (
	"fmt"

	shop "github.com/facet-bff/facet/compositions"
	"github.com/facet-bff/facet/compositions/catalog"
	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/compose"
)

// A gateway composes what it needs of the vocabulary; services that it does not call need
// not be there.
func Example() {
	b := shop.NewBackends(backend.NewServices())
	graph := compose.Define("title", func(sku compose.Node[catalog.SKU]) compose.Node[string] {
		item := compose.Call("item", sku, b.Catalog.Product)
		return compose.Map(item, func(p catalog.Product) string { return p.Title })
	})
	for _, step := range graph.Plan().Steps {
		fmt.Println(step.Name, "calls", step.Backend, step.Op)
	}
	// Output: item calls catalog product
}
