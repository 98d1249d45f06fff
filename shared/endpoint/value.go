package endpoint

import (
	"encoding"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"
)

var (
	errTwice = errors.New("must be given once")
	errUTF8  = errors.New("must be valid UTF-8")
)

// A set sets a value from text, which is there at least once.
type set func(v reflect.Value, values []string) error

// setter returns what sets a value of type t: scalars, what has a text form of its own,
// pointers to them, and lists of them, which take a value that is there several times.
func setter(t reflect.Type) (set, error) {
	if t.Kind() == reflect.Slice && !isText(t) {
		one, err := scalar(t.Elem())
		if err != nil {
			return nil, err
		}
		return func(v reflect.Value, values []string) error {
			list := reflect.MakeSlice(t, len(values), len(values))
			for i, s := range values {
				if err := setOne(list.Index(i), s, one); err != nil {
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
		return setOne(v, values[0], one)
	}, nil
}

// setOne refuses what no JSON could carry further.
func setOne(v reflect.Value, s string, one func(reflect.Value, string) error) error {
	if !utf8.ValidString(s) {
		return errUTF8
	}
	return one(v, s)
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
		return errors.New("must be a " + textName(v.Type()))
	}
	return nil
}

// textName names a type to a client.
func textName(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[time.Time]():
		return "time (RFC 3339)"
	case reflect.TypeFor[time.Duration]():
		return "duration like 1m30s"
	}
	return "value of its kind"
}

func setDuration(v reflect.Value, s string) error {
	d, err := time.ParseDuration(s)
	if err != nil {
		return errors.New("must be a " + textName(v.Type()))
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
		return notNumber(err, "must be a whole number")
	}
	v.SetInt(n)
	return nil
}

func setUint(v reflect.Value, s string) error {
	n, err := strconv.ParseUint(s, 10, v.Type().Bits())
	if err != nil {
		return notNumber(err, "must be a whole number that is not negative")
	}
	v.SetUint(n)
	return nil
}

func setFloat(v reflect.Value, s string) error {
	n, err := strconv.ParseFloat(s, v.Type().Bits())
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return notNumber(err, "must be a number")
	}
	v.SetFloat(n)
	return nil
}

func notNumber(err error, expected string) error {
	if errors.Is(err, strconv.ErrRange) {
		return errors.New("is a number beyond what is possible")
	}
	return errors.New(expected)
}
