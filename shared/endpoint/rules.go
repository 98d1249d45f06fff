package endpoint

import (
	"fmt"
	"reflect"
)

// tryRules asks every rule of an input's validate tags once. The validator panics when it
// meets a rule that it does not know or that does not fit the field: here, that is an
// error before the first request.
func tryRules(t reflect.Type) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: a validate tag is wrong: %v", t, p)
		}
	}()
	v := reflect.New(t)
	validate(v.Interface()) // rules may look at nothing more, once a value is not zero
	fill(v.Elem(), 8)
	validate(v.Interface())
	return nil
}

// fill makes v a value in which everything is there, down to a depth that ends types
// which contain themselves.
func fill(v reflect.Value, depth int) {
	if depth == 0 || !v.CanSet() {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth-1)
	case reflect.Struct:
		for _, field := range v.Fields() {
			fill(field, depth-1)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), depth-1)
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), depth-1)
		}
	case reflect.Map:
		key, element := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, depth-1)
		fill(element, depth-1)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, element)
	case reflect.String:
		v.SetString("x")
	default:
		if v.CanInt() {
			v.SetInt(1)
		}
	}
}
