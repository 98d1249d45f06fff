package endpoint

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"time"
)

var errTwice = errors.New("must be given once")

// setter returns a function that sets a value of type t from text: scalars, what has a
// text form of its own, pointers to them (nil when absent), and lists of them.
func setter(t reflect.Type) (func(reflect.Value, []string) error, error) {
	if t.Kind() == reflect.Slice && !isText(t) {
		one, err := scalar(t.Elem())
		if err != nil {
			return nil, err
		}
		return func(v reflect.Value, values []string) error {
			list := reflect.MakeSlice(t, len(values), len(values))
			for i, s := range values {
				if err := one(list.Index(i), s); err != nil {
					return err
				}
			}
			v.Set(list)
			return nil
		}, nil
	}
	one, err := scalar(t)
	if err != nil {
		return nil, err
	}
	return func(v reflect.Value, values []string) error {
		if len(values) > 1 {
			return errTwice
		}
		return one(v, values[0])
	}, nil
}

func isText(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

func scalar(t reflect.Type) (func(reflect.Value, string) error, error) {
	switch {
	case t.Kind() == reflect.Pointer:
		one, err := scalar(t.Elem())
		return func(v reflect.Value, s string) error {
			v.Set(reflect.New(t.Elem()))
			return one(v.Elem(), s)
		}, err
	case isText(t):
		return setText, nil
	case t == reflect.TypeFor[time.Duration]():
		return setDuration, nil
	}
	switch t.Kind() {
	case reflect.String:
		return setString, nil
	case reflect.Bool:
		return setBool, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return setInt, nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return setUint, nil
	case reflect.Float32, reflect.Float64:
		return setFloat, nil
	}
	return nil, fmt.Errorf("a %s cannot be read from text", t)
}

func setText(v reflect.Value, s string) error {
	if err := v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(s)); err != nil {
		return fmt.Errorf("must be a valid %s", textName(v.Type()))
	}
	return nil
}

// textName names a type to a client.
func textName(t reflect.Type) string {
	if t == reflect.TypeFor[time.Time]() {
		return "time (RFC 3339)"
	}
	return "value"
}

func setDuration(v reflect.Value, s string) error {
	d, err := time.ParseDuration(s)
	if err != nil {
		return errors.New("must be a duration like 1m30s")
	}
	v.SetInt(int64(d))
	return nil
}

func setString(v reflect.Value, s string) error {
	v.SetString(s)
	return nil
}

func setBool(v reflect.Value, s string) error {
	if s != "true" && s != "false" {
		return errors.New("must be true or false")
	}
	v.SetBool(s == "true")
	return nil
}

func setInt(v reflect.Value, s string) error {
	n, err := strconv.ParseInt(s, 10, v.Type().Bits())
	if err != nil {
		return errors.New("must be a whole number")
	}
	v.SetInt(n)
	return nil
}

func setUint(v reflect.Value, s string) error {
	n, err := strconv.ParseUint(s, 10, v.Type().Bits())
	if err != nil {
		return errors.New("must be a whole number that is not negative")
	}
	v.SetUint(n)
	return nil
}

func setFloat(v reflect.Value, s string) error {
	n, err := strconv.ParseFloat(s, v.Type().Bits())
	if err != nil || n != n || n-n != 0 {
		return errors.New("must be a number")
	}
	v.SetFloat(n)
	return nil
}
