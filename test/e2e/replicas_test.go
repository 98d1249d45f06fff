package e2e_test

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/redis/redistest"
	"github.com/facet-bff/facet/test/demo/stage"
)

// replicas starts three replicas of bff-web on one Redis, and waits until each is called by
// it and hears what the others purge.
func replicas(t *testing.T, env ...string) (*redistest.Server, []*gateway) {
	t.Helper()
	server := redistest.Start(t)
	env = append([]string{"FACET_REDIS__URL=" + server.URL}, env...)
	var all []*gateway
	for range 3 {
		g := start(t, "bff-web", env...)
		g.joined(t)
		all = append(all, g)
	}
	forgetCalls(t)
	return server, all
}

func (g *gateway) joined(t *testing.T) {
	t.Helper()
	eventually(t, "it has joined the others", func() bool {
		return g.metric(t, "facet_redis_reachable") == "1" && g.metric(t, "facet_redis_calls_total", `command="hash"`, `outcome="ok"`) != ""
	})
}

// metric is the value of the first series that has the name and the labels; empty is none.
func (g *gateway) metric(t *testing.T, name string, labels ...string) string {
	t.Helper()
	for line := range strings.Lines(get(t, g.management+"/metrics").body) {
		has := strings.HasPrefix(line, name+"{")
		for _, label := range labels {
			has = has && strings.Contains(line, label)
		}
		if has {
			return line[strings.LastIndex(line, " ")+1 : len(line)-1]
		}
	}
	return ""
}

func (g *gateway) purge(t *testing.T, what string) answer {
	t.Helper()
	return send(t, http.MethodPost, g.management+"/cache/purge", jsonBody(what))
}

// Settings of replicas in tests: nothing becomes stale meanwhile, and a busy machine is not
// taken for a slow Redis.
func unhurried() []string {
	return append(each("bff-web", "TIMEOUT__DEFAULT=10s"),
		"FACET_REDIS__TIMEOUT=1s", "FACET_SERVICES__INVENTORY__CACHE__TTL=60s", "FACET_SERVICES__PRICING__CACHE__TTL=60s")
}

func TestReplicasShareAnswersAndHearOfPurges(t *testing.T) {
	_, all := replicas(t, unhurried()...)
	const product = "catalog GET /products/{id}"
	for _, g := range all {
		ok(t, g.url+"/api/products/p42")
	}
	if n := calls(t)[product]; n != 1 {
		t.Errorf("%d calls for what three replicas show", n)
	}
	for i, what := range []string{`{"tags":["product:p42"]}`, `{"service":"catalog"}`, `{"all":true}`, `{"paths":[{"service":"catalog","path":"/products/p42"}]}`} {
		forgetCalls(t)
		if a := all[i%3].purge(t, what); a.status != 200 || !strings.Contains(a.body, `"replicas":"told"`) {
			t.Fatalf("%s: status %d: %s", what, a.status, a.body)
		}
		began := time.Now()
		for _, g := range []*gateway{all[(i+1)%3], all[(i+2)%3]} {
			// Whichever hears of it first asks the catalog, and the other gets it from Redis.
			eventually(t, what+" is heard of", func() bool {
				ok(t, g.url+"/api/products/p42")
				return calls(t)[product] == 1
			})
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("%s: others heard of it after %v", what, took)
		}
		ok(t, all[i%3].url+"/api/products/p42")
		if n := calls(t)[product]; n != 1 {
			t.Errorf("%s: asked %d times after it", what, n)
		}
	}
	for what, want := range map[string]string{`{"service":"cart"}`: `no service "cart"`, `{}`: "purges nothing", `{"tag":"a"}`: "/tag is none of them"} {
		if a := all[0].purge(t, what); a.status != 400 || !strings.Contains(a.body, want) {
			t.Errorf("%s: status %d: %s", what, a.status, a.body)
		}
	}
}

// Views that are kept go with what they are made of, at all replicas.
func TestReplicasPurgeViews(t *testing.T) {
	_, all := replicas(t, unhurried()...)
	for _, g := range all {
		ok(t, g.url+"/api/home")
		ok(t, g.url+"/api/home")
	}
	if n := calls(t)["catalog GET /feed"]; n != 1 {
		t.Errorf("%d calls for what three replicas show", n)
	}
	before := all[2].metric(t, "facet_view_lookups_total", `result="miss"`)
	all[0].purge(t, `{"service":"catalog"}`)
	eventually(t, "the view is composed anew", func() bool {
		ok(t, all[2].url+"/api/home")
		return all[2].metric(t, "facet_view_lookups_total", `result="miss"`) != before
	})
}

