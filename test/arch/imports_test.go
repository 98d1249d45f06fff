package arch_test

import (
	"go/ast"
	"slices"
	"strings"
)

// floors places every room of shared. A package imports only lower floors, so that a
// reader of one needs to know nothing of what stands above it or beside it.
var floors = map[string]int{
	"shape": -1, // the cellar: codec carries its JSON
	"fault": 0, "live": 0, "codec": 0, "redis": 0,
	"compose": 1, "backend": 1, "cache": 1, "identity": 1, "ratelimit": 1, "idempotency": 1,
	"discover": 1, "overload": 1, "config": 1, "observe": 1, "serve": 1,
	"policy": 2, "session": 2, "route": 2, "guard": 2,
	"endpoint": 3, "services": 3,
	"describe": 4, "ops": 4,
	"gateway": 5,
}

// offTheFloors are the rooms that may import any other: the test kit and the commands.
var offTheFloors = []string{"facettest", "cmd"}

// confined are the libraries that a room hides from the rest, so that each can be
// replaced in one place.
var confined = []struct {
	library string
	rooms   []string
}{
	{"github.com/labstack/echo", []string{"endpoint", "gateway", "ops", "session", "route", "guard"}},
	{"github.com/dgraph-io/ristretto", []string{"cache"}},
	{"github.com/redis/go-redis", []string{"redis"}},
	{"github.com/alicebob/miniredis", []string{"redis"}},
	{"github.com/sony/gobreaker", []string{"policy"}},
	{"github.com/golang-jwt/jwt", []string{"identity", "session"}},
	{"github.com/MicahParks", []string{"identity", "session"}},
	{"github.com/go-playground/validator", []string{"config", "endpoint"}},
	{"unsafe", []string{"codec"}},
}

// unsafeMiddleware are parts of echo with advisories after the version that is pinned, or
// with data races by design; SECURITY.md says which.
var unsafeMiddleware = []string{"Proxy", "Decompress", "BodyDump", "Timeout"}

var importLaws = []law{
	{
		name:   "floors",
		remedy: "import only lower floors; move what two rooms need to a floor below both",
		check:  checkFloors,
		broken: `
-- shared/fault/fault.go --
package fault
-- shared/policy/policy.go --
package policy
import "github.com/facet-bff/facet/shared/fault"
import "github.com/facet-bff/facet/shared/endpoint"
import "github.com/facet-bff/facet/shared/facettest"
-- shared/identity/access/access.go --
package access
import "github.com/facet-bff/facet/shared/identity"
import "github.com/facet-bff/facet/shared/cache"
-- shared/backend/backend_test.go --
package backend_test
import "github.com/facet-bff/facet/shared/gateway"
-- shared/attic/attic.go --
package attic
-- shared/facettest/facettest.go --
package facettest
import "github.com/facet-bff/facet/shared/gateway"
`,
		want: []string{
			"shared/attic/attic.go:1: shared/attic has no floor: give it one in test/arch",
			"shared/identity/access/access.go:3: identity (floor 1) imports cache (floor 1)",
			"shared/policy/policy.go:3: policy (floor 2) imports endpoint (floor 3)",
			"shared/policy/policy.go:4: policy (floor 2) imports facettest (off the floors)",
		},
	},
	{
		name:   "libraries",
		remedy: "call the room that hides the library, or let that room offer what is missing",
		check:  checkLibraries,
		broken: `
-- shared/gateway/gateway.go --
package gateway
import "github.com/labstack/echo/v4"
-- shared/backend/backend.go --
package backend
import "github.com/labstack/echo/v4/middleware"
import "github.com/labstack/echolot"
-- bff-mobile/home.go --
package main
import "github.com/sony/gobreaker/v2"
-- shared/endpoint/jwt_test.go --
package endpoint
import "github.com/golang-jwt/jwt/v5"
`,
		want: []string{
			"bff-mobile/home.go:2: imports github.com/sony/gobreaker/v2, which only policy may",
			"shared/backend/backend.go:2: imports github.com/labstack/echo/v4/middleware," +
				" which only endpoint, gateway, ops, session, route, guard may",
		},
	},
	{
		name:   "echo's middleware",
		remedy: "SECURITY.md says why; route passes requests on, endpoint limits bodies and time",
		check:  checkMiddleware,
		broken: `
-- shared/gateway/middleware.go --
package gateway
import "github.com/labstack/echo/v4/middleware"
var list = []any{middleware.Recover(), middleware.DecompressWithConfig(none), middleware.ProxyConfig{}}
-- shared/guard/guard.go --
package guard
var list = []any{middleware.Proxy}
`,
		want: []string{
			"shared/gateway/middleware.go:3: uses middleware.DecompressWithConfig",
			"shared/gateway/middleware.go:3: uses middleware.ProxyConfig",
		},
	},
	{
		name:   "JSON",
		remedy: "use github.com/go-json-experiment/json: it refuses what two parsers could read differently",
		check:  checkJSON,
		broken: `
-- shared/backend/op.go --
package backend
import "encoding/json"
-- shared/backend/encode.go --
package backend
import "github.com/go-json-experiment/json"
-- shared/backend/op_test.go --
package backend
import "encoding/json"
`,
		want: []string{"shared/backend/op.go:2: imports encoding/json"},
	},
	{
		name:   "compose stands alone",
		remedy: "the graph knows only the standard library and x/sync; pass in what it needs as a function",
		check:  checkCompose,
		broken: `
-- shared/compose/compose.go --
package compose
import "context"
import "golang.org/x/sync/errgroup"
import "github.com/facet-bff/facet/shared/fault"
import "github.com/sony/gobreaker/v2"
`,
		want: []string{
			"shared/compose/compose.go:4: imports github.com/facet-bff/facet/shared/fault",
			"shared/compose/compose.go:5: imports github.com/sony/gobreaker/v2",
		},
	},
	{
		name:   "folders",
		remedy: "shared serves all, compositions speaks of the domain, a gateway belongs to one team",
		check:  checkFolders,
		broken: `
-- bff-mobile/home.go --
package main
import "net/http"
import "github.com/facet-bff/facet/bff-web"
import "github.com/facet-bff/facet/compositions/product"
-- compositions/product/product.go --
package product
import "net/http"
import "github.com/facet-bff/facet/shared/backend"
import "github.com/facet-bff/facet/shared/endpoint"
-- compositions/product/product_test.go --
package product
import "net/http"
import "github.com/facet-bff/facet/bff-admin"
-- shared/route/route.go --
package route
import "net/http"
import "github.com/facet-bff/facet/compositions"
`,
		want: []string{
			"bff-mobile/home.go:3: bff-mobile imports bff-web",
			"compositions/product/product.go:2: compositions imports net/http",
			"compositions/product/product.go:4: compositions imports shared/endpoint",
			"compositions/product/product_test.go:3: compositions imports bff-admin",
			"shared/route/route.go:3: shared imports compositions",
		},
	},
}

