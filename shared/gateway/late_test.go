package gateway_test

import (
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/compose"
	"github.com/facet-bff/facet/shared/endpoint"
	"github.com/facet-bff/facet/shared/facettest"
	"github.com/facet-bff/facet/shared/identity/access"
)

// userThenStock asks for the stock when it knows the user.
func userThenStock(optional bool) func(*backends) *compose.Graph[userRequest, userView] {
	return func(b *backends) *compose.Graph[userRequest, userView] {
		return compose.Define("test.then", func(in compose.Node[userRequest]) compose.Node[userView] {
			who := compose.Call("profile", compose.Map(in, func(r userRequest) string { return r.ID }), b.user)
			stock := compose.Call("stock", compose.Map(who, func(u user) string { return u.Name }), b.stock)
			if optional {
				stock = stock.Or(-1)
			}
			return compose.Join2(who, stock, func(u user, n int) userView { return userView{u.Name, n} })
		})
	}
}

// An optional step that usually takes longer than what is left is not started: the answer
// comes sooner, and the service has nothing to do with it. A required one is.
func TestAStepThatWouldBeLate(t *testing.T) {
	const usually = 200 * time.Millisecond
	def := define("services: {users: {url: 'http://u'}, stock: {url: 'http://s'}}\n",
		endpoint.GET("/optional/{id}", access.Public, userThenStock(true), endpoint.Budget(300*time.Millisecond)),
		endpoint.GET("/required/{id}", access.Public, userThenStock(false), endpoint.Budget(300*time.Millisecond)))
	runKit(t, def, func(k *facettest.Kit) {
		k.Break("stock", facettest.Fault{Delay: usually})
		for range 8 {
			if res := k.Do(facettest.Request{Path: "/optional/1"}); res.Header.Get("Facet-Degraded") != "" {
				t.Fatalf("with time enough: %v", res.Header)
			}
			time.Sleep(50 * time.Millisecond)
		}
		k.Break("users", facettest.Fault{Delay: 150 * time.Millisecond})
		res := k.Do(facettest.Request{Path: "/optional/1"})
		if got := res.Header.Get("Facet-Degraded"); res.Status != 200 || got != "stock;reason=timeout" {
			t.Errorf("got %d, %q", res.Status, got)
		}
		if res.Took != 150*time.Millisecond || len(res.Calls()) != 1 {
			t.Errorf("after %v, calls %v", res.Took, res.Calls())
		}
		if res := k.Do(facettest.Request{Path: "/required/1"}); res.Status != 504 || len(res.Calls()) < 2 {
			t.Errorf("required: got %d, calls %v", res.Status, res.Calls())
		}
	})
}
