package shape_test

import (
	"fmt"

	"github.com/facet-bff/facet/shared/shape"
)

// A shape is compiled once, and runs on every answer.
func Example() {
	card := shape.Must(
		shape.Keep("id", "full_name", "address.city", "orders.order_id"),
		shape.Rename("full_name", "name"),
		shape.Default("tier", `"basic"`),
		shape.Camel(),
	)
	out, err := card.Append(nil, []byte(`{
		"id": 12345678901234567890, "full_name": "Ada", "password": "secret",
		"address": {"city": "London", "zip": "SW1Y"},
		"orders": [{"order_id": 1, "note": ""}, {"order_id": 2}]
	}`))
	fmt.Println(string(out), err)

	_, err = card.Append(nil, []byte(`{"id": 1, "password": {"\u0061": 1, "a": 2}}`))
	fmt.Println(err)
	// Output:
	// {"id":12345678901234567890,"name":"Ada","address":{"city":"London"},"orders":[{"orderId":1},{"orderId":2}],"tier":"basic"} <nil>
	// shape: invalid JSON at byte 36 in "/password": an object has two members of this name
}

// What a type does not name need not be decoded, nor cached.
func ExampleOf() {
	type line struct {
		SKU string `json:"sku"`
	}
	type cart struct {
		Lines []line         `json:"lines"`
		Meta  map[string]any `json:"meta"`
	}
	out, err := shape.Of[cart]().Append(nil, []byte(
		`{"lines":[{"sku":"A-1","stock":3},{"sku":"B-2","stock":0}],"meta":{"x":{"y":1}},"audit":[1,2,3]}`))
	fmt.Println(string(out), err)
	// Output:
	// {"lines":[{"sku":"A-1"},{"sku":"B-2"}],"meta":{"x":{"y":1}}} <nil>
}

// Several answers become one, without a copy in between.
func ExampleObject() {
	o := shape.NewObject(nil)
	o.Project("user", shape.Must(shape.Keep("name")), []byte(`{"id":7,"name":"Ada"}`))
	o.Group("shop")
	o.Project("orders", shape.Must(shape.Drop("customer")), []byte(`[{"id":1,"customer":7}]`))
	o.Value("promo", nil)
	o.Close()
	out, err := o.End()
	fmt.Println(string(out), err)
	// Output:
	// {"user":{"name":"Ada"},"shop":{"orders":[{"id":1}],"promo":null}} <nil>
}
