package codec_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/facet-bff/facet/shared/shape"
)

var (
	someTexts = []string{
		"", "a", "plain text of some length", `quoted "\"`, "line\nand\ttab\b\f\r\x00\x1f\x7f", "é", "<&>",
		"日本語のテキスト", "\u2028", "\ufffd", "exactly8", "sixteen bytes ok", "1", "null", "emoji 😀 here",
	}
	someFloats = []float64{
		0, math.Copysign(0, -1), 1, -1, 0.5, 19.99, 0.07, 1234.5, 1e6, 1e13, 1e15, 1e21, 1e20, 1e-6, 9.5e-7, 1e-7, 0.1 + 0.2,
		1 / 3.0, math.MaxFloat64, math.SmallestNonzeroFloat64, 9007199254740993, 123456789.125, 5e-324, 99999999999.99,
	}
)

// fill sets v to something.
func fill(r *rand.Rand, v reflect.Value, deep int) {
	switch v.Type() {
	case reflect.TypeFor[time.Time]():
		zone := []*time.Location{time.UTC, time.UTC, time.FixedZone("", 5400)}[r.IntN(3)]
		v.Set(reflect.ValueOf(time.Unix(r.Int64N(1<<33), r.Int64N(1e9)*r.Int64N(2)).In(zone)))
		return
	case reflect.TypeFor[jsontext.Value](), reflect.TypeFor[shape.JSON]():
		values := []string{"null", `{"a":[1,2.50,{"b":"é"}]}`, `"x"`, "17"}
		v.SetBytes([]byte(values[r.IntN(len(values))]))
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.String:
		v.SetString(someTexts[r.IntN(len(someTexts))])
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(r.Uint64()) >> r.IntN(64))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		v.SetUint(r.Uint64() >> r.IntN(64))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float(r))
	default:
		if r.IntN(8) > 0 && deep > 0 {
			fillNested(r, v, deep-1)
		}
	}
}

func float(r *rand.Rand) float64 {
	switch r.IntN(4) {
	case 0:
		return someFloats[r.IntN(len(someFloats))]
	case 1:
		return float64(r.IntN(1e7)) / 100
	case 2:
		return r.NormFloat64() * math.Pow10(r.IntN(40)-20)
	}
	if f := math.Float64frombits(r.Uint64()); !math.IsNaN(f) && !math.IsInf(f, 0) {
		return f
	}
	return 0
}

func fillNested(r *rand.Rand, v reflect.Value, deep int) {
	switch t := v.Type(); t.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
		fill(r, v.Elem(), deep)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(t, r.IntN(7), 8))
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			fill(r, v.Index(i), deep)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(t))
		for range r.IntN(5) {
			key, elem := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
			fill(r, key, deep)
			fill(r, elem, deep)
			if key.Comparable() { // not so is what an interface may hold
				v.SetMapIndex(key, elem)
			}
		}
	case reflect.Struct:
		for i := range t.NumField() {
			if f := v.Field(i); f.CanSet() {
				fill(r, f, deep)
			} else if t.Field(i).Anonymous && f.Kind() == reflect.Struct {
				fillNested(r, f, deep)
			}
		}
	case reflect.Interface:
		if t.NumMethod() == 0 {
			dynamic := []any{"text", 1.5, true, []any{nil, "x"}, map[string]any{"b": 1.0, "a": nil}, time.Minute, 3, inner{}}
			v.Set(reflect.ValueOf(dynamic[r.IntN(len(dynamic))]))
		} else if reflect.TypeFor[zero]().Implements(t) {
			v.Set(reflect.ValueOf(zero(r.IntN(9))))
		}
	}
}
