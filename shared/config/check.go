package config

import (
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/go-playground/validator/v10"
)

// rules is the one validator of the process: it caches what it learns of types.
var rules = sync.OnceValue(func() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(keyOf)
	return v
})

func keyOf(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	return name
}

// checkRules panics when the validator does not know a rule of t. Whether the zero value
// is valid does not matter.
func checkRules(t reflect.Type) { _ = rules().Struct(reflect.New(t).Interface()) }

// check applies the rules of one struct, and not of those below it, which are checked
// where they are decoded: there the path and the position are known. What failed to
// decode is not reported twice.
func (d *decoder) check(v reflect.Value, sec *section, n *node, at place, failed map[string]bool) {
	if !d.whole {
		return
	}
	d.checkFields(v, n, at, failed)
	for _, index := range sec.inline {
		d.checkFields(v.FieldByIndex(index), n, at, failed)
	}
	if len(failed) == 0 {
		d.checkMethod(v, sec, at)
	}
}

func (d *decoder) checkFields(v reflect.Value, n *node, at place, failed map[string]bool) {
	t := v.Type()
	skip := func(namespace []byte) bool {
		f, own := t.FieldByName(strings.TrimPrefix(string(namespace), t.Name()+"."))
		return !own || failed[keyOf(f)]
	}
	err := rules().StructFiltered(v.Addr().Interface(), skip)
	broken, _ := errors.AsType[validator.ValidationErrors](err)
	for _, rule := range broken {
		if comparesWith(rule.Param(), t, failed) {
			continue
		}
		path, culprit := locate(rule, t, n, at)
		pos := at.pos
		if culprit != nil {
			pos = culprit.pos
		}
		d.errs.add(pos, path, "%s", sentence(rule, t, culprit != nil))
	}
}

// comparesWith tells whether a rule's parameter names a field that failed to decode.
func comparesWith(param string, t reflect.Type, failed map[string]bool) bool {
	return slices.ContainsFunc(strings.Fields(param), func(name string) bool {
		f, ok := t.FieldByName(name)
		return ok && failed[keyOf(f)]
	})
}

// locate finds what broke a rule: the field hosts, or under dive its item hosts[0] or
// its entry headers[accept]. The node is the nearest that is there, or nil.
func locate(rule validator.FieldError, t reflect.Type, n *node, at place) (string, *node) {
	key, inner, dived := strings.Cut(rule.Field(), "[")
	path, culprit := below(at.path, key), n.get(key)
	if !dived {
		return path, culprit
	}
	inner = strings.TrimSuffix(inner, "]")
	goName, _, _ := strings.Cut(rule.StructField(), "[")
	if f, _ := t.FieldByName(goName); formOf(f.Type) == asMap {
		if value := culprit.get(inner); value != nil {
			culprit = value
		}
		return below(path, inner), culprit
	}
	i, err := strconv.Atoi(inner)
	if err == nil && culprit != nil && i < len(culprit.items) {
		culprit = culprit.items[i]
	}
	return path + "[" + inner + "]", culprit
}

// checkMethod calls the section's Validate. One that is promoted from an inlined struct
// is the section's own, as always in Go.
func (d *decoder) checkMethod(v reflect.Value, sec *section, at place) {
	section, ok := reflect.TypeAssert[interface{ Validate() error }](v.Addr())
	if ok {
		for _, err := range unfold(section.Validate()) {
			d.errs.add(at.pos, at.path, "%v", err)
		}
		return
	}
	for _, index := range sec.inline {
		d.checkMethod(v.FieldByIndex(index), d.schema[v.FieldByIndex(index).Type()], at)
	}
}

var joined = reflect.TypeOf(errors.Join(errors.New("")))

// unfold takes apart what errors.Join made. Other errors with several causes have words
// of their own, and stay whole.
func unfold(err error) []error {
	if err == nil {
		return nil
	}
	if reflect.TypeOf(err) != joined {
		return []error{err}
	}
	var all []error
	for _, cause := range err.(interface{ Unwrap() []error }).Unwrap() {
		all = append(all, unfold(cause)...)
	}
	return all
}
