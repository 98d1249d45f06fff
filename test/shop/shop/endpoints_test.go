package shop_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/facet-bff/facet/test/shop/shop"
)

// endpoints calls every endpoint, and the mistakes that each must refuse, in this order.
var endpoints = []struct {
	server, method, path, body string
	status                     int
	want                       string // part of the body
}{
	{"users", "GET", "/users/u1", "", 200, `{"id":"u1","name":"Ada Lovelace","email":"ada@example.com","segment":"gold"`},
	{"users", "GET", "/users/u501", "", 404, `{"error":"no user \"u501\""}`},
	{"users", "GET", "/users?ids=u1,u999,u2", "", 200, `Grace Hopper`},
	{"users", "GET", "/users", "", 400, `"error"`},
	{"users", "GET", "/users?ids=" + strings.Repeat("u1,", 100) + "u2", "", 400, `at most 100`},
	{"users", "GET", "/nowhere", "", 404, `{"error":"not found"}`},
	{"users", "POST", "/users", "", 405, `{"error":"method not allowed"}`},

	{"catalog", "GET", "/products/p1", "", 200, `"images":[{"path":"/assets/products/p1-1.svg"`},
	{"catalog", "GET", "/products/p2001", "", 404, `"error"`},
	{"catalog", "GET", "/products?ids=p3,p1", "", 200, `[{"id":"p3"`},
	{"catalog", "GET", "/listing?offset=1998&limit=500", "", 200, `{"ids":["p1999","p2000"],"total":2000}`},
	{"catalog", "GET", "/listing?limit=501", "", 400, `at most 500`},
	{"catalog", "GET", "/search?q=headphones&sort=title&limit=1", "", 200, `"facets":{"category":[{"value":"headphones"`},
	{"catalog", "GET", "/search?sort=price", "", 400, `relevance, title or newest`},
	{"catalog", "GET", "/categories", "", 200, `{"id":"audio","name":"Audio","children":[{"id":"headphones"`},
	{"catalog", "GET", "/categories/headphones", "", 200, `{"id":"headphones","name":"Headphones","path":[{"id":"electronics"`},
	{"catalog", "GET", "/categories/nope", "", 404, `"error"`},
	{"catalog", "GET", "/feed?segment=gold", "", 200, `{"segment":"gold","ids":["p`},
	{"catalog", "GET", "/feed?segment=pewter", "", 400, `"error"`},
	{"catalog", "GET", "/assets/products/p1-1.svg", "", 200, `<svg `},
	{"catalog", "GET", "/assets/products/p1-9.svg", "", 404, `"error"`},
	{"catalog", "GET", "/assets/promotions/1.svg", "", 200, `<svg `},
	{"catalog", "GET", "/assets/promotions/x.svg", "", 404, `"error"`},

	{"pricing", "GET", "/prices/p1", "", 200, `{"product_id":"p1","currency":"EUR","amount_cents":`},
	{"pricing", "GET", "/prices/p0", "", 404, `"error"`},
	{"pricing", "GET", "/prices?product=p2&product=p1", "", 200, `[{"product_id":"p2"`},
	{"pricing", "GET", "/prices", "", 400, `"error"`},

	{"inventory", "GET", "/stock/p1", "", 200, `{"item":"p1","available":`},
	{"inventory", "GET", "/stock/p0", "", 404, `"error"`},
	{"inventory", "GET", "/stock?item=p2,p1", "", 200, `[{"item":"p2"`},
	{"inventory", "GET", "/stock", "", 400, `"error"`},

	{"reviews", "GET", "/products/p1/reviews?limit=1", "", 200, `{"items":[{"id":"r`},
	{"reviews", "GET", "/products/p1/reviews?sort=rude", "", 400, `newest or helpful`},
	{"reviews", "GET", "/products/px/reviews", "", 404, `"error"`},
	{"reviews", "GET", "/products/p1/summary", "", 200, `{"product_id":"p1","average":`},
	{"reviews", "GET", "/products/p2000/summary", "", 200, `"average":0,"count":0,"histogram":[0,0,0,0,0]}`},
	{"reviews", "GET", "/products/p01/summary", "", 404, `"error"`},
	{"reviews", "GET", "/users/u1/reviews?limit=2", "", 200, `"user_id":"u1"`},
	{"reviews", "GET", "/users/nobody/reviews", "", 404, `"error"`},

	{"carts", "GET", "/carts/u1", "", 200, `{"user_id":"u1","items":[{"product":"p`},
	{"carts", "GET", "/carts/stranger", "", 200, `{"user_id":"stranger","items":[],"version":0`},
	{"carts", "PUT", "/carts/new/items/p1", `{"quantity":2}`, 200, `{"product":"p1","quantity":2,`},
	{"carts", "PUT", "/carts/new/items/p2", `{"quantity":99}`, 200, `"version":2`},
	{"carts", "PUT", "/carts/new/items/p2", `{"quantity":99}`, 200, `"version":2`},
	{"carts", "PUT", "/carts/new/items/p2", `{"quantity":100}`, 422, `"error"`},
	{"carts", "PUT", "/carts/new/items/p2", `{"quantity":-1}`, 422, `"error"`},
	{"carts", "PUT", "/carts/new/items/p2", `{}`, 422, `"error"`},
	{"carts", "PUT", "/carts/new/items/p2", `{"quantity":1,"gift":true}`, 400, `"error"`},
	{"carts", "PUT", "/carts/new/items/p9999", `{"quantity":1}`, 404, `"error"`},
	{"carts", "PUT", "/carts/new/items/p2", `{"quantity":0}`, 200, `"version":3`},
	{"carts", "DELETE", "/carts/new/items/p1", "", 200, `{"user_id":"new","items":[],"version":4`},
	{"carts", "DELETE", "/carts/u1", "", 204, ``},
	{"carts", "GET", "/carts/u1", "", 200, `"items":[]`},

	{"orders", "GET", "/orders/o5000", "", 200, `{"id":"o5000","user_id":"u1"`},
	{"orders", "GET", "/orders/o5001", "", 404, `"error"`},
	{"orders", "GET", "/orders?user=u1&limit=1", "", 200, `{"orders":[{"id":"o5000"`},
	{"orders", "GET", "/orders?status=lost", "", 400, `"error"`},
	{"orders", "GET", "/orders?from=yesterday", "", 400, `"error"`},
	{"orders", "GET", "/orders?from=2030-01-01", "", 200, `{"orders":[],"total":0}`},
	{"orders", "GET", "/orders?to=2000-01-01T00:00:00Z", "", 200, `{"orders":[],"total":0}`},
	{"orders", "GET", "/orders?limit=101", "", 400, `"error"`},
	{"orders", "POST", "/orders", `{"user_id":"u1","lines":[],"currency":"EUR"}`, 422, `at least one line`},
	{"orders", "POST", "/orders", `{"user_id":"u1","lines":[{"product":"p1","quantity":0,"unit_cents":1}],"currency":"EUR"}`, 422, `line 1: quantity`},
	{"orders", "POST", "/orders", `{"user_id":"u1","lines":[{"product":"p1","quantity":1,"unit_cents":-1}],"currency":"EUR"}`, 422, `line 1: unit_cents`},
	{"orders", "POST", "/orders", `{"user_id":"u1","lines":[{"product":"q","quantity":1,"unit_cents":1}],"currency":"EUR"}`, 422, `no product`},
	{"orders", "POST", "/orders", `{"user_id":"who","lines":[],"currency":"EUR"}`, 422, `no user`},
	{"orders", "POST", "/orders", `{"user_id":"u1","lines":[],"currency":"XXX"}`, 422, `currency`},
	{"orders", "POST", "/orders", `{`, 400, `"error"`},
	{"orders", "POST", "/orders", `{"user_id":"u1","lines":[{"product":"p1","quantity":2,"unit_cents":150}],"currency":"EUR"}`, 201,
		`{"id":"o5001","user_id":"u1","status":"placed","lines":[{"product":"p1","quantity":2,"unit_cents":150}],"total_cents":300`},
	{"orders", "GET", "/orders?limit=1", "", 200, `{"orders":[{"id":"o5001"`},

	{"recommendations", "GET", "/recommendations/p1", "", 200, `{"product":"p1","items":["p`},
	{"recommendations", "GET", "/recommendations/p0", "", 404, `"error"`},
	{"recommendations", "GET", "/recommendations/users/u1", "", 200, `{"user":"u1","items":["p`},
	{"recommendations", "GET", "/recommendations/users/u0", "", 404, `"error"`},

	{"promotions", "GET", "/promo_service/v1/promos?customer_no=u1&seg_cd=gold", "", 200, `"cust_seg":"G"`},
	{"promotions", "GET", "/promo_service/v1/promos?customer_no=u1&seg_cd=S", "", 200, `"ret_cd":0,"ret_msg":"OK"}`},
	{"promotions", "GET", "/promo_service/v1/promos", "", 200, `{"promo_list":[],"ret_cd":17`},
	{"promotions", "GET", "/promo_service/v1/promos?customer_no=u1&seg_cd=X", "", 200, `{"promo_list":[],"ret_cd":21`},

	{"idp", "GET", "/.well-known/openid-configuration", "", 200, `/keys"`},
	{"idp", "GET", "/keys", "", 200, `"kid"`},
	{"idp", "GET", "/demo/token", "", 200, `ey`},
}

