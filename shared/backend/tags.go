package backend

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Tags declares what an operation's answers can be purged by from caches, before their time
// is over. In a tag, {name} stands for what fills the variable, header or JSON field of that
// name; where that is a list, there is a tag for each of its elements:
//
//	backend.GET[SKU, Product](s, "product", "/products/{id}", backend.Tags("product:{id}"))
//	backend.GET[[]SKU, []Product](s, "products", "/products{?ids}", backend.Tags("product:{ids}"))
//
// A tag is the same thing in all services, and in all gateways of one Redis.
func Tags(tags ...string) OpOption {
	return func(s *opSettings) error {
		s.tags = append(s.tags, tags...)
		return nil
	}
}

// Invalidates declares the tags, written as for [Tags], whose answers are out of date once an
// operation that changes something has been called:
//
//	backend.POST[Draft, Order](s, "place", "/orders", backend.Invalidates("orders:{user_id}"))
//
// They are purged when the call is over, unless it is certain that it has done nothing.
func Invalidates(tags ...string) OpOption {
	return func(s *opSettings) error {
		s.invalidates = append(s.invalidates, tags...)
		return nil
	}
}

// A tag is text around the text of one field, or text alone.
type tag struct {
	before, after string
	whole         bool  // the field is the argument itself
	field         []int // nil, unless whole: no field
}

func newTags[A any](e *encoder, sources []string) ([]tag, error) {
	var tags []tag
	for _, source := range sources {
		t, err := e.newTag(reflect.TypeFor[A](), source)
		if err != nil {
			return nil, fmt.Errorf("tag %q: %w", source, err)
		}
		tags = append(tags, t)
	}
	return tags, nil
}

func (e *encoder) newTag(arg reflect.Type, source string) (t tag, err error) {
	before, rest, found := strings.Cut(source, "{")
	name, after, closed := strings.Cut(rest, "}")
	switch {
	case source == "":
		return t, errors.New("it is empty")
	case !found && !strings.Contains(source, "}"):
		return tag{before: source}, nil
	case !closed || name == "" || strings.ContainsAny(before+after, "{}"):
		return t, errors.New("write text, with one {name} in it at most")
	}
	t = tag{before: before, after: after}
	typ := arg
	if e.fields == nil {
		t.whole = slices.Equal(e.tmpl.names(), []string{name})
	} else if f, ok := named(arg, name); ok {
		t.field, typ = f.Index, f.Type
	}
	if !t.whole && t.field == nil {
		return t, fmt.Errorf("%s has no %s", arg, name)
	}
	return t, checkText(typ)
}

// named is the field of a struct that is sent under a name.
func named(t reflect.Type, name string) (reflect.StructField, bool) {
	for _, f := range reflect.VisibleFields(t) {
		for _, source := range []string{"param", "query", "header", "json"} {
			if sent, _, _ := strings.Cut(f.Tag.Get(source), ","); sent == name {
				return f, true
			}
		}
	}
	return reflect.StructField{}, false
}

// tagsOf are the tags of a call with that argument, which has been encoded before, so that
// its texts are there.
func tagsOf(tags []tag, arg reflect.Value) (texts []string) {
	for _, t := range tags {
		switch {
		case t.whole:
			texts = t.of(texts, arg)
		case t.field != nil:
			texts = t.of(texts, arg.FieldByIndex(t.field))
		default:
			texts = append(texts, t.before)
		}
	}
	return texts
}

func (t *tag) of(texts []string, v reflect.Value) []string {
	values, _ := format(v, false) // see tagsOf; a JSON field that has no text has no tag
	for _, value := range values {
		texts = append(texts, t.before+value+t.after)
	}
	return texts
}
