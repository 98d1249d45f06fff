package facettest

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/compose"
	"github.com/facet-bff/facet/shared/endpoint"
	"github.com/facet-bff/facet/shared/gateway"
	"github.com/facet-bff/facet/shared/identity/access"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type hello struct {
	Name string `param:"name"`
}

type greeting struct {
	Text string `json:"text"`
}

// greeter is a gateway of one endpoint that calls one service.
var greeter = gateway.Definition[*backend.Op[string, greeting]]{
	Name: "greeter",
	Backends: func(s *backend.Services) *backend.Op[string, greeting] {
		return backend.GET[string, greeting](s.Get("words"), "greet", "/greet/{name}")
	},
	Config: []byte(`
identity: {issuer: "https://issuer.test", audience: [greeter], jwks_url: "https://issuer.test/keys"}
services: {words: {url: "http://words.test", retry: {attempts: 1}, timeout: {default: 300ms}}}
`),
	Endpoints: endpoint.Table[*backend.Op[string, greeting]]{
		endpoint.GET("/hello/{name}", access.Role("guest"), func(op *backend.Op[string, greeting]) *compose.Graph[hello, greeting] {
			return compose.Define("greet", func(in compose.Node[hello]) compose.Node[greeting] {
				return compose.Call("words", compose.Map(in, func(h hello) string { return h.Name }), op)
			})
		}),
	},
}

func serve(k *Kit) {
	k.Stub("words", "GET /greet/{name}", func(a Args) (any, error) {
		if a.Path("name") == "nobody" {
			return nil, Status(http.StatusNotFound)
		}
		return greeting{"Hello, " + a.Path("name")}, nil
	})
}

func TestKit(t *testing.T) {
	guest := func(name string) Request {
		return Request{Path: "/hello/" + name, User: "u1", Roles: []string{"guest"}}
	}
	for _, tt := range []struct {
		name    string
		request Request
		fault   Fault
		status  int
		took    time.Duration
		body    string
	}{
		{"well", guest("Ada"), Fault{}, 200, 0, `{"text":"Hello, Ada"}`},
		{"a path of more than letters", guest("a%2Fb"), Fault{}, 200, 0, `{"text":"Hello, a/b"}`},
		{"a stub's status", guest("nobody"), Fault{}, 404, 0, ""},
		{"nobody", Request{Path: "/hello/Ada"}, Fault{}, 401, 0, ""},
		{"without the role", Request{Path: "/hello/Ada", User: "u1"}, Fault{}, 403, 0, ""},
		{"delayed", guest("Ada"), Fault{Delay: 200 * time.Millisecond}, 200, 200 * time.Millisecond, ""},
		{"too slow", guest("Ada"), Fault{Delay: time.Second}, 504, 300 * time.Millisecond, ""},
		{"hanging", guest("Ada"), Fault{Hang: true}, 504, 300 * time.Millisecond, ""},
		{"failing", guest("Ada"), Fault{Status: 500}, 502, 0, ""},
		{"breaking off", guest("Ada"), Fault{Reset: true}, 502, 0, ""},
		{"talking nonsense", guest("Ada"), Fault{Garbage: true}, 502, 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			Run(t, greeter, func(k *Kit) {
				serve(k)
				k.Break("words", tt.fault)
				res := k.Do(tt.request)
				if res.Status != tt.status || res.Took != tt.took || tt.body != "" && string(res.Body) != tt.body {
					k.T.Errorf("%d after %v: %s", res.Status, res.Took, res.Body)
				}
				if strings.Contains(string(res.Body), Leak) {
					k.T.Errorf("the backend's text leaks: %s", res.Body)
				}
			})
		})
	}
}

func TestKitRecordsCalls(t *testing.T) {
	Run(t, greeter, func(k *Kit) {
		serve(k)
		calls := k.Do(Request{Path: "/hello/Ada", User: "u1", Roles: []string{"guest"}}).Calls()
		if len(calls) != 1 || calls[0].Service != "words" || calls[0].Path != "/greet/Ada" || calls[0].Step != "words" {
			k.T.Errorf("calls %+v", calls)
		}
		if got := calls[0].Header.Get("X-Request-Timeout"); got != "300" {
			k.T.Errorf("it is %q, want what the service may take, 300", got)
		}
		if calls := k.Do(Request{Path: "/hello/Ada"}).Calls(); len(calls) != 0 {
			k.T.Errorf("a request that is not let in calls %+v", calls)
		}
	})
}

// A fault may last for a number of calls: here the service's second answer is well.
func TestFaultForATime(t *testing.T) {
	retrying := func(c *gateway.Config) {
		words := c.Services["words"]
		words.Retry.Attempts = 2
		c.Services["words"] = words
	}
	Run(t, greeter, func(k *Kit) {
		serve(k)
		k.Break("words", Fault{Status: 503, Times: 1})
		res := k.Do(Request{Path: "/hello/Ada", User: "u1", Roles: []string{"guest"}})
		if res.Status != http.StatusOK || len(res.Calls()) != 2 {
			k.T.Errorf("status %d after %d calls, want 200 after 2", res.Status, len(res.Calls()))
		}
	}, retrying)
}

func TestMatrix(t *testing.T) {
	Matrix(t, greeter, serve, Request{Path: "/hello/Ada", User: "u1", Roles: []string{"guest"}})
}
