package e2e_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// A visit is one request that must succeed, with some of what the answer must hold: by
// path, the value, or any for one that must only be there.
type visit struct {
	gateway, method, path string
	token                 string // its query; empty for none
	body                  string
	status                int
	want                  map[string]any
}

// something stands for any value but null and what is empty.
const something = "(something)"

// visits are all endpoints of the three gateways. The carts are those of u11 and u12.
var visits = []visit{
	{"bff-mobile", "GET", "/v1/home", "user=u1", "", 200, map[string]any{
		"greeting": "Hi Ada", "banners.0.title": something, "feed.0.sku": something, "feed.0.price.cents": something, "for_you.0.sku": something,
	}},
	{"bff-mobile", "GET", "/v1/products/p42", "", "", 200, map[string]any{
		"sku": "p42", "title": something, "images.0": "/assets/products/p42-1.svg", "price.currency": "EUR", "in_stock": something,
	}},
	{"bff-mobile", "GET", "/v1/search?q=headphones&limit=2", "", "", 200, map[string]any{
		"total": something, "next": 2.0, "items.0.sku": something, "items.0.title": something,
	}},
	{"bff-mobile", "GET", "/v1/orders?limit=2", "user=u1", "", 200, map[string]any{
		"total": something, "next": 2.0, "orders.0.id": something, "orders.0.title": something,
	}},
	{"bff-mobile", "GET", "/v1/orders/o200", "user=u1", "", 200, map[string]any{
		"id": "o200", "lines.0.sku": something, "lines.0.title": something, "total.currency": "EUR",
	}},
	{"bff-mobile", "PUT", "/v1/cart/items/p42", "user=u11", `{"quantity":2}`, 200, map[string]any{
		"items.0.sku": something, "subtotal.cents": something,
	}},
	{"bff-mobile", "GET", "/v1/cart", "user=u11", "", 200, map[string]any{
		"items.0.sku": something, "items.0.title": something, "items.0.quantity": something, "subtotal.currency": "EUR",
	}},
	{"bff-mobile", "POST", "/v1/orders", "user=u11&scope=orders:write", "", 201, map[string]any{
		"order": something, "status": "placed", "total.cents": something,
	}},
	{"bff-web", "GET", "/api/home", "", "", 200, map[string]any{
		"categories.0.name": something, "offers.0.skus.0": something, "featured.0.sku": something,
	}},
	{"bff-web", "GET", "/api/products/p42", "", "", 200, map[string]any{
		"sku": "p42", "brand": something, "breadcrumbs.0.name": something, "price.cents": something, "stock": something,
		"rating.average": something, "reviews.0.text": something, "related.0.sku": something,
	}},
	{"bff-web", "GET", "/api/search?q=headphones&size=2", "", "", 200, map[string]any{
		"items.0.sku": something, "facets.brand.0.count": something, "facets.category.0.label": something,
		"pagination.page": 1.0, "pagination.size": 2.0, "pagination.pages": something, "pagination.total": something,
	}},
	{"bff-web", "GET", "/api/account", "user=u1", "", 200, map[string]any{
		"name": "Ada Lovelace", "address.city": "London", "orders.items.0.id": something, "reviews.items.0.sku": something,
	}},
	{"bff-web", "GET", "/api/orders/o200", "user=u1", "", 200, map[string]any{
		"id": "o200", "ship_to.city": "London", "lines.0.sku": something, "lines.0.unit.cents": something,
	}},
	{"bff-web", "PUT", "/api/cart/items/p42", "user=u12", `{"quantity":2}`, 200, map[string]any{"items.0.sku": something}},
	{"bff-web", "GET", "/api/cart", "user=u12", "", 200, map[string]any{
		"items.0.sku": something, "items.0.image.src": something, "subtotal.cents": something,
	}},
	{"bff-web", "POST", "/api/orders", "user=u12&scope=orders:write", "", 201, map[string]any{
		"order": something, "status": "placed", "ship_to.street": something,
	}},
	{"bff-admin", "GET", "/v1/customers/u1", "user=u2&role=support", "", 200, map[string]any{
		"profile.email": "ada@example.com", "orders.items.0.id": something, "cart.items.0.sku": something, "reviews.items.0.sku": something,
	}},
	{"bff-admin", "GET", "/v1/orders?user=u1&status=delivered&limit=5", "user=u2&role=support", "", 200, map[string]any{
		"limit": 5.0, "orders.0.status": "delivered", "orders.0.customer.name": "Ada Lovelace", "orders.0.lines.0.sku": something,
	}},
	{"bff-admin", "GET", "/v1/catalog/health", "user=u2&role=support", "", 200, map[string]any{
		"total": 2000.0, "checked": 500.0, "without_price.known": true, "without_price.skus.0": something, "without_image.skus.0": something,
	}},
}