// asksAll sends the same request so many times to each replica, at once.
func asksAll(t *testing.T, crowd int, path string, all ...*gateway) {
	t.Helper()
	var group sync.WaitGroup
	for _, g := range all {
		group.Go(func() { crowdAsks(t, crowd, g.url+path) })
	}
	group.Wait()
}

// productCalls are those of the product page but for the recommendations, which may be late.
func productCalls(t *testing.T) (got, once map[string]int) {
	t.Helper()
	got, once = calls(t), productPageCalls()
	delete(got, "recommendations GET /recommendations/{product}")
	delete(once, "recommendations GET /recommendations/{product}")
	return got, once
}

func TestStampedeOfReplicas(t *testing.T) {
	env := unhurried()
	for _, service := range []string{"CATALOG", "PRICING", "INVENTORY", "REVIEWS"} {
		env = append(env, "FACET_SERVICES__"+service+"__CACHE__LOCK=10s")
	}
	// They all have to come through, however long that takes, to be counted.
	env = append(env, patient, "FACET_OVERLOAD__MIN=1000", "FACET_OVERLOAD__INITIAL=1000")
	crowd := 300
	if stage.Race() {
		crowd = 60 // which the race detector makes as slow as 300 are without it
	}
	server, all := replicas(t, env...)
	breakService(t, "recommendations", `{"status":404}`)
	asksAll(t, crowd, "/api/products/p77", all...)
	if got, once := productCalls(t); !maps.Equal(got, once) {
		t.Errorf("calls: got %v, want %v", got, once)
	}
	server.Kill()
	forgetCalls(t)
	asksAll(t, crowd, "/api/products/p78", all...)
	got, _ := productCalls(t)
	for call, n := range got {
		if n > len(all) {
			t.Errorf("without Redis: %s: %d calls by %d replicas", call, n, len(all))
		}
	}
}

// A Redis that is killed under load fails no request, and is used again when it is back.
func TestRedisIsKilledUnderLoad(t *testing.T) {
	server, all := replicas(t)
	var asked atomic.Int64
	var failed sync.Once
	stop := make(chan struct{})
	var group sync.WaitGroup
	end := sync.OnceFunc(func() { close(stop); group.Wait() })
	defer end()
	for i := range 6 {
		group.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				path := fmt.Sprintf("/api/products/p%d", 1+(n*7+i*131)%800)
				if n%3 == 0 {
					path = "/api/home"
				}
				a, err := try("GET", all[(n+i)%3].url+path)
				asked.Add(1)
				if err != nil || a.status != 200 {
					failed.Do(func() { t.Errorf("status %d, %v: %.200s", a.status, err, a.body) })
				}
			}
		})
	}
	served := func(more int64) {
		t.Helper()
		from := asked.Load()
		eventually(t, "requests are answered", func() bool { return asked.Load() >= from+more })
	}
	served(150)
	server.Kill()
	served(300)
	for _, g := range all {
		eventually(t, "it has noticed", func() bool { return g.metric(t, "facet_redis_reachable") == "0" })
	}
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	for _, g := range all {
		eventually(t, "Redis is used again", func() bool { return g.metric(t, "facet_redis_reachable") == "1" })
	}
	served(150)
	end()
	eventually(t, "purges are spread again", func() bool {
		return strings.Contains(all[0].purge(t, `{"tags":["product:p1"]}`).body, `"replicas":"told"`)
	})
}

// An order that comes again under its key, at another replica, is placed once.
func TestReplicasPlaceAnOrderOnce(t *testing.T) {
	_, all := replicas(t, "FACET_REDIS__TIMEOUT=1s")
	who := as(t, "user=u21&scope=orders:write")
	put := send(t, http.MethodPut, all[0].url+"/api/cart/items/p3", who, jsonBody(`{"quantity":1}`))
	if put.status != 200 {
		t.Fatalf("status %d: %s", put.status, put.body)
	}
	key := header("Idempotency-Key", `"8e03978e-40d5-43dd-bc93-6894a57f9324"`)
	first := send(t, http.MethodPost, all[0].url+"/api/orders", who, key)
	again := send(t, http.MethodPost, all[1].url+"/api/orders", who, key)
	if first.status != 201 || again.status != 201 || first.body != again.body || again.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("status %d %s\nthen %d %s", first.status, first.body, again.status, again.body)
	}
	if n := calls(t)["orders POST /orders"]; n != 1 {
		t.Errorf("%d orders", n)
	}
	other := send(t, http.MethodPost, all[2].url+"/api/orders?x", who, key)
	if other.problem(t); other.status != 422 {
		t.Errorf("status %d: %s", other.status, other.body)
	}
}