func TestEndpoints(t *testing.T) {
	running := start(t)
	for _, tt := range endpoints {
		got := must(t, tt.method, running.URL(tt.server)+tt.path, tt.body)
		if got.status != tt.status || !strings.Contains(got.body, tt.want) {
			t.Errorf("%s %s %s %s: got %d %.300s\nwant %d %s", tt.server, tt.method, tt.path, tt.body,
				got.status, got.body, tt.status, tt.want)
		}
		if tt.status >= 400 && got.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %s: the error is %q", tt.method, tt.path, got.header.Get("Content-Type"))
		}
	}
	expectEveryRouteCounted(t, running)
}

// expectEveryRouteCounted proves both the counts and that the table above is complete.
func expectEveryRouteCounted(t *testing.T, running *shop.Running) {
	t.Helper()
	var report struct {
		Total int `json:"total"`
		Calls []struct {
			Service string `json:"service"`
			Method  string `json:"method"`
			Pattern string `json:"pattern"`
			Count   int    `json:"count"`
		} `json:"calls"`
	}
	body := must(t, "GET", running.URL("control")+"/calls", "").body
	if err := json.Unmarshal([]byte(body), &report); err != nil {
		t.Fatal(err)
	}
	want := 0
	for _, tt := range endpoints {
		if tt.server != "idp" {
			want++
		}
	}
	if report.Total != want {
		t.Errorf("counted %d calls, made %d", report.Total, want)
	}
	counted := map[string]bool{}
	for _, c := range report.Calls {
		counted[c.Service+" "+c.Method+" "+c.Pattern] = true
	}
	for _, route := range shop.AllRoutes() {
		if !counted[route] {
			t.Errorf("never called: %s", route)
		}
	}
}

