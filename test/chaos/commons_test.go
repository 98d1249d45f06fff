package chaos_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/Shopify/toxiproxy/v2"

	"github.com/facet-bff/facet/shared/redis/redistest"
	"github.com/facet-bff/facet/test/demo/stage"
	"github.com/facet-bff/facet/test/shop/faults"
)

// A commons is what two replicas of a gateway share: a Redis, and all that can be between it
// and them.
type commons struct {
	*scene
	redis    *redistest.Server
	front    *front           // what the replicas know as Redis
	network  *toxiproxy.Proxy // between the front and Redis
	replicas [2]*stage.Gateway

	products []int // that have a picture
	pages    int   // that have been asked for
	users    int   // that have asked
}

// The route "limited" lets each of its users in so often.
const admitted = 3

const commonRoutes = `
routes:
  - {name: assets, service: catalog, match: {prefix: /assets/}, access: public}
  - {name: limited, service: catalog, match: {prefix: /limited/}, rewrite: "/assets/{rest}", access: user, rate_limit: {rate: 0.001, burst: 3}}
`

func newCommons(t *testing.T) *commons {
	t.Helper()
	c := &commons{scene: newScene(t), redis: redistest.Start(t)}
	c.network = newNetwork(t, c.redis.Address)
	front, err := newFront(c.network.Listen)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(front.close)
	c.front = front
	for n := range 600 {
		if a := ask("GET", fmt.Sprintf("%s/assets/products/p%d-1.svg", layout.URL("catalog"), n+1), "", ""); a.status == 200 {
			c.products = append(c.products, n+1)
		}
	}
	file := filepath.Join(t.TempDir(), "routes.yaml")
	if err := os.WriteFile(file, []byte(commonRoutes), 0o600); err != nil {
		t.Fatal(err)
	}
	// The shop's recommendations take their time, which would hide that of Redis.
	if err := shop.Put(t.Context(), "recommendations", faults.Fault{Status: 404}); err != nil {
		t.Fatal(err)
	}
	// All services have time, so that only Redis can be late.
	env := append(stage.Each("bff-web", "TIMEOUT__DEFAULT=5s"), "FACET_REDIS__URL=redis://"+front.address)
	for i := range c.replicas {
		c.replicas[i] = c.start(t, "bff-web", env, "-config", file)
	}
	return c
}

// picture is the path of an answer that nobody has asked for since everything was purged.
func (c *commons) picture() string { return fmt.Sprintf("/assets/products/p%d-1.svg", c.product()) }

// page is the same of an answer that is composed of many, and what must be in it.
func (c *commons) page() (path, has string) {
	name := fmt.Sprintf("p%d", c.product())
	return "/api/products/" + name, `"sku":"` + name + `"`
}

func (c *commons) product() int {
	c.pages++
	return c.products[c.pages%len(c.products)]
}

// newUser is the token of somebody who has not asked for anything yet.
func (c *commons) newUser(t *testing.T) string {
	t.Helper()
	c.users++
	return tokenOf(t, fmt.Sprintf("u%d", 100+c.users))
}

// ordered is how many orders have arrived.
func (c *commons) ordered(t *testing.T) int {
	t.Helper()
	calls, err := shop.Calls(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return calls["orders POST /orders"]
}

// shared reports whether the second replica gives what the first has asked for.
func (c *commons) shared(t *testing.T) bool {
	t.Helper()
	path := c.picture()
	ask("GET", c.replicas[0].URL+path, "", "")
	before := c.arrived(t, "catalog")
	a := ask("GET", c.replicas[1].URL+path, "", "")
	return a.status == 200 && c.arrived(t, "catalog") == before
}

// reachable is how many of the replicas call Redis.
func (c *commons) reachable(t *testing.T) (n int) {
	t.Helper()
	for _, g := range c.replicas {
		n += int(metric(t, g, "facet_redis_reachable"))
	}
	return n
}

// must has Redis do a command.
func must(t *testing.T, server *redistest.Server, command ...string) (answer string) {
	t.Helper()
	answer, err := server.Do(command...)
	if err != nil || strings.HasPrefix(answer, "-") {
		t.Fatalf("redis: %v: %q, %v", command, answer, err)
	}
	return answer
}
