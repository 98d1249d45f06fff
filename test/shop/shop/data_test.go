package shop

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// AllRoutes lists "service METHOD /pattern" for the tests outside the package.
func AllRoutes() []string {
	var all []string
	for service, routes := range newServices(newUsers()) {
		for pattern := range routes {
			all = append(all, service+" "+pattern)
		}
	}
	return all
}

// world is everything that is generated.
type world struct {
	Users      *users
	Catalog    *catalog
	Pricing    *pricing
	Inventory  *inventory
	Reviews    *reviews
	Carts      *carts
	Orders     *orders
	Promotions *promotions
}

// theWorld is shared by the tests that only read it.
var theWorld = sync.OnceValue(newWorld)

func newWorld() world {
	w := world{Users: newUsers(), Catalog: newCatalog(), Inventory: newInventory(), Reviews: newReviews(),
		Carts: newCarts(), Promotions: newPromotions()}
	w.Pricing = newPricing(w.Catalog.products)
	w.Orders = newOrders(w.Users, w.Pricing)
	return w
}

func TestDataIsTheSameEveryTime(t *testing.T) {
	a, b := theWorld(), newWorld()
	for i := range reflect.TypeFor[world]().NumField() {
		x, y := reflect.ValueOf(a).Field(i), reflect.ValueOf(b).Field(i)
		if !reflect.DeepEqual(x.Interface(), y.Interface()) {
			t.Errorf("%s differ", reflect.TypeFor[world]().Field(i).Name)
		}
	}
}

func TestAmounts(t *testing.T) {
	w := theWorld()
	shelves, roots := 0, w.Catalog.categories.roots
	for _, root := range roots {
		for _, aisle := range root.Children {
			shelves += len(aisle.Children)
		}
	}
	posted := 0
	for _, list := range w.Reviews.byProduct {
		posted += len(list)
	}
	bare := 0
	for _, p := range w.Catalog.products {
		if len(p.Images) == 0 {
			bare++
		}
	}
	got := map[string]int{
		"roots": len(roots), "shelves": shelves, "products": len(w.Catalog.products),
		"users": len(w.Users.list), "orders": len(w.Orders.list), "reviews": posted,
		"without price": productCount - len(w.Pricing.byProduct),
		"without stock": productCount - len(w.Inventory.byItem),
		"without image": bare,
	}
	want := map[string]int{
		"roots": 6, "shelves": 30, "products": 2000, "users": 500, "orders": 5000, "reviews": 20000,
		"without price": 20, "without stock": 20, "without image": 20,
	}
	for what, n := range want {
		if got[what] != n {
			t.Errorf("%s: %d, want %d", what, got[what], n)
		}
	}
}

func TestProductsAreWhole(t *testing.T) {
	c := theWorld().Catalog
	for _, p := range c.products {
		sentences := strings.Count(p.Description, ".")
		switch {
		case sentences < 2 || sentences > 4:
			t.Errorf("%s: %d sentences: %s", p.ID, sentences, p.Description)
		case len(c.categories.path[p.CategoryID]) != 3:
			t.Errorf("%s: category %q", p.ID, p.CategoryID)
		case len(p.Variants) == 0 || len(p.Related) != 12 || slices.Contains(p.Related, p.ID):
			t.Errorf("%s: variants %v, related %v", p.ID, p.Variants, p.Related)
		}
	}
}

func TestFirstProductsAreComplete(t *testing.T) {
	w := theWorld()
	for _, p := range w.Catalog.products[:100] {
		_, priced := w.Pricing.byProduct[p.ID]
		_, stocked := w.Inventory.byItem[p.ID]
		if !priced || !stocked || len(p.Images) == 0 {
			t.Errorf("%s: priced %t, stocked %t, %d images", p.ID, priced, stocked, len(p.Images))
		}
	}
}

func TestAdaHasEverything(t *testing.T) {
	w := theWorld()
	bought := slices.ContainsFunc(w.Orders.list, func(o order) bool { return o.UserID == "u1" })
	if !bought || len(w.Reviews.byUser["u1"]) == 0 || len(w.Carts.byUser["u1"].Items) == 0 {
		t.Error("u1 lacks orders, reviews or a cart")
	}
}

func TestSearch(t *testing.T) {
	c := theWorld().Catalog
	all := len(c.match(nil, "", ""))
	audio := c.match(nil, "audio", "")
	leaf := c.match(nil, "headphones", "")
	branded := c.match(nil, "audio", "kestrel")
	if all != productCount || len(leaf) >= len(audio) || len(branded) >= len(audio) || len(branded) == 0 {
		t.Errorf("all %d, audio %d, headphones %d, audio by Kestrel %d", all, len(audio), len(leaf), len(branded))
	}
	for _, h := range c.match([]string{"kestrel", "head"}, "", "") {
		text := strings.ToLower(fmt.Sprint(h.product.Title, h.product.Brand, h.product.Description))
		if !strings.Contains(text, "kestrel") || !strings.Contains(text, "head") {
			t.Errorf("does not match: %s", text)
		}
	}
	facets := c.facets(audio)
	sum := 0
	for _, f := range facets.Category {
		sum += f.Count
	}
	if sum != len(audio) || !slices.IsSortedFunc(facets.Brand, func(a, b facet) int { return b.Count - a.Count }) {
		t.Errorf("facets %v of %d hits", facets, len(audio))
	}
}

func TestFeedRepeatsItself(t *testing.T) {
	ids := someProducts(stream("feed/gold"), 17)
	if unique := slices.Compact(slices.Sorted(slices.Values(ids))); len(unique) != 17 {
		t.Errorf("%d unique of 17", len(unique))
	}
}

func TestThinkingTime(t *testing.T) {
	slow := 0
	const calls = 10_000
	for n := range uint64(calls) {
		switch d := thinkingTime(n); {
		case d == 400*time.Millisecond:
			slow++
		case d < 30*time.Millisecond || d >= 60*time.Millisecond:
			t.Fatalf("call %d takes %v", n, d)
		}
	}
	if slow < calls*15/1000 || slow > calls*25/1000 {
		t.Errorf("%d of %d calls are slow, want about 2%%", slow, calls)
	}
}

func TestSoldOutIsRestocked(t *testing.T) {
	now := time.Date(2030, 5, 17, 13, 0, 0, 0, time.UTC)
	for id, s := range theWorld().Inventory.byItem {
		at := s.on(now).RestockAt
		if (at == nil) != (s.Available > 0) || at != nil && !at.After(now) {
			t.Errorf("%s: %d available, restocked %v", id, s.Available, at)
		}
	}
}

func BenchmarkData(b *testing.B) {
	for b.Loop() {
		newWorld()
	}
}