func TestImageIsConditional(t *testing.T) {
	url := start(t, "catalog").URL("catalog") + "/assets/products/p1-1.svg"
	full := must(t, "GET", url, "")
	if full.header.Get("Content-Type") != "image/svg+xml" ||
		full.header.Get("Cache-Control") != "public, max-age=3600" || full.header.Get("ETag") == "" {
		t.Errorf("headers: %v", full.header)
	}
	if head := must(t, "HEAD", url, ""); head.status != 200 || head.body != "" {
		t.Errorf("HEAD: %d %q", head.status, head.body)
	}
	request, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("If-None-Match", full.header.Get("ETag"))
	if again, err := do(request); err != nil || again.status != 304 || again.body != "" {
		t.Errorf("conditional: %d %q %v", again.status, again.body, err)
	}
}

func TestPlacedOrderHasLocation(t *testing.T) {
	url := start(t, "orders").URL("orders")
	placed := must(t, "POST", url+"/orders", `{"user_id":"u2","currency":"EUR",
		"lines":[{"product":"p1","quantity":1,"unit_cents":5}],
		"ship_to":{"street":"Elsewhere 1","city":"Oslo","postcode":"0150","country":"NO"}}`)
	found := must(t, "GET", url+placed.header.Get("Location"), "")
	if found.status != 200 || found.body != placed.body || !strings.Contains(found.body, "Oslo") {
		t.Errorf("placed %s\nfound %s", placed.body, found.body)
	}
}

func TestPromotionsSurroundToday(t *testing.T) {
	url := start(t, "promotions").URL("promotions")
	var reply struct {
		List []struct {
			From string `json:"valid_from"`
			To   string `json:"valid_to"`
		} `json:"promo_list"`
	}
	body := must(t, "GET", url+"/promo_service/v1/promos?customer_no=u1", "").body
	if err := json.Unmarshal([]byte(body), &reply); err != nil || len(reply.List) == 0 {
		t.Fatalf("%v: %s", err, body)
	}
	for _, p := range reply.List {
		from, fromErr := time.Parse("02.01.2006 15:04", p.From)
		to, toErr := time.Parse("02.01.2006 15:04", p.To)
		if now := time.Now(); fromErr != nil || toErr != nil || now.Before(from) || now.After(to) {
			t.Errorf("valid from %q to %q", p.From, p.To)
		}
	}
}