// A test may stand on any floor: what it needs to exercise a room is not what the room
// needs to work.
func checkFloors(t *tree, report report) {
	for _, f := range t.code() {
		from := room(f.dir)
		if from == "" || slices.Contains(offTheFloors, from) {
			continue
		}
		floor, placed := floors[from]
		if !placed {
			report(f.at(f.syntax.Package), "shared/%s has no floor: give it one in test/arch", from)
			continue
		}
		for _, i := range f.imports() {
			to := room(i.dir)
			if to == "" || to == from {
				continue
			}
			switch other, ok := floors[to]; {
			case !ok:
				report(i.at, "%s (floor %d) imports %s (off the floors)", from, floor, to)
			case other >= floor:
				report(i.at, "%s (floor %d) imports %s (floor %d)", from, floor, to, other)
			}
		}
	}
}

func checkLibraries(t *tree, report report) {
	for _, f := range t.code() {
		if top(f.dir) == "test" || room(f.dir) == "facettest" {
			continue
		}
		for _, i := range f.imports() {
			for _, c := range confined {
				if within(i.path, c.library) && !slices.Contains(c.rooms, room(f.dir)) {
					report(i.at, "imports %s, which only %s may", i.path, strings.Join(c.rooms, ", "))
				}
			}
		}
	}
}

func checkMiddleware(t *tree, report report) {
	for _, f := range t.code() {
		imports := func(i imported) bool { return i.path == "github.com/labstack/echo/v4/middleware" }
		if !slices.ContainsFunc(f.imports(), imports) {
			continue
		}
		for n := range ast.Preorder(f.syntax) {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				continue
			}
			named := func(prefix string) bool { return strings.HasPrefix(sel.Sel.Name, prefix) }
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == "middleware" && slices.ContainsFunc(unsafeMiddleware, named) {
				report(f.at(sel.Pos()), "uses middleware.%s", sel.Sel.Name)
			}
		}
	}
}

// yardstick is what a team writes by hand, to measure Facet against: it uses what such a
// team uses.
const yardstick = "test/load/naive"

func checkJSON(t *tree, report report) {
	for _, f := range t.code() {
		if f.dir == yardstick {
			continue
		}
		for _, i := range f.imports() {
			if i.path == "encoding/json" {
				report(i.at, "imports encoding/json")
			}
		}
	}
}

func checkCompose(t *tree, report report) {
	for _, f := range t.code() {
		if room(f.dir) != "compose" {
			continue
		}
		for _, i := range f.imports() {
			standard := !strings.Contains(top(i.path), ".")
			if !standard && !within(i.path, "golang.org/x/sync") && room(i.dir) != "compose" {
				report(i.at, "imports %s", i.path)
			}
		}
	}
}

func checkFolders(t *tree, report report) {
	for _, f := range t.files {
		for _, i := range f.imports() {
			if what := trespass(f, i); what != "" {
				report(i.at, "%s imports %s", top(f.dir), what)
			}
		}
	}
}

// trespass names what a file imports from where it may not. A test of the compositions
// may serve them over HTTP.
func trespass(f *file, i imported) string {
	from, to := top(f.dir), top(i.dir)
	switch {
	case from != "test" && isGateway(to) && to != from:
		return to
	case from == "shared" && to == "compositions":
		return to
	case from != "compositions" || f.test:
		return ""
	case i.path == "net/http" || floors[room(i.dir)] >= floors["endpoint"]:
		return strings.TrimPrefix(i.path, house)
	}
	return ""
}
