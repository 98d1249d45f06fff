package endpoint

import (
	"reflect"
	"strings"
	"sync"

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

// placeName names a field so that [placeOf] can tell from a namespace where it is.
func placeName(f reflect.StructField) string {
	for tag, in := range sources {
		if name, ok := f.Tag.Lookup(tag); ok {
			return in + ":" + name
		}
	}
	return jsonName(f)
}

// validate checks in, a pointer to a struct, against its validate tags.
func validate(in any) (wrong []fault.Field) {
	err := rules().Struct(in)
	broken, _ := err.(validator.ValidationErrors)
	for _, rule := range broken {
		f := placeOf(rule.Namespace())
		f.Detail = config.Sentence(rule)
		wrong = append(wrong, f)
	}
	return wrong
}

// placeOf turns a namespace, such as "order.lines[0].sku" or "search.query:limit", into
// the place of a value in the request.
func placeOf(namespace string) fault.Field {
	_, path, _ := strings.Cut(namespace, ".")
	if in, name, ok := strings.Cut(path, ":"); ok {
		name, _, _ = strings.Cut(name, "[")
		return fault.Field{In: in, Name: name}
	}
	pointer := strings.NewReplacer("~", "~0", "/", "~1", ".", "/", "[", "/", "]", "").Replace(path)
	return fault.Field{In: "body", Pointer: "/" + pointer}
}
