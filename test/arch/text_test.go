package arch_test

import (
	"go/ast"
	"path"
	"regexp"
	"slices"
	"strings"
)

var (
	// A note of something to do is an issue that nobody sees.
	note = regexp.MustCompile(`\b(TODO|FIXME|XXX)\b`)

	// The home of a user, and a directory that only one machine has.
	machinePath = regexp.MustCompile(`(?:^|[^\w.*])/(?:home|Users|root|work)/\w|/tmp/\w+\.\d+/`)

	// Names that say nothing of what is inside.
	emptyNames = []string{"util", "utils", "common", "helper", "helpers", "types", "impl", "manager", "misc"}
)

var textLaws = []law{
	{
		name:   "no notes",
		remedy: "do it, or open an issue",
		check:  checkNotes,
		broken: `
-- shared/live/live.go --
package live

// Value holds one.
// ` + "TO" + `DO: hold two.
type Value int

const word = "TODO"
-- deploy/base/gateway.yaml --
kind: Deployment
# FIX` + `ME: replicas
`,
		want: []string{
			"shared/live/live.go:4: says TO" + "DO",
			"deploy/base/gateway.yaml:2: says FIX" + "ME",
		},
	},
	{
		name:   "no machine's paths",
		remedy: "a path starts at the repository's root, or is made by t.TempDir or mktemp",
		check:  checkMachinePaths,
		broken: "-- README.md --\nRun it in /ho" + "me/ann/facet.\nSee https://example.org/work/it and */ho" + "me/x.\n" +
			"-- shared/live/live.go --\npackage live\nconst log = \"/t" + "mp/jobs.0/stdout\"\n",
		want: []string{
			"shared/live/live.go:2: names a path of one machine",
			"README.md:1: names a path of one machine",
		},
	},
	{
		name:   "no skipped tests",
		remedy: "make it pass or remove it: a skipped test proves nothing and looks as if it did",
		check:  checkSkips,
		broken: `
-- test/e2e/e2e_test.go --
package e2e
func TestDrain(t *testing.T) {
	t.Skip("slow")
	decoder.Skip()
	t.SkipNow()
}
`,
		want: []string{
			"test/e2e/e2e_test.go:3: calls t.Skip",
			"test/e2e/e2e_test.go:5: calls t.SkipNow",
		},
	},
	{
		name:   "no init",
		remedy: "construct it where it is needed, and pass it",
		check:  checkInit,
		broken: `
-- shared/cache/cache.go --
package cache
type t int
func (t) init() {}
func init() {}
`,
		want: []string{"shared/cache/cache.go:4: init runs before anybody asked for it"},
	},
	{
		name:   "names say what is inside",
		remedy: "name it after what it offers",
		check:  checkNames,
		broken: `
-- shared/observe/utils/clock.go --
package utils
-- shared/observe/helper_test.go --
package observe
-- shared/observe/metrics.go --
package observe
`,
		want: []string{
			`shared/observe/helper_test.go:1: is named "helper"`,
			`shared/observe/utils/clock.go:1: is named "utils"`,
		},
	},
}

// A Go file's string may well say what its comments may not.
func checkNotes(t *tree, report report) {
	for _, f := range t.files {
		for _, group := range f.syntax.Comments {
			for _, c := range group.List {
				if word := note.FindString(c.Text); word != "" {
					report(f.at(c.Pos()), "says %s", word)
				}
			}
		}
	}
	for _, x := range t.texts {
		if strings.Contains(x.name, "testdata/") {
			continue
		}
		for n, line := range numberedLines(x.body) {
			if word := note.FindString(line); word != "" {
				report(position(x.name, n), "says %s", word)
			}
		}
	}
}

func checkMachinePaths(t *tree, report report) {
	search := func(name, body string) {
		for n, line := range numberedLines(body) {
			if machinePath.MatchString(line) {
				report(position(name, n), "names a path of one machine")
			}
		}
	}
	for _, f := range t.files {
		search(f.name, f.source)
	}
	for _, x := range t.texts {
		search(x.name, x.body)
	}
}

func checkSkips(t *tree, report report) {
	skips := []string{"Skip", "Skipf", "SkipNow"}
	tests := []string{"t", "b", "f", "tb"}
	for _, f := range t.files {
		for n := range ast.Preorder(f.syntax) {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok || !slices.Contains(skips, sel.Sel.Name) {
				continue
			}
			if x, ok := sel.X.(*ast.Ident); ok && slices.Contains(tests, x.Name) {
				report(f.at(sel.Pos()), "calls %s.%s", x.Name, sel.Sel.Name)
			}
		}
	}
}

func checkInit(t *tree, report report) {
	for _, f := range t.files {
		for _, d := range f.syntax.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				report(f.at(fn.Pos()), "init runs before anybody asked for it")
			}
		}
	}
}

func checkNames(t *tree, report report) {
	for _, f := range t.files {
		file := strings.TrimSuffix(strings.TrimSuffix(path.Base(f.name), ".go"), "_test")
		for _, name := range []string{file, path.Base(f.dir)} {
			if slices.Contains(emptyNames, name) {
				report(f.at(f.syntax.Package), "is named %q", name)
			}
		}
	}
}
