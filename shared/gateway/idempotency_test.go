package gateway_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/compose"
	"github.com/facet-bff/facet/shared/endpoint"
	"github.com/facet-bff/facet/shared/facettest"
	"github.com/facet-bff/facet/shared/gateway"
	"github.com/facet-bff/facet/shared/identity/access"
)

// A write with a key is made once, whether it is composed or passed through.
func TestAWriteWithAKeyIsMadeOnce(t *testing.T) {
	var made atomic.Int32
	def := define(identity+`
services: {users: {url: 'http://users'}, stock: {url: 'http://stock'}}
routes:
  - {name: stock, service: stock, match: {prefix: /stock, methods: [POST]}, access: user, timeout: 1s, idempotency: {required: true}}
`, endpoint.POST("/v1/things", access.User, func(*backends) *compose.Graph[struct{}, int32] {
		return compose.Define("test.make", func(in compose.Node[struct{}]) compose.Node[int32] {
			return compose.Step("make", in, func(context.Context, struct{}) (int32, error) { return made.Add(1), nil })
		})
	}, endpoint.Idempotent(time.Hour)))
	runKit(t, def, func(k *facettest.Kit) {
		k.Stub("stock", "POST /stock/{id}", func(facettest.Args) (any, error) { return made.Add(1), nil })
		for _, tt := range []struct {
			path, key, user string
			status          int
			made            int32
		}{
			{"/v1/things", "a", "u1", 200, 1},
			{"/v1/things", "a", "u1", 200, 1},
			{"/v1/things", "a", "u2", 200, 2},
			{"/v1/things", "", "u1", 200, 3},
			{"/v1/things", "a b", "u1", 400, 3},
			{"/stock/1", "a", "u1", 200, 4},
			{"/stock/1", "a", "u1", 200, 4},
			{"/stock/2", "a", "u1", 422, 4},
			{"/stock/1", "", "u1", 400, 4},
		} {
			r := facettest.Request{Method: http.MethodPost, Path: tt.path, User: tt.user, Header: http.Header{}}
			if tt.key != "" {
				r.Header.Set("Idempotency-Key", tt.key)
			}
			if res := k.Do(r); res.Status != tt.status || made.Load() != tt.made {
				t.Errorf("%s with %q: status %d, %d made, want %d, %d: %s", tt.path, tt.key, res.Status, made.Load(), tt.status, tt.made, res.Body)
			}
		}
	})
}

func TestKeysThatCannotBeMindedAreRefused(t *testing.T) {
	for route, want := range map[string]string{
		"methods: [POST]}, timeout: 1s, access: public": "idempotency: is for POST or PATCH", // whose would they be
		"methods: [GET]}, timeout: 1s, access: user":    "idempotency: is for POST or PATCH",
		"methods: [POST]}, access: user":                "idempotency: needs a timeout",
	} {
		def := define(identity + "services: {users: {url: 'http://users'}, stock: {url: 'http://stock'}}\n" +
			"routes: [{name: stock, service: stock, match: {prefix: /stock, " + route + ", idempotency: {}}]\n")
		if _, err := gateway.Load(def, "", nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", route, err)
		}
	}
}
