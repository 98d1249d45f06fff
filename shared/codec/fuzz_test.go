package codec_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
)

// FuzzDecode reads any bytes, valid or not, and compares with the library.
func FuzzDecode(f *testing.F) {
	for i, s := range subjects {
		for seed := range uint64(4) {
			v := reflect.New(s.of).Elem()
			fill(rand.New(rand.NewPCG(seed, 1)), v, 5)
			if got, _, err, _ := s.encode(v); err == nil {
				f.Add(got[1:], uint8(i))
			}
		}
	}
	for i, token := range someTokens {
		f.Add([]byte(token), uint8(i))
	}
	f.Fuzz(func(t *testing.T, src []byte, which uint8) {
		sameDecoded(t, subjects[int(which)%len(subjects)], src)
	})
}

// FuzzEncode writes what there are no bounds for, and whole values that follow from a seed.
func FuzzEncode(f *testing.F) {
	ofScalars, ofMaps := of[scalars](), of[map[string]string]()
	for i, text := range someTexts {
		f.Add(text, math.Float64bits(someFloats[i]), uint8(i))
	}
	f.Add("\xff", math.Float64bits(math.NaN()), uint8(0))
	f.Fuzz(func(t *testing.T, text string, bits uint64, which uint8) {
		float := math.Float64frombits(bits)
		sameEncoded(t, ofScalars, reflect.ValueOf(scalars{
			Int64: int64(bits), Uint64: bits, Int8: int8(bits), Float64: float, Float32: float32(float), Text: text,
		}))
		sameEncoded(t, ofScalars, reflect.ValueOf(scalars{Float64: math.Round(float*100) / 100}))
		sameEncoded(t, ofMaps, reflect.ValueOf(map[string]string{text: "", text + "a": text, "a": text}))
		checkAgainstLibrary(t, subjects[int(which)%len(subjects)], bits)
	})
}