func TestEveryEndpoint(t *testing.T) {
	running := map[string]*gateway{}
	for _, name := range []string{"bff-mobile", "bff-web", "bff-admin"} {
		running[name] = start(t, name, each(name, "TIMEOUT__DEFAULT=5s")...)
	}
	visited := map[string]bool{}
	for _, v := range visits {
		path, _, _ := strings.Cut(v.path, "?")
		visited[v.gateway+" "+v.method+" "+path] = true
		t.Run(v.gateway+" "+v.method+" "+v.path, func(t *testing.T) {
			a := v.send(t, running[v.gateway])
			for try := 1; try < 5 && a.degraded() == "recommendations;reason=timeout"; try++ {
				a = v.send(t, running[v.gateway]) // 2% of them take too long
			}
			check(t, v, a)
		})
	}
	if got := len(visited); got != 19 {
		t.Errorf("%d endpoints were visited, there are 19", got)
	}
}

func (v visit) options(t *testing.T) (options []option) {
	t.Helper()
	if v.token != "" {
		options = append(options, as(t, v.token))
	}
	if v.body != "" {
		options = append(options, jsonBody(v.body))
	}
	return options
}

func (v visit) send(t *testing.T, g *gateway) answer {
	t.Helper()
	return send(t, v.method, g.url+v.path, v.options(t)...)
}

func check(t *testing.T, v visit, a answer) {
	t.Helper()
	if a.status != v.status || a.header.Get("Content-Type") != "application/json" || a.header.Get("X-Request-Id") == "" {
		t.Fatalf("status %d, want %d: %v\n%.500s", a.status, v.status, a.header, a.body)
	}
	object := a.object(t)
	for path, want := range v.want {
		got := at(object, path)
		if got == nil || got == "" || want != something && got != want {
			t.Errorf("%s is %v, want %v\n%.500s", path, got, want, a.body)
		}
	}
	productsAreCalledSKU(t, object)
}

// productsAreCalledSKU looks for the services' own names of a product's id.
func productsAreCalledSKU(t *testing.T, v any) {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			if slices.Contains([]string{"product", "product_id", "productId", "item", "item_id"}, name) {
				t.Errorf("a member is called %q", name)
			}
			productsAreCalledSKU(t, member)
		}
	case []any:
		for _, element := range v {
			productsAreCalledSKU(t, element)
		}
	}
}

// The cart of a customer is written to, ordered, and then empty, in both gateways.
func TestCheckout(t *testing.T) {
	for _, test := range []struct{ gateway, base, user string }{
		{"bff-mobile", "/v1", "u21"}, {"bff-web", "/api", "u22"},
	} {
		t.Run(test.gateway, func(t *testing.T) {
			g := start(t, test.gateway)
			user := as(t, "user="+test.user+"&scope=orders:write")
			cart := send(t, http.MethodPut, g.url+test.base+"/cart/items/p7", user, jsonBody(`{"quantity":3}`))
			for _, item := range at(cart.object(t), "items").([]any) {
				if sku := at(item, "sku"); sku != "p7" {
					send(t, http.MethodPut, g.url+test.base+"/cart/items/"+sku.(string), user, jsonBody(`{"quantity":0}`))
				}
			}
			cart = ok(t, g.url+test.base+"/cart", user)
			if sku, n := at(cart.object(t), "items.0.sku"), at(cart.object(t), "items.0.quantity"); sku != "p7" || n != 3.0 {
				t.Errorf("the cart holds %v of %v", n, sku)
			}
			placed := send(t, http.MethodPost, g.url+test.base+"/orders", user)
			if placed.status != 201 || at(placed.object(t), "total.cents") != at(cart.object(t), "subtotal.cents") {
				t.Errorf("status %d: %s, but the cart was %s", placed.status, placed.body, cart.body)
			}
			if empty := ok(t, g.url+test.base+"/cart", user); !strings.Contains(empty.body, `"items":[]`) {
				t.Errorf("the cart is %s", empty.body)
			}
			if again := send(t, http.MethodPost, g.url+test.base+"/orders", user); again.status != 409 {
				t.Errorf("ordering an empty cart: status %d", again.status)
			}
			id, _ := at(placed.object(t), "order").(string)
			order := ok(t, g.url+test.base+"/orders/"+id, user).object(t)
			if sku := at(order, "lines.0.sku"); sku != "p7" {
				t.Errorf("the order is of %v", sku)
			}
		})
	}
}
