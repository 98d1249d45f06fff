package arch_test

import (
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

const goVersion = "1.26.0"

// A module is what a go.mod file says. The lines are read in one form, whether they
// stand in a block or alone.
type module struct {
	name  string // of the file
	dir   string
	lines []directive
}

type directive struct {
	verb string
	args []string
	at   string
}

func parseModule(name, body string) *module {
	m := &module{name: name, dir: path.Dir(name)}
	block := ""
	for n, line := range numberedLines(body) {
		line, _, _ = strings.Cut(line, "//")
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case words[0] == ")":
			block = ""
		case words[len(words)-1] == "(":
			block = words[0]
		case block != "":
			m.lines = append(m.lines, directive{verb: block, args: words, at: position(name, n)})
		default:
			m.lines = append(m.lines, directive{verb: words[0], args: words[1:], at: position(name, n)})
		}
	}
	return m
}

var moduleLaws = []law{
	{
		name:   "Go version",
		remedy: "say go " + goVersion + " and no toolchain in each module, so that all build alike",
		check:  checkGoVersion,
		broken: `
-- shared/go.mod --
module github.com/facet-bff/facet/shared
go 1.26.0
-- test/go.mod --
module github.com/facet-bff/facet/test
go 1.26
toolchain go1.26.8
`,
		want: []string{
			"test/go.mod:2: says go 1.26",
			"test/go.mod:3: names a toolchain",
		},
	},
	{
		name:   "siblings",
		remedy: "replace each sibling that the module needs, also indirectly: a team builds without the workspace",
		check:  checkSiblings,
		broken: `
-- shared/go.mod --
module github.com/facet-bff/facet/shared
-- compositions/go.mod --
module github.com/facet-bff/facet/compositions
replace github.com/facet-bff/facet/shared => ../elsewhere
-- compositions/cards/cards.go --
package cards
import "github.com/facet-bff/facet/shared/compose"
-- bff-web/go.mod --
module github.com/facet-bff/facet/bff-web
replace (
	github.com/facet-bff/facet/compositions => ../compositions
)
-- bff-web/home.go --
package main
import "github.com/facet-bff/facet/compositions/cards"
`,
		want: []string{
			"bff-web/go.mod:1: needs shared: replace github.com/facet-bff/facet/shared => ../shared",
			"compositions/go.mod:1: needs shared: replace github.com/facet-bff/facet/shared => ../shared",
		},
	},
	{
		name:   "one version",
		remedy: "require the same version everywhere: a gateway must not behave otherwise in the workspace",
		check:  checkVersions,
		broken: `
-- shared/go.mod --
module github.com/facet-bff/facet/shared
require golang.org/x/sync v0.24.0
require github.com/facet-bff/facet/compositions v0.0.0
-- test/go.mod --
module github.com/facet-bff/facet/test
require (
	golang.org/x/sync v0.23.0 // indirect
	golang.org/x/text v0.43.0
)
`,
		want: []string{"test/go.mod:3: requires golang.org/x/sync v0.23.0; v0.24.0 is required in shared/go.mod:2"},
	},
	{
		name:   "workspace",
		remedy: "list each module in go.work, which make reads",
		check:  checkWorkspace,
		broken: `
-- go.work --
go 1.26.0
use (
	./shared
)
-- shared/go.mod --
module github.com/facet-bff/facet/shared
-- bff-tv/go.mod --
module github.com/facet-bff/facet/bff-tv
`,
		want: []string{"bff-tv/go.mod:1: is not in go.work"},
	},
}

func checkGoVersion(t *tree, report report) {
	for _, m := range t.modules {
		for _, d := range m.lines {
			switch {
			case d.verb == "toolchain":
				report(d.at, "names a toolchain")
			case d.verb == "go" && d.args[0] != goVersion:
				report(d.at, "says go %s", d.args[0])
			}
		}
	}
}

func checkSiblings(t *tree, report report) {
	for _, m := range t.modules {
		for _, dir := range slices.Sorted(maps.Keys(t.needs(m.dir))) {
			to, err := filepath.Rel(m.dir, dir)
			want := []string{house + dir, "=>", filepath.ToSlash(to)}
			has := func(d directive) bool { return d.verb == "replace" && slices.Equal(d.args, want) }
			if err != nil || !slices.ContainsFunc(m.lines, has) {
				report(position(m.name, 1), "needs %s: replace %s", dir, strings.Join(want, " "))
			}
		}
	}
}

// needs are the modules that the packages and tests of a module import, and what the
// packages of those need in turn.
func (t *tree) needs(dir string) map[string]bool {
	needed := map[string]bool{}
	var visit func(from string, tests bool)
	visit = func(from string, tests bool) {
		for _, f := range t.files {
			if t.moduleOf(f.dir) != from || f.test && !tests {
				continue
			}
			for _, i := range f.imports() {
				to := t.moduleOf(i.dir)
				if to != "" && to != dir && !needed[to] {
					needed[to] = true
					visit(to, false)
				}
			}
		}
	}
	visit(dir, true)
	return needed
}

// moduleOf is the directory of the module that a directory is in, or empty.
func (t *tree) moduleOf(dir string) (found string) {
	for _, m := range t.modules {
		if within(dir, m.dir) && len(m.dir) > len(found) {
			found = m.dir
		}
	}
	return found
}

func checkVersions(t *tree, report report) {
	type pin struct{ version, at string }
	first := map[string]pin{}
	for _, m := range t.modules {
		for _, d := range m.lines {
			if d.verb != "require" || strings.HasPrefix(d.args[0], house) {
				continue
			}
			library, version := d.args[0], d.args[1]
			known, ok := first[library]
			if !ok {
				first[library] = pin{version, d.at}
				continue
			}
			if known.version != version {
				report(d.at, "requires %s %s; %s is required in %s", library, version, known.version, known.at)
			}
		}
	}
}

func checkWorkspace(t *tree, report report) {
	var work string
	for _, x := range t.texts {
		if x.name == "go.work" {
			work = x.body
		}
	}
	used := strings.Fields(work)
	for _, m := range t.modules {
		if !slices.Contains(used, "./"+m.dir) {
			report(position(m.name, 1), "is not in go.work")
		}
	}
}
