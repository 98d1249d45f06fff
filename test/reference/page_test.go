package reference

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// A page is a reference in the making.
type page struct {
	comments
	out  strings.Builder
	seen map[reflect.Type]string // where a section is described

	undocumented, unread []string
}

// A row is one key.
type row struct{ key, value, byDefault, says string }

// section describes t and, behind it, the sections in it.
func (p *page) section(path string, t reflect.Type) {
	var rows []row
	type below struct {
		path string
		t    reflect.Type
	}
	var later []below
	p.fields(t, func(f reflect.StructField, key string) {
		key, inner := keyOf(path, key, f.Type)
		r := row{key: key, says: p.says(t, f), byDefault: f.Tag.Get("default")}
		if inner == nil {
			r.value = p.value(f)
		} else if where, twice := p.seen[inner]; twice {
			r.value = "as " + anchor(where)
		} else {
			p.seen[inner], r.value = key, "section "+anchor(key)
			later = append(later, below{key, inner})
		}
		if r.says == "" && inner == nil {
			p.undocumented = append(p.undocumented, fmt.Sprintf("%s.%s (%s)", t, f.Name, key))
		}
		rows = append(rows, r)
	})
	p.table(rows)
	for _, b := range later {
		fmt.Fprintf(&p.out, "\n%s `%s`\n", heading(b.path), b.path)
		if text := p.of(b.t); text != "" {
			p.out.WriteString("\n" + text + "\n")
		}
		p.section(b.path, b.t)
	}
}

// anchor links to where a section is described.
func anchor(path string) string {
	plain := strings.NewReplacer(".", "", "[", "", "]", "", "<", "", ">", "").Replace(path)
	return "[" + strings.NewReplacer("<", "&lt;", "[", `\[`).Replace(path) + "](#" + plain + ")"
}

func heading(path string) string {
	return strings.Repeat("#", min(2+strings.Count(path, "."), 4))
}

// fields yields the configurable fields of t, those of inlined structs among them.
func (p *page) fields(t reflect.Type, yield func(reflect.StructField, string)) {
	for f := range t.Fields() {
		name, option, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case option == "inline":
			p.fields(f.Type, yield)
		case name != "" && name != "-":
			yield(f, name)
		}
	}
}

// keyOf is the path of a key, and the type of the sections that it holds, if it does.
func keyOf(path, key string, t reflect.Type) (string, reflect.Type) {
	at := strings.TrimPrefix(path+"."+key, ".")
	for {
		switch {
		case scalar(t):
			return at, nil
		case t.Kind() == reflect.Pointer:
		case t.Kind() == reflect.Slice:
			if !scalar(t.Elem()) {
				at += "[]"
			}
		case t.Kind() == reflect.Map:
			at += ".<name>"
		default:
			return at, t
		}
		t = t.Elem()
	}
}

func scalar(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) ||
		!slices.Contains([]reflect.Kind{reflect.Struct, reflect.Pointer, reflect.Slice, reflect.Map}, t.Kind())
}

// value says what may be written.
func (p *page) value(f reflect.StructField) string {
	t, many := f.Type, ""
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		if scalar(t) {
			break
		}
		if t.Kind() == reflect.Slice {
			many = "list of "
		}
		t = t.Elem()
	}
	what := kind(t)
	if f.Tag.Get("unit") == "bytes" {
		what = "size"
	}
	rules := p.rules(f.Tag.Get("validate"))
	if len(rules) == 1 && strings.HasPrefix(rules[0], "one of ") {
		return many + rules[0]
	}
	return strings.Join(append([]string{many + what}, rules...), ", ")
}

func kind(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return "duration"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.String || t.Kind() == reflect.Struct:
		return "text"
	case t.Kind() == reflect.Float32 || t.Kind() == reflect.Float64:
		return "number"
	}
	return "whole number"
}

// phrases say what rules of the validator mean; %s is their argument.
var phrases = map[string]string{
	"required": "required", "min": "at least %s", "max": "at most %s", "gt": "more than %s", "gtefield": "at least %s",
	"oneof": "one of %s", "unique": "each once", "startswith": "beginning with %s", "alphanum": "letters and digits",
	"http_url": "http or https URL", "hostname_port": "host:port", "hostname_port|hostname": "host, with or without port",
	"cidr": "network as 10.0.0.0/8", "omitempty": "", "dive": "",
}

func (p *page) rules(tag string) (all []string) {
	if tag == "" {
		return nil
	}
	for rule := range strings.SplitSeq(tag, ",") {
		name, arg, _ := strings.Cut(rule, "=")
		phrase, known := phrases[name]
		switch {
		case !known:
			p.unread = append(p.unread, rule)
		case strings.Contains(phrase, "%s"):
			all = append(all, fmt.Sprintf(phrase, strings.ReplaceAll(arg, " ", ", ")))
		case phrase != "":
			all = append(all, phrase)
		}
	}
	return all
}

func (p *page) table(rows []row) {
	p.out.WriteString("\n| key | value | default | |\n|---|---|---|---|\n")
	for _, r := range rows {
		byDefault := r.byDefault
		if byDefault != "" {
			byDefault = "`" + byDefault + "`"
		}
		fmt.Fprintf(&p.out, "| `%s` | %s | %s | %s |\n", r.key, r.value, byDefault, strings.ReplaceAll(r.says, "|", `\|`))
	}
}
