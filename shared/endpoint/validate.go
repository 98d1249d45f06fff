package endpoint

import (
	"errors"
	"reflect"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/go-playground/validator/v10"

	"github.com/facet-bff/facet/shared/config"
	"github.com/facet-bff/facet/shared/fault"
)

// rules is the one validator of the process: it caches what it learns of types.
var rules = sync.OnceValue(func() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(placeName)
	return v
})

// validate checks in, a pointer to a struct, against its validate tags.
func validate(in any) (wrong []fault.Field) {
	err := rules().Struct(in)
	broken, _ := errors.AsType[validator.ValidationErrors](err)
	prefix := reflect.TypeOf(in).Elem().Name() + "."
	for _, rule := range broken {
		f := placeOf(strings.TrimPrefix(rule.Namespace(), prefix))
		f.Detail = config.Sentence(rule)
		wrong = append(wrong, f)
	}
	return wrong
}

// promoted stands in a namespace for an embedded struct, which a request does not show.
const promoted = "&"

var (
	escape   = strings.NewReplacer("%", "%25", "&", "%26", ".", "%2E", ":", "%3A", "[", "%5B", "]", "%5D")
	unescape = strings.NewReplacer("%25", "%", "%26", "&", "%2E", ".", "%3A", ":", "%5B", "[", "%5D", "]")
)

// placeName names a field so that [placeOf] can tell from a namespace where it is.
func placeName(f reflect.StructField) string {
	switch in, name, err := sourceOf(f); {
	case err == nil && in != "body":
		return in + ":" + escape.Replace(name)
	case embedded(f):
		return promoted
	}
	return escape.Replace(jsonName(f))
}

// placeOf turns a namespace, such as "lines[0].sku" or "query:limit", into the place of a
// value in the request.
func placeOf(namespace string) fault.Field {
	var pointer jsontext.Pointer
	for namespace != "" {
		var name string
		if name, namespace = cutName(namespace); name == promoted {
			continue
		}
		if in, name, ok := strings.Cut(name, ":"); ok && pointer == "" {
			return fault.Field{In: in, Name: unescape.Replace(name)}
		}
		pointer = pointer.AppendToken(unescape.Replace(name))
	}
	return fault.Field{In: "body", Pointer: string(pointer)}
}

// cutName cuts a namespace after its first name, or after an index or key in brackets.
func cutName(namespace string) (name, rest string) {
	if key, ok := strings.CutPrefix(namespace, "["); ok {
		for i := range len(key) {
			if rest := key[i+1:]; key[i] == ']' && (rest == "" || rest[0] == '.' || rest[0] == '[') {
				return escape.Replace(key[:i]), strings.TrimPrefix(rest, ".")
			}
		}
	}
	if i := strings.IndexAny(namespace, ".["); i >= 0 {
		return namespace[:i], strings.TrimPrefix(namespace[i:], ".")
	}
	return namespace, ""
}
