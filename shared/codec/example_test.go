package codec_test

import (
	"fmt"

	"github.com/facet-bff/facet/shared/codec"
	"github.com/facet-bff/facet/shared/shape"
)

// A decoder reads what a shape has left of an answer, and an encoder writes the next one.
func Example() {
	type product struct {
		SKU   string     `json:"sku"`
		Price float64    `json:"price"`
		Specs shape.JSON `json:"specs"`
	}
	type card struct {
		Title string     `json:"title"`
		Tags  []string   `json:"tags"`
		Specs shape.JSON `json:"specs"`
	}
	products, cards := codec.NewDecoder[product](), codec.NewEncoder[card](nil)

	src, err := shape.Of[product]().Append(nil, []byte(`{ "sku": "p1", "price": 19.99, "stock": 3, "specs": {"watts": 5.50} }`))
	if err != nil {
		fmt.Println(err)
	}
	p, err := products.Decode(src)
	fmt.Println(p.SKU, p.Price, err)

	out, err := cards.Append(nil, &card{Title: "A lamp (" + p.SKU + ")", Specs: p.Specs})
	fmt.Println(string(out), err)
	// Output:
	// p1 19.99 <nil>
	// {"title":"A lamp (p1)","tags":[],"specs":{"watts":5.50}} <nil>
}
