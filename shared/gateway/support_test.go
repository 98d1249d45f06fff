package gateway_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/compose"
	"github.com/facet-bff/facet/shared/endpoint"
	"github.com/facet-bff/facet/shared/facettest"
	"github.com/facet-bff/facet/shared/gateway"
	"github.com/facet-bff/facet/shared/identity/access"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type backends struct {
	user  *backend.Op[string, user]
	stock *backend.Op[string, int]
}

func newBackends(s *backend.Services) *backends {
	return &backends{
		user:  backend.GET[string, user](s.Get("users"), "get", "/users/{id}"),
		stock: backend.GET[string, int](s.Get("stock"), "get", "/stock/{id}"),
	}
}

type user struct {
	Name string `json:"name"`
}

type userRequest struct {
	ID string `param:"id"`
}

type userView struct {
	Name  string `json:"name"`
	Stock int    `json:"stock"`
}

func userWithStock(b *backends) *compose.Graph[userRequest, userView] {
	return compose.Define("test.user", func(in compose.Node[userRequest]) compose.Node[userView] {
		id := compose.Map(in, func(r userRequest) string { return r.ID })
		who := compose.Call("profile", id, b.user)
		stock := compose.Call("stock", id, b.stock).Or(-1)
		return compose.Join2(who, stock, func(u user, n int) userView { return userView{u.Name, n} })
	})
}

func nothing(*backends) *compose.Graph[struct{}, string] {
	return compose.Define("test.nothing", func(in compose.Node[struct{}]) compose.Node[string] {
		return compose.Step("think", in, func(context.Context, struct{}) (string, error) { return "nothing", nil })
	})
}

const ports = "server: {address: 127.0.0.1:0}\nmanagement: {address: 127.0.0.1:0}\n"

// define is a gateway with a configuration, which the ports are added to.
func define(config string, endpoints ...endpoint.Endpoint[*backends]) gateway.Definition[*backends] {
	return gateway.Definition[*backends]{Name: "bff-test", Backends: newBackends, Config: []byte(ports + config), Endpoints: endpoints}
}

func getUser(rule access.Rule) endpoint.Endpoint[*backends] {
	return endpoint.GET("/v1/users/{id}", rule, userWithStock)
}

func getNothing(rule access.Rule, opts ...endpoint.Option) endpoint.Endpoint[*backends] {
	return endpoint.GET("/v1/nothing", rule, nothing, opts...)
}

const soon = 10 * time.Second

const identity = "identity: {issuer: 'https://issuer.test', audience: [facet], jwks_url: 'https://issuer.test/keys'}\n"

// runKit runs test with a gateway whose services know user 1 only.
func runKit(t *testing.T, def gateway.Definition[*backends], test func(*facettest.Kit)) {
	t.Helper()
	facettest.Run(t, def, func(k *facettest.Kit) {
		k.Stub("users", "GET /users/{id}", func(a facettest.Args) (any, error) {
			if a.Path("id") != "1" {
				return nil, facettest.Status(http.StatusNotFound)
			}
			return user{"Ada"}, nil
		})
		k.Stub("stock", "GET /stock/{id}", func(facettest.Args) (any, error) { return 7, nil })
		test(k)
	})
}

// lines are the log's lines that are about requests.
func lines(k *facettest.Kit) (out []string) {
	for line := range strings.Lines(k.Log()) {
		if strings.Contains(line, `"msg":"request"`) {
			out = append(out, line)
		}
	}
	return out
}
