package arch_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// house is what every import path of ours begins with.
const house = "github.com/facet-bff/facet/"

// A tree is the source of the repository, or of a small one that breaks a law.
type tree struct {
	files   []*file
	texts   []text
	modules []*module
}

// A file is one Go file. Its names are slash-separated and start at the tree's root.
type file struct {
	name   string
	dir    string
	test   bool
	source string
	syntax *ast.File
	fset   *token.FileSet
}

// A text is a file that is neither Go nor binary.
type text struct {
	name, body string
}

// readTree reads everything that is kept in version control. A directory whose name
// says that its content is built or fetched is left out.
func readTree(root fs.FS) (*tree, error) {
	t := &tree{}
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if slices.Contains([]string{".git", "bin", "node_modules"}, entry.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		body, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		return t.add(name, string(body))
	})
	return t, err
}

func (t *tree) add(name, body string) error {
	switch {
	case path.Ext(name) == ".go":
		fset := token.NewFileSet()
		syntax, err := parser.ParseFile(fset, name, body, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		t.files = append(t.files, &file{
			name: name, dir: path.Dir(name), test: strings.HasSuffix(name, "_test.go"),
			source: body, syntax: syntax, fset: fset,
		})
		return nil
	case path.Base(name) == "go.mod":
		t.modules = append(t.modules, parseModule(name, body))
	case path.Base(name) == "go.sum", path.Base(name) == "go.work.sum", !utf8.ValidString(body):
		return nil
	}
	t.texts = append(t.texts, text{name: name, body: body})
	return nil
}

// code are the files that are no tests.
func (t *tree) code() []*file {
	return slices.DeleteFunc(slices.Clone(t.files), func(f *file) bool { return f.test })
}

// packages are the directories below dir that have code, each with its files, in order.
func (t *tree) packages(dir string) (dirs []string, files map[string][]*file) {
	files = map[string][]*file{}
	for _, f := range t.code() {
		if !strings.HasPrefix(f.dir+"/", dir) {
			continue
		}
		if files[f.dir] == nil {
			dirs = append(dirs, f.dir)
		}
		files[f.dir] = append(files[f.dir], f)
	}
	return dirs, files
}

// at is a position as editors understand it.
func (f *file) at(pos token.Pos) string {
	return fmt.Sprintf("%s:%d", f.name, f.line(pos))
}

func (f *file) line(pos token.Pos) int { return f.fset.Position(pos).Line }

func (f *file) lines() int { return strings.Count(f.source, "\n") }

// An imported is one import of a file. Dir is the directory of a package of ours, or
// empty.
type imported struct {
	path, dir string
	at        string
}

func (f *file) imports() []imported {
	var all []imported
	for _, spec := range f.syntax.Imports {
		name, _ := strconv.Unquote(spec.Path.Value) // the parser has accepted it
		dir, ours := strings.CutPrefix(name, house)
		if !ours {
			dir = ""
		}
		all = append(all, imported{path: name, dir: dir, at: f.at(spec.Pos())})
	}
	return all
}

// top is the first element of a directory: the folder that a team owns.
func top(dir string) string {
	first, _, _ := strings.Cut(dir, "/")
	return first
}

// room is the package of shared that a directory belongs to, or empty.
func room(dir string) string {
	below, ok := strings.CutPrefix(dir, "shared/")
	if !ok {
		return ""
	}
	return top(below)
}

func isGateway(dir string) bool { return strings.HasPrefix(dir, "bff-") }

// within reports whether an import path is a library's or a package of its.
func within(path, library string) bool {
	return path == library || strings.HasPrefix(path, library+"/")
}
