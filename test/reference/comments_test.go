package reference

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
)

// comments are those of types and of their fields, from their source.
type comments struct {
	root  string // of the repository
	types map[string]*ast.GenDecl
	specs map[string]*ast.TypeSpec
}

const house = "github.com/facet-bff/facet/"

// says is the comment of a field: what stands above it and behind it.
func (c *comments) says(t reflect.Type, f reflect.StructField) string {
	spec := c.spec(t)
	if spec == nil {
		return ""
	}
	structure, ok := spec.Type.(*ast.StructType)
	if !ok {
		return ""
	}
	for _, field := range structure.Fields.List {
		for _, name := range field.Names {
			if name.Name == f.Name {
				return sentence(f.Name, field.Doc.Text()+" "+field.Comment.Text())
			}
		}
	}
	for _, field := range structure.Fields.List { // f may be in an embedded struct
		if len(field.Names) > 0 {
			continue
		}
		if embedded, ok := t.FieldByName(last(field.Type)); ok {
			if text := c.says(embedded.Type, f); text != "" {
				return text
			}
		}
	}
	return ""
}

func last(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// of is the comment of a type.
func (c *comments) of(t reflect.Type) string {
	if c.spec(t) == nil {
		return ""
	}
	return sentence(t.Name(), c.types[t.PkgPath()+"."+t.Name()].Doc.Text())
}

// spec is where t is declared; nil if that is not in this repository.
func (c *comments) spec(t reflect.Type) *ast.TypeSpec {
	dir, ours := strings.CutPrefix(t.PkgPath(), house)
	if !ours {
		return nil
	}
	if c.specs == nil {
		c.types, c.specs = map[string]*ast.GenDecl{}, map[string]*ast.TypeSpec{}
	}
	if spec, ok := c.specs[t.PkgPath()+"."+t.Name()]; ok {
		return spec
	}
	entries, err := os.ReadDir(filepath.Join(c.root, dir))
	if err != nil {
		panic(err)
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".go") && !strings.HasSuffix(e.Name(), "_test.go") {
			c.read(t.PkgPath(), filepath.Join(c.root, dir, e.Name()))
		}
	}
	return c.specs[t.PkgPath()+"."+t.Name()]
}

func (c *comments) read(pkg, name string) {
	syntax, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
	if err != nil {
		panic(err)
	}
	for _, d := range syntax.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, s := range g.Specs {
			if spec, ok := s.(*ast.TypeSpec); ok {
				c.types[pkg+"."+spec.Name.Name], c.specs[pkg+"."+spec.Name.Name] = g, spec
			}
		}
	}
}

var absent = regexp.MustCompile(`^nil:? `)

var link = regexp.MustCompile(`\[([\w./]+)\]`)

// sentence is a comment in one line, without the name in Go of what it is about.
func sentence(name, text string) string {
	text = link.ReplaceAllString(strings.Join(strings.Fields(text), " "), "`$1`")
	text = absent.ReplaceAllString(text, "absent: ")
	about, named := strings.CutPrefix(text, name+" ")
	if !named {
		return text
	}
	about = strings.TrimPrefix(strings.TrimPrefix(about, "is "), "are ")
	return strings.ToUpper(about[:1]) + about[1:]
}
