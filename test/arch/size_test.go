package arch_test

import (
	"go/ast"
	"go/token"
	"strings"
)

// Limits, which the usual size stays far below: about 110 lines a file, and five to
// twenty a function.
const (
	maxFile     = 400 // lines
	maxFunction = 60  // lines
	maxExported = 30  // names of a package of shared, without methods
	maxGateway  = 500 // lines of package gateway: it assembles, and decides nothing
)

var sizeLaws = []law{
	{
		name:   "size of a file",
		remedy: "split it by what its parts are about",
		check:  checkFiles,
		broken: "-- test/e2e/e2e_test.go --\npackage e2e\n" + strings.Repeat("\n", maxFile) +
			"-- test/e2e/fits.go --\npackage e2e\n" + strings.Repeat("\n", maxFile-1),
		want: []string{"test/e2e/e2e_test.go:1: has 401 lines, more than 400"},
	},
	{
		name:   "size of a function",
		remedy: "name its parts",
		check:  checkFunctions,
		broken: "-- bff-web/home.go --\npackage main\nfunc home() {\n" + strings.Repeat("\n", maxFunction) + "}\n" +
			"func fits() {\n" + strings.Repeat("\n", maxFunction-2) + "}\n" +
			"-- bff-web/home_test.go --\npackage main\nfunc table() {\n" + strings.Repeat("\n", maxFunction) + "}\n",
		want: []string{"bff-web/home.go:2: home has 62 lines, more than 60"},
	},
	{
		name:   "exported names",
		remedy: "unexport what no other package needs, or split the package",
		check:  checkExported,
		broken: "-- shared/cache/cache.go --\npackage cache\nvar (\n" + numbered("V", maxExported) + ")\ntype T int\n" +
			"func (T) M() {}\n-- shared/live/live.go --\npackage live\nconst (\n" + numbered("C", maxExported) + ")\n" +
			"func unexported() {}\n",
		want: []string{"shared/cache/cache.go:1: shared/cache exports 31 names, more than 30"},
	},
	{
		name:   "size of package gateway",
		remedy: "it only assembles: a room below is missing",
		check:  checkGateway,
		broken: "-- shared/gateway/a.go --\npackage gateway\n" + strings.Repeat("\n", maxGateway/2) +
			"-- shared/gateway/b.go --\npackage gateway\n" + strings.Repeat("\n", maxGateway/2-2) +
			"-- shared/gateway/a_test.go --\npackage gateway\n",
		want: []string{"shared/gateway/a.go:1: package gateway has 500 lines; it stays under 500"},
	},
}

// numbered declares n names.
func numbered(prefix string, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("\t" + prefix + strings.Repeat("x", i) + " = 0\n")
	}
	return b.String()
}

func checkFiles(t *tree, report report) {
	for _, f := range t.files {
		if f.lines() > maxFile {
			report(f.name+":1", "has %d lines, more than %d", f.lines(), maxFile)
		}
	}
}

// A test function is not limited: its table is data.
func checkFunctions(t *tree, report report) {
	for _, f := range t.code() {
		for _, d := range f.syntax.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if n := f.line(fn.End()) - f.line(fn.Pos()) + 1; n > maxFunction {
				report(f.at(fn.Pos()), "%s has %d lines, more than %d", fn.Name.Name, n, maxFunction)
			}
		}
	}
}

func checkExported(t *tree, report report) {
	dirs, files := t.packages("shared/")
	for _, dir := range dirs {
		n := 0
		for _, f := range files[dir] {
			n += exported(f)
		}
		if first := files[dir][0]; n > maxExported {
			report(first.at(first.syntax.Package), "%s exports %d names, more than %d", dir, n, maxExported)
		}
	}
}

// exported counts the names that a file declares for other packages. Methods are part
// of their type.
func exported(f *file) (n int) {
	count := func(names ...*ast.Ident) {
		for _, name := range names {
			if name.IsExported() {
				n++
			}
		}
	}
	for _, d := range f.syntax.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				count(d.Name)
			}
		case *ast.GenDecl:
			if d.Tok == token.IMPORT {
				continue
			}
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					count(s.Name)
				case *ast.ValueSpec:
					count(s.Names...)
				}
			}
		}
	}
	return n
}

func checkGateway(t *tree, report report) {
	_, files := t.packages("shared/")
	lines := 0
	for _, f := range files["shared/gateway"] {
		lines += f.lines()
	}
	if lines >= maxGateway {
		first := files["shared/gateway"][0]
		report(first.at(first.syntax.Package), "package gateway has %d lines; it stays under %d", lines, maxGateway)
	}
}
