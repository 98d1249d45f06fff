//go:build !race

package codec_test

import (
	"testing"

	"github.com/facet-bff/facet/shared/codec"
)

// The race detector makes pools forget at random, so this is counted without it.
func TestAllocations(t *testing.T) {
	type flat struct {
		Name  string  `json:"name"`
		Price float64 `json:"price"`
		Left  *int    `json:"left"`
	}
	for _, c := range []struct {
		name string
		want float64
		run  func() error
	}{
		{"a struct is one", 1, decoding[flat](`{"name":"a lamp","price":19.99,"left":null}`)},
		{"a pointer is one more", 2, decoding[flat](`{"name":"a lamp","price":19.99,"left":3}`)},
		{"a string with escapes is one more", 2, decoding[flat](`{"name":"a \"lamp\"","price":19.99}`)},
		{"a short list is one more", 2, decoding[[]flat](`[{"name":"a"},{"name":"b"},{"name":"c"},{"name":"d"}]`)},
		{"a longer one grows by doubling", 4, decoding[[]int](`[1,2,3,4,5,6,7,8,9,10]`)},
		{"writing is none", 0, encoding([]flat{{Name: "a lamp\n", Price: 19.99, Left: new(int)}, {Name: "日本語", Price: 1e-9}})},
		{"not even with omissions", 0, encoding(omitting{B: "b", E: &inner{}})},
		{"a map is its key, its value and its entries", 3, encoding(map[string]string{"b": "1", "a": "2", "c": "3"})},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := testing.AllocsPerRun(100, func() {
				if err := c.run(); err != nil {
					t.Fatal(err)
				}
			})
			if n != c.want {
				t.Fatalf("%v allocations, want %v", n, c.want)
			}
		})
	}
}

func decoding[T any](s string) func() error {
	decoder, src := codec.NewDecoder[T](), []byte(s)
	return func() error { _, err := decoder.Decode(src); return err }
}

func encoding[T any](v T) func() error {
	encoder, dst := codec.NewEncoder[T](nil), make([]byte, 0, 1<<10)
	return func() (err error) { dst, err = encoder.Append(dst[:0], &v); return err }
}
