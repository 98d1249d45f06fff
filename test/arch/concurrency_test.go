package arch_test

import (
	"go/ast"
	"go/token"
)

// concurrent are the rooms that may start goroutines, each with what for.
var concurrent = map[string]string{
	"compose": "runs the steps of a graph",
	"live":    "drains a generation that was replaced",
	"policy":  "hedges",
	"cache":   "refreshes what has become stale",

	"redis":     "finds out when Redis is back, and hears what is published",
	"discover":  "looks for instances again",
	"backend":   "interrupts calls whose caller has gone, and closes idle connections",
	"observe":   "sends lines of the log that have waited for a moment",
	"serve":     "runs the two listeners, and drains",
	"route":     "ends streams that have paused for too long, and begins answers that are late",
	"gateway":   "waits for a signal",
	"identity":  "refreshes signing keys",
	"facettest": "runs stub servers and clients in tests",
	"cmd":       "a command is a process of its own",
}

var concurrencyLaws = []law{
	{
		name:   "goroutines",
		remedy: "say it as steps of a graph, or let compose, live, policy or cache run it",
		check:  checkGoroutines,
		broken: `
-- shared/compose/run.go --
package compose
func run() { go run() }
-- shared/endpoint/endpoint.go --
package endpoint
import "golang.org/x/sync/errgroup"
func serve(g *errgroup.Group) {
	go serve(g)
	g.Go(nil)
}
-- shared/endpoint/endpoint_test.go --
package endpoint
func try() { go try() }
`,
		want: []string{
			"shared/endpoint/endpoint.go:2: imports golang.org/x/sync/errgroup",
			"shared/endpoint/endpoint.go:4: starts a goroutine",
			"shared/endpoint/endpoint.go:5: starts a goroutine",
		},
	},
	{
		name:   "leaks",
		remedy: "call goleak.VerifyTestMain in the package's TestMain",
		check:  checkLeaks,
		broken: `
-- shared/compose/run.go --
package compose
func run() { go run() }
-- shared/compose/run_test.go --
package compose_test
-- shared/policy/hedge.go --
package policy
func hedge() { go hedge() }
-- shared/policy/main_test.go --
package policy
import "go.uber.org/goleak"
-- shared/policy/cache.go --
package policy
`,
		want: []string{"shared/compose/run.go:2: starts a goroutine, and no test of shared/compose looks for leaks"},
	},
	{
		name:   "no concurrency in a gateway",
		remedy: "a gateway and a fragment only say what depends on what; the graph runs it concurrently",
		check:  checkSequential,
		broken: `
-- bff-web/home.go --
package main
import "sync"
import "context"
func home(done chan int) {
	select {
	case <-done:
	}
	go home(nil)
	context.AfterFunc(nil, nil)
}
-- bff-web/home_test.go --
package main
import "sync"
-- compositions/cards/cards.go --
package cards
import "sync/atomic"
`,
		want: []string{
			"bff-web/home.go:2: imports sync",
			"bff-web/home.go:4: has a channel",
			"bff-web/home.go:5: selects",
			"bff-web/home.go:6: receives from a channel",
			"bff-web/home.go:8: starts a goroutine",
			"bff-web/home.go:9: starts a goroutine",
			"compositions/cards/cards.go:2: imports sync/atomic",
		},
	},
}

func checkGoroutines(t *tree, report report) {
	for _, f := range t.code() {
		if room(f.dir) == "" || concurrent[room(f.dir)] != "" {
			continue
		}
		for _, i := range f.imports() {
			if within(i.path, "golang.org/x/sync/errgroup") {
				report(i.at, "imports %s", i.path)
			}
		}
		for n := range ast.Preorder(f.syntax) {
			if startsGoroutine(n) {
				report(f.at(n.Pos()), "starts a goroutine")
			}
		}
	}
}

// checkLeaks reports the first goroutine of each package whose tests do not use goleak.
func checkLeaks(t *tree, report report) {
	watched := map[string]bool{}
	for _, f := range t.files {
		for _, i := range f.imports() {
			if f.test && i.path == "go.uber.org/goleak" {
				watched[f.dir] = true
			}
		}
	}
	for _, f := range t.code() {
		for n := range ast.Preorder(f.syntax) {
			if startsGoroutine(n) && !watched[f.dir] {
				report(f.at(n.Pos()), "starts a goroutine, and no test of %s looks for leaks", f.dir)
				watched[f.dir] = true
			}
		}
	}
}

func checkSequential(t *tree, report report) {
	for _, f := range t.code() {
		if !isGateway(f.dir) && top(f.dir) != "compositions" {
			continue
		}
		for _, i := range f.imports() {
			if within(i.path, "sync") || within(i.path, "golang.org/x/sync") {
				report(i.at, "imports %s", i.path)
			}
		}
		for n := range ast.Preorder(f.syntax) {
			if what := concurrency(n); what != "" {
				report(f.at(n.Pos()), "%s", what)
			}
		}
	}
}

// concurrency says what is concurrent about a node itself, not its children.
func concurrency(n ast.Node) string {
	switch n := n.(type) {
	case *ast.ChanType:
		return "has a channel"
	case *ast.SelectStmt:
		return "selects"
	case *ast.SendStmt:
		return "sends to a channel"
	case *ast.UnaryExpr:
		if n.Op == token.ARROW {
			return "receives from a channel"
		}
	}
	if startsGoroutine(n) {
		return "starts a goroutine"
	}
	return ""
}

// startsGoroutine knows the statement, and the Go methods of sync.WaitGroup and
// errgroup.Group and the AfterFunc of time and context by their names.
func startsGoroutine(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.GoStmt:
		return true
	case *ast.CallExpr:
		sel, ok := n.Fun.(*ast.SelectorExpr)
		return ok && (sel.Sel.Name == "Go" || sel.Sel.Name == "TryGo" || sel.Sel.Name == "AfterFunc")
	}
	return false
}
