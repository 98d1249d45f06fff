package e2e_test

import (
	"maps"
	"sync"
	"testing"
)

func TestMobileProductAsksThreeServicesOnce(t *testing.T) {
	mobile := start(t, "bff-mobile")
	ok(t, mobile.url+"/v1/products/p42")
	wantCalls(t, map[string]int{
		"catalog GET /products/{id}": 1, "pricing GET /prices/{product}": 1, "inventory GET /stock/{item}": 1,
	})
}

func TestListsCostBatches(t *testing.T) {
	tests := []struct {
		name, gateway, path string
		items               string // of the answer
		count               int
		want                map[string]int
	}{
		{
			"mobile's search", "bff-mobile", "/v1/search?limit=50", "items", 50,
			map[string]int{"catalog GET /search": 1, "catalog GET /products": 1, "pricing GET /prices": 1},
		},
		{
			"web's search", "bff-web", "/api/search?size=100", "items", 100,
			map[string]int{"catalog GET /search": 1, "catalog GET /products": 1, "pricing GET /prices": 1},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := start(t, test.gateway)
			list, _ := at(ok(t, g.url+test.path).object(t), test.items).([]any)
			if len(list) != test.count {
				t.Errorf("%d items, want %d", len(list), test.count)
			}
			wantCalls(t, test.want)
		})
	}
}

func TestOrdersAreJoinedWithoutOneCallEach(t *testing.T) {
	admin := start(t, "bff-admin")
	list, _ := at(ok(t, admin.url+"/v1/orders?limit=100", as(t, "user=u2&role=support")).object(t), "orders").([]any)
	if len(list) != 100 {
		t.Errorf("%d orders, want 100", len(list))
	}
	got := calls(t)
	if got["orders GET /orders"] != 1 || got["users GET /users"] != 1 || got["catalog GET /products"] > 4 || len(got) != 3 {
		t.Errorf("calls: %v", got)
	}
}

// What the web's product page asks for.
func productPageCalls() map[string]int {
	return map[string]int{
		"catalog GET /products/{id}": 1, "catalog GET /products": 1, "catalog GET /categories/{id}": 1,
		"pricing GET /prices/{product}": 1, "pricing GET /prices": 1, "inventory GET /stock/{item}": 1,
		"reviews GET /products/{id}/summary": 1, "reviews GET /products/{id}/reviews": 1,
		"recommendations GET /recommendations/{product}": 1,
	}
}

// What many ask for at once is asked for once. The page waits 400 ms for recommendations,
// which a busy machine may not keep, and what fails is asked for again: here they fail
// always, and the next test is about them.
func TestConcurrentRequestsShareTheirCalls(t *testing.T) {
	web := startForCrowd(t)
	breakService(t, "recommendations", `{"status":404}`)
	crowdAsks(t, 200, web.url+"/api/products/p77")
	got, want := calls(t), productPageCalls()
	delete(got, "recommendations GET /recommendations/{product}")
	delete(want, "recommendations GET /recommendations/{product}")
	if !maps.Equal(got, want) {
		t.Errorf("calls: got %v, want %v", got, want)
	}
}

func TestConcurrentRequestsShareRecommendations(t *testing.T) {
	for attempts, done := 5, false; !done && !t.Failed(); attempts-- {
		web := startForCrowd(t)
		degraded := crowdAsks(t, 20, web.url+"/api/products/p77")
		if done = !degraded || attempts == 1; done { // 2% of them take too long
			wantCalls(t, productPageCalls())
		}
	}
}

// startForCrowd starts a gateway in whose caches nothing becomes stale meanwhile.
func startForCrowd(t *testing.T) *gateway {
	t.Helper()
	return start(t, "bff-web", append(each("bff-web", "TIMEOUT__DEFAULT=10s"),
		"FACET_SERVICES__INVENTORY__CACHE__TTL=60s", "FACET_SERVICES__PRICING__CACHE__TTL=60s")...)
}

// crowdAsks sends the same request so many times at once. All must succeed; it reports
// whether an answer was degraded.
func crowdAsks(t *testing.T, crowd int, address string) (degraded bool) {
	t.Helper()
	var mu sync.Mutex
	var group sync.WaitGroup
	begin := make(chan struct{})
	for range crowd {
		group.Go(func() {
			<-begin
			a, err := try("GET", address)
			mu.Lock()
			defer mu.Unlock()
			if err != nil || a.status != 200 {
				t.Errorf("status %d, %v: %.200s", a.status, err, a.body)
			}
			degraded = degraded || a.degraded() != ""
		})
	}
	close(begin)
	group.Wait()
	return degraded
}
