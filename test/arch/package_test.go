package arch_test

import (
	"fmt"
	"go/ast"
	"go/doc"
	"iter"
	"slices"
	"strings"
)

var packageLaws = []law{
	{
		name:   "package comments",
		remedy: "say above the package clause of one file what the package is for and how to start",
		check:  checkPackageComments,
		broken: `
-- shared/cache/cache.go --
package cache
-- shared/cache/store.go --
package cache
-- shared/live/live.go --
// Package live swaps generations.
package live
-- shared/live/value.go --
package live
-- bff-web/main.go --
// Package main is no name for a gateway.
package main
-- test/shop/main.go --
// Shop runs the demo's services.
package main
`,
		want: []string{
			"bff-web/main.go:2: bff-web has no package comment that names it",
			"shared/cache/cache.go:1: shared/cache has no package comment that names it",
		},
	},
	{
		name:   "examples",
		remedy: "add an Example with an // Output: comment: it is the manual, and it is run",
		check:  checkExamples,
		broken: `
-- shared/cache/cache.go --
package cache
-- shared/cache/example_test.go --
package cache_test
func Example() {
	println()
	// Output:
	// hit
}
-- shared/live/live.go --
package live
-- shared/live/example_test.go --
package live_test
func ExampleValue() { println() }
-- shared/live/internal/ring/ring.go --
package ring
-- shared/cmd/facet/main.go --
package main
`,
		want: []string{"shared/live/live.go:1: shared/live has no Example that is run"},
	},
}

func checkPackageComments(t *tree, report report) {
	dirs, files := t.packages("")
	for _, dir := range dirs {
		if first := files[dir][0]; !slices.ContainsFunc(files[dir], documents) {
			report(first.at(first.syntax.Package), "%s has no package comment that names it", dir)
		}
	}
}

// documents reports whether a file carries its package's comment: "Package cache ..."
// or, for a command, a sentence about what the command does.
func documents(f *file) bool {
	comment, name := f.syntax.Doc.Text(), f.syntax.Name.Name
	if name == "main" {
		return comment != "" && !strings.HasPrefix(comment, "Package main")
	}
	return strings.HasPrefix(comment, "Package "+name+" ")
}

// withoutExample are the packages that cannot have one, each with why.
var withoutExample = map[string]string{
	"shared/observe/observetest": "it needs a *testing.T; its package comment shows a test",
	"shared/redis/redistest":     "it needs a *testing.T; its package comment shows a test",
	"shared/facettest":           "it needs a *testing.T; its package comment shows a test",
	"compositions/shoptest":      "it needs a facettest.Kit; every gateway's tests use it",
}

// checkExamples looks at what other modules can import.
func checkExamples(t *tree, report report) {
	for _, room := range []string{"shared/", "compositions/"} {
		checkExamplesIn(t, room, report)
	}
}

func checkExamplesIn(t *tree, room string, report report) {
	dirs, files := t.packages(room)
	for _, dir := range dirs {
		first := files[dir][0]
		internal := strings.Contains(dir+"/", "/internal/")
		if first.syntax.Name.Name != "main" && !internal && withoutExample[dir] == "" && !t.hasExample(dir) {
			report(first.at(first.syntax.Package), "%s has no Example that is run", dir)
		}
	}
}

// hasExample reports whether go test runs an example of the package. It runs only those
// that say what they print.
func (t *tree) hasExample(dir string) bool {
	var tests []*ast.File
	for _, f := range t.files {
		if f.test && f.dir == dir {
			tests = append(tests, f.syntax)
		}
	}
	return slices.ContainsFunc(doc.Examples(tests...), func(e *doc.Example) bool {
		return e.Output != "" || e.EmptyOutput
	})
}

// numberedLines are the lines of a text, counted from one.
func numberedLines(body string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		n := 0
		for line := range strings.Lines(body) {
			n++
			if !yield(n, line) {
				return
			}
		}
	}
}

// position is where a line is, as editors understand it.
func position(name string, line int) string { return fmt.Sprintf("%s:%d", name, line) }
