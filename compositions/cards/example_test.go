package cards_test

import (
	"fmt"

	shop "github.com/facet-bff/facet/compositions"
	"github.com/facet-bff/facet/compositions/cards"
	"github.com/facet-bff/facet/compositions/catalog"
	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/compose"
)

// However long the list is, it costs one batch of each service; prices may be missing.
func ExampleNew() {
	b := shop.NewBackends(backend.NewServices())
	graph := compose.Define("cards", func(skus compose.Node[[]catalog.SKU]) compose.Node[[]cards.Card] {
		return cards.New(b, "feed", skus)
	})
	for _, step := range graph.Plan().Steps {
		fmt.Println(step.Name, step.Kind, step.Backend, step.Required)
	}
	// Output:
	// feed_items batch catalog true
	// feed_prices batch pricing false
}
