package shop

import (
	"net/http"

	"github.com/facet-bff/facet/test/shop/internal/rest"
)

const currency = "EUR"

type price struct {
	ProductID string `json:"product_id"`
	Currency  string `json:"currency"`
	Amount    int    `json:"amount_cents"`
	List      int    `json:"list_cents"` // before a reduction; never below Amount
}

// pricing is the prices' service. It never changes.
type pricing struct{ byProduct map[string]price }

func (p *pricing) routes() rest.Routes {
	return rest.Routes{
		"GET /prices/{product}": p.get,
		"GET /prices":           p.batch,
	}
}

func (p *pricing) get(w http.ResponseWriter, r *http.Request) error {
	found, ok := p.byProduct[r.PathValue("product")]
	if !ok {
		return rest.NotFound("price of product", r.PathValue("product"))
	}
	return rest.Send(w, http.StatusOK, found)
}

func (p *pricing) batch(w http.ResponseWriter, r *http.Request) error {
	ids, err := rest.Batch("product", r.URL.Query()["product"])
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		return rest.BadRequest("parameter product is missing")
	}
	return rest.Send(w, http.StatusOK, existing(p.byProduct, ids))
}

// newPricing prices every product within the range of its shelf, but for one in a hundred
// that somebody forgot. A quarter is reduced.
func newPricing(products []product) *pricing {
	random := stream("pricing")
	forgotten := onePercent(random)
	p := &pricing{byProduct: make(map[string]price, len(products))}
	for _, item := range products {
		euros := item.shelf.low + random.IntN(item.shelf.high-item.shelf.low+1)
		list := euros*100 - 1
		amount := list
		if random.IntN(4) == 0 {
			amount = list * (70 + random.IntN(25)) / 100
		}
		if !forgotten[item.ID] {
			p.byProduct[item.ID] = price{item.ID, currency, amount, list}
		}
	}
	return p
}
