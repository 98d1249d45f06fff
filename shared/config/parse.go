package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

const (
	maxSize  = 1 << 20
	maxDepth = 64
	maxKeys  = 10_000 // the parser's time grows with their square
)

// parseFile is [parse] of a file.
func parseFile(path string) (*node, Errors) {
	var errs Errors
	text, err := readFile(path)
	if err != nil {
		errs.add(position{source: path}, "", "cannot be read: %v", err)
		return nil, errs
	}
	return parse(path, text)
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, withoutPath(err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	return text, withoutPath(err)
}

// withoutPath leaves out what the message says already.
func withoutPath(err error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		return pathErr.Err
	}
	return err
}

// parse reads one layer, a mapping. It is nil when the text is none; what else is wrong
// with it, as a key given twice, leaves the rest of the layer useful.
func parse(source string, text []byte) (*node, Errors) {
	p := yaml{source: source}
	return p.layer(text), p.errs
}

type yaml struct {
	source string
	errs   Errors
}

func (p *yaml) layer(text []byte) *node {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if !p.readable(text) {
		return nil
	}
	tokens := lexer.Tokenize(string(text) + "\n") // without a line's end it drops a last tag
	if !p.supported(tokens) {
		return nil
	}
	file, err := parseTokens(tokens)
	if err != nil {
		p.syntax(err)
		return nil
	}
	if len(file.Docs) > 1 {
		p.errs.add(p.at(startOf(file.Docs[1])), "", "a second document is not supported")
		return nil
	}
	return p.root(file)
}

// root is the mapping of a file's only document, if any. An empty document is an empty
// mapping.
func (p *yaml) root(file *ast.File) *node {
	root := newMapping(position{source: p.source, line: 1, column: 1})
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		return root
	}
	switch body := p.node(file.Docs[0].Body, ""); {
	case body == nil:
		return nil
	case body.kind == null:
		return root
	case body.kind != mapping:
		p.errs.add(body.pos, "", "expected a mapping, found %s", body.found())
		return nil
	default:
		body.pos = root.pos
		return body
	}
}

func startOf(doc *ast.DocumentNode) *token.Token {
	if doc.Start != nil || doc.Body == nil {
		return doc.Start
	}
	return doc.Body.GetToken()
}

// readable refuses what is no text of a sensible size.
func (p *yaml) readable(text []byte) bool {
	start := position{source: p.source, line: 1, column: 1}
	if len(text) > maxSize {
		p.errs.add(start, "", "is larger than %d bytes", maxSize)
		return false
	}
	for line := range bytes.Lines(text) {
		if !utf8.Valid(line) {
			p.errs.add(start, "", "is not UTF-8")
			return false
		}
		start.line++
	}
	return true
}

// parseTokens turns a panic into an error: the configuration is other people's text, and
// a fault of the parser must not be the process's.
func parseTokens(tokens token.Tokens) (file *ast.File, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("is not YAML: %v", r)
		}
	}()
	return parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
}

func (p *yaml) syntax(err error) {
	type positioned interface {
		error
		GetMessage() string
		GetToken() *token.Token
	}
	if at, ok := errors.AsType[positioned](err); ok {
		p.errs.add(p.at(at.GetToken()), "", "%s", at.GetMessage())
		return
	}
	p.errs.add(p.at(nil), "", "%v", err)
}

// at is where a token starts. The lexer has none for some, and column 0 for others.
func (p *yaml) at(t *token.Token) position {
	pos := position{source: p.source, line: 1, column: 1}
	if t != nil && t.Position != nil {
		pos.line, pos.column = max(t.Position.Line, 1), max(t.Position.Column, 1)
	}
	return pos
}
