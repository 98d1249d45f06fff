package config

import (
	"bytes"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/token"
)

// A renderer writes values as YAML, with the sources that the merged tree remembers.
type renderer struct {
	schema schema
	out    bytes.Buffer
	indent string
}

// section writes the fields of v, without those that are absent: nil pointers, lists and
// maps, and zero values that cannot be written.
func (r *renderer) section(v reflect.Value, n *node) {
	n = r.schema[v.Type()].long(n)
	for _, f := range r.schema[v.Type()].fields {
		child := n.get(f.name)
		if child == nil {
			child = f.byDefault
		}
		r.entry(f.name+":", v.FieldByIndex(f.index), child, f.secret)
	}
}

// entry writes a value behind its key, or behind the dash of a list.
func (r *renderer) entry(lead string, v reflect.Value, n *node, secret bool) {
	form := formOf(v.Type())
	if form == asPointer {
		if !v.IsNil() {
			r.entry(lead, v.Elem(), n, secret)
		}
		return
	}
	switch {
	case secret && !v.IsZero():
		r.line(lead, `"***"`, n)
	case form == asSection:
		r.block(lead, "{}", func() { r.section(v, n) })
	case form == asMap && !v.IsNil():
		r.block(lead, "{}", func() { r.table(v, n) })
	case form == asList && !v.IsNil():
		r.block(lead, "[]", func() { r.list(v, n) })
	case form == asScalar:
		if text, ok := scalarText(v, n); ok {
			r.line(lead, text, n)
		}
	}
}

func (r *renderer) line(lead, text string, n *node) {
	fmt.Fprintf(&r.out, "%s%s %s # %s\n", r.indent, lead, text, n.origin())
}

// block writes what body does one level deeper, or what stands for nothing.
func (r *renderer) block(lead, nothing string, body func()) {
	start, indent := r.out.Len(), r.indent
	fmt.Fprintf(&r.out, "%s%s\n", indent, lead)
	empty := r.out.Len()
	r.indent += "  "
	body()
	r.indent = indent
	if r.out.Len() == empty {
		r.out.Truncate(start)
		fmt.Fprintf(&r.out, "%s%s %s\n", indent, lead, nothing)
	}
}

func (r *renderer) table(v reflect.Value, n *node) {
	keys := slices.SortedFunc(slices.Values(v.MapKeys()), func(a, b reflect.Value) int {
		return strings.Compare(a.String(), b.String())
	})
	for _, key := range keys {
		r.entry(quoted(key.String())+":", v.MapIndex(key), n.get(key.String()), false)
	}
}

func (r *renderer) list(v reflect.Value, n *node) {
	for i := range v.Len() {
		r.entry("-", v.Index(i), n.at(i), false)
	}
}

// at is the item of a sequence; nil if the node, or the item, is not there.
func (n *node) at(i int) *node {
	if n == nil || i >= len(n.items) {
		return nil
	}
	return n.items[i]
}

// origin says in a comment where a value is from.
func (n *node) origin() string {
	switch {
	case n == nil:
		return "unset"
	case n.pos.variable != "":
		return n.pos.variable
	case n.pos.line > 0:
		return fmt.Sprintf("%s:%d", n.pos.source, n.pos.line)
	default:
		return "default"
	}
}

// scalarText is false for the absent value of a type that has its own text.
func scalarText(v reflect.Value, n *node) (string, bool) {
	switch {
	case v.Type() == duration:
		return time.Duration(v.Int()).String(), true
	case reflect.PointerTo(v.Type()).Implements(unmarshaler):
		if n == nil {
			return "", false
		}
		return quoted(n.text), true
	case v.Kind() == reflect.String:
		return quoted(v.String()), true
	case v.Kind() == reflect.Bool:
		return strconv.FormatBool(v.Bool()), true
	case v.CanFloat():
		return strconv.FormatFloat(v.Float(), 'f', -1, v.Type().Bits()), true
	case v.CanUint():
		return strconv.FormatUint(v.Uint(), 10), true
	default:
		return strconv.FormatInt(v.Int(), 10), true
	}
}

var bare = regexp.MustCompile(`^[A-Za-z/][A-Za-z0-9_./-]*(://[A-Za-z0-9_.:/-]+)?$`)

// quoted is text as a YAML string, without quotes where it can be nothing else.
func quoted(text string) string {
	if bare.MatchString(text) && !token.IsNeedQuoted(text) && !strings.HasSuffix(text, ":") {
		return text
	}
	return strconv.Quote(text)
}
