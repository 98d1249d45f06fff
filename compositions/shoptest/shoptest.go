// Package shoptest is a small shop of stub services for the tests of gateways: five
// products, two customers, a few orders. It answers in the services' own forms.
package shoptest

import (
	"slices"

	"github.com/facet-bff/facet/shared/facettest"
)

// Known names of the shop.
const (
	Customer = "u1" // Ada Lovelace: has a cart, orders and reviews
	Other    = "u2" // Grace Hopper: has nothing but an order
	Order    = "o1" // of Customer
	Foreign  = "o2" // of Other
)

// object is a JSON object as a service writes it.
type object map[string]any

var errNotFound = facettest.Status(404)

// Serve adds the shop's services to a kit. What a test writes is not remembered.
func Serve(k *facettest.Kit) {
	serveUsers(k)
	serveCatalog(k)
	serveArticles(k)
	serveReviews(k)
	serveCarts(k)
	serveOrders(k)
	serveOffers(k)
}

func serveUsers(k *facettest.Kit) {
	k.Stub("users", "GET /users/{id}", func(a facettest.Args) (any, error) { return find(users, a.Path("id")) })
	k.Stub("users", "GET /users", func(a facettest.Args) (any, error) { return pick(users, a.List("ids")), nil })
}

func serveCatalog(k *facettest.Kit) {
	k.Stub("catalog", "GET /products/{id}", func(a facettest.Args) (any, error) { return find(products, a.Path("id")) })
	k.Stub("catalog", "GET /products", func(a facettest.Args) (any, error) { return pick(products, a.List("ids")), nil })
	k.Stub("catalog", "GET /listing", func(facettest.Args) (any, error) { return object{"ids": keys(products), "total": len(products)}, nil })
	k.Stub("catalog", "GET /feed", func(facettest.Args) (any, error) { return object{"ids": []string{"p2", "p1", "p2"}}, nil })
	k.Stub("catalog", "GET /search", func(facettest.Args) (any, error) {
		return object{"ids": []string{"p1", "p3"}, "total": 40, "facets": object{
			"category": []object{{"value": "tea", "label": "Tea", "count": 30}},
			"brand":    []object{{"value": "Leaf", "label": "Leaf", "count": 25}},
		}}, nil
	})
	k.Stub("catalog", "GET /categories", func(facettest.Args) (any, error) {
		return []object{{"id": "kitchen", "name": "Kitchen", "children": []object{{"id": "tea", "name": "Tea", "children": []object{}}}}}, nil
	})
	k.Stub("catalog", "GET /categories/{id}", func(a facettest.Args) (any, error) {
		if a.Path("id") != "tea" {
			return nil, errNotFound
		}
		return object{"id": "tea", "name": "Tea", "path": []object{{"id": "kitchen", "name": "Kitchen"}, {"id": "tea", "name": "Tea"}}}, nil
	})
}

func serveArticles(k *facettest.Kit) {
	k.Stub("pricing", "GET /prices/{product}", func(a facettest.Args) (any, error) { return find(prices, a.Path("product")) })
	k.Stub("pricing", "GET /prices", func(a facettest.Args) (any, error) { return pick(prices, a.List("product")), nil })
	k.Stub("inventory", "GET /stock/{item}", func(a facettest.Args) (any, error) { return find(stocks, a.Path("item")) })
	k.Stub("inventory", "GET /stock", func(a facettest.Args) (any, error) { return pick(stocks, a.List("item")), nil })
}

func serveReviews(k *facettest.Kit) {
	page := object{"items": []object{review}, "total": 7}
	k.Stub("reviews", "GET /products/{id}/reviews", func(facettest.Args) (any, error) { return page, nil })
	k.Stub("reviews", "GET /users/{id}/reviews", func(facettest.Args) (any, error) { return page, nil })
	k.Stub("reviews", "GET /products/{id}/summary", func(a facettest.Args) (any, error) {
		return object{"product_id": a.Path("id"), "average": 4.5, "count": 2, "histogram": []int{0, 0, 0, 1, 1}}, nil
	})
}

func serveCarts(k *facettest.Kit) {
	cart := func(user string, quantity int) object {
		items := []object{{"product": "p1", "quantity": quantity, "added_at": day}, {"product": "p3", "quantity": 1, "added_at": day}}
		if user != Customer {
			items = []object{}
		}
		return object{"user_id": user, "items": items, "version": 3, "updated_at": day}
	}
	k.Stub("carts", "GET /carts/{user}", func(a facettest.Args) (any, error) { return cart(a.Path("user"), 2), nil })
	k.Stub("carts", "DELETE /carts/{user}", func(facettest.Args) (any, error) { return nil, nil })
	k.Stub("carts", "PUT /carts/{user}/items/{product}", func(a facettest.Args) (any, error) {
		var change struct {
			Quantity int `json:"quantity"`
		}
		err := a.Decode(&change)
		return cart(a.Path("user"), change.Quantity), err
	})
}

func serveOrders(k *facettest.Kit) {
	k.Stub("orders", "GET /orders/{id}", func(a facettest.Args) (any, error) { return find(orders, a.Path("id")) })
	k.Stub("orders", "GET /orders", func(facettest.Args) (any, error) {
		return object{"orders": pick(orders, keys(orders)), "total": 12}, nil
	})
	k.Stub("orders", "POST /orders", func(a facettest.Args) (any, error) {
		draft := object{}
		if err := a.Decode(&draft); err != nil {
			return nil, err
		}
		draft["id"], draft["status"], draft["placed_at"], draft["total_cents"] = "o9", "placed", day, 1700
		return draft, nil
	})
}

func serveOffers(k *facettest.Kit) {
	k.Stub("recommendations", "GET /recommendations/{product}", func(facettest.Args) (any, error) {
		return object{"items": []string{"p3", "p4"}}, nil
	})
	k.Stub("promotions", "GET /promo_service/v1/promos", func(facettest.Args) (any, error) {
		return object{"ret_cd": 0, "ret_msg": "OK", "promo_list": []object{{
			"promo_id": 12, "promo_ttl": "Autumn sale", "promo_txt": "Tea at half price", "img_url": "/assets/promotions/12.svg",
			"valid_from": "01.11.2026 00:00", "valid_to": "30.11.2026 23:59", "sku_list": "p1;p2",
			"internal_margin_pct": 12.5, "created_by": "batch_07",
		}}}, nil
	})
}

func find(things map[string]object, id string) (any, error) {
	if thing, ok := things[id]; ok {
		return thing, nil
	}
	return nil, errNotFound
}

func pick(things map[string]object, ids []string) []object {
	picked := []object{}
	for _, id := range ids {
		if thing, ok := things[id]; ok {
			picked = append(picked, thing)
		}
	}
	return picked
}

func keys(things map[string]object) []string {
	var ids []string
	for id := range things {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}
