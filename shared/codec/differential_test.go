package codec_test

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/facet-bff/facet/shared/shape"
)

// TestAgainstLibrary writes random values and reads what comes out, and what it becomes when
// something in it is changed.
func TestAgainstLibrary(t *testing.T) {
	for _, s := range subjects {
		t.Run(s.name, func(t *testing.T) {
			for seed := range uint64(100) {
				checkAgainstLibrary(t, s, seed)
			}
		})
	}
}

func checkAgainstLibrary(t *testing.T, s subject, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 0))
	v := reflect.New(s.of).Elem()
	fill(r, v, 5)
	src := sameEncoded(t, s, v)
	if src == nil {
		src = []byte(`{"a":1,"private":2}`)
	}
	sameDecoded(t, s, src)
	for range 5 {
		sameDecoded(t, s, changed(r, src))
	}
}

// sameEncoded returns the encoding, or nil if there is none.
func sameEncoded(t *testing.T, s subject, v reflect.Value) []byte {
	t.Helper()
	got, want, gotErr, wantErr := s.encode(v)
	switch {
	case !sameError(gotErr, wantErr):
		t.Fatalf("%s: %+v: %v, want %v", s.name, v, gotErr, wantErr)
	case gotErr != nil:
		if string(got) != "x" {
			t.Fatalf("%s: %+v: %q was left with %v", s.name, v, got, gotErr)
		}
		return nil
	case !bytes.Equal(got, want):
		t.Fatalf("%s: %+v:\n got %s\nwant %s", s.name, v, got, want)
	}
	return got[1:]
}

func sameDecoded(t *testing.T, s subject, src []byte) {
	t.Helper()
	got, want, gotErr, wantErr := s.decode(src)
	if !clean(src) && passes(s.of, map[reflect.Type]bool{}) {
		if gotErr == nil && !jsontext.Value(src).IsValid(lenient) {
			t.Fatalf("%s of %q: got %+v", s.name, src, got)
		}
		return // what shape refuses is no shape.JSON
	}
	if !sameError(gotErr, wantErr) || !reflect.DeepEqual(got, want) {
		t.Fatalf("%s of %q:\n got %+v, %v\nwant %+v, %v", s.name, src, got, gotErr, want, wantErr)
	}
}

func sameError(got, want error) bool {
	if got == nil || want == nil {
		return got == want
	}
	return got.Error() == want.Error()
}

// passes reports whether there may be a shape.JSON in a value of type t.
func passes(t reflect.Type, seen map[reflect.Type]bool) bool {
	if t == reflect.TypeFor[shape.JSON]() {
		return true
	}
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return passes(t.Elem(), seen)
	case reflect.Struct:
		for f := range t.Fields() {
			if passes(f.Type, seen) {
				return true
			}
		}
	}
	return false
}

func clean(src []byte) bool {
	out, err := shape.Must().Append(nil, src)
	return err == nil && bytes.Equal(out, src)
}

var someTokens = strings.Split(`null|true|false|0|-0|-1|1.5|1e3|127|128|255|256|300|-129|65536|2147483648|4294967296|`+
	`9223372036854775807|9223372036854775808|-9223372036854775808|-9223372036854775809|18446744073709551615|`+
	`18446744073709551616|1e400|01|1.|"|""|"x"|"\u0061"|"\ud83d\ude00"|"\ud83d"|"\x"|"`+"\xff"+`"|"`+"\n"+`"|"1"|[|]|{|}|[]|{}|`+
	`[null]|{"a":1}|{"a":1,"a":2}|{"\u0061":{}}|"2024-02-30T00:00:00Z"|"2024-02-28T00:00:00Z"|"2024-02-28T0:00:00Z"|"2024-02-28T0:00:00.5Z"|`+
	`"2024-02-28T00:00:00,5Z"|"2024-02-28T00:00:00.5+01:00"|"2024-02-28T00:00:00+25:00"|,|:| |nul|tru`, "|")

// changed replaces a part of src by a token, or moves a part of it.
func changed(r *rand.Rand, src []byte) []byte {
	places := []int{0, len(src)}
	for i, c := range src {
		if strings.IndexByte(`[]{},:`, c) >= 0 {
			places = append(places, i, i+1)
		}
	}
	from, to := places[r.IntN(len(places))], places[r.IntN(len(places))]
	if from > to {
		from, to = to, from
	}
	replacement := []byte(someTokens[r.IntN(len(someTokens))])
	if r.IntN(6) == 0 {
		replacement = bytes.Repeat(src[from:to], r.IntN(3))
	}
	return bytes.Join([][]byte{src[:from], replacement, src[to:]}, nil)
}
