package codec

import (
	"reflect"

	"github.com/go-json-experiment/json"
)

// Own makes of a type that a test has made what Decode and Append do before they ask the
// library. They report false where that would be asked.
func Own(t reflect.Type, opts json.Options) (
	decode func(src []byte) (reflect.Value, bool), encode func(v reflect.Value) ([]byte, bool),
) {
	reads, writes := compile(t, lenient), compile(t, json.JoinOptions(opts, json.Deterministic(true)))
	decode = func(src []byte) (reflect.Value, bool) {
		out := reflect.New(t)
		end := reads.read(string(src), 0, maxDepth, out.UnsafePointer())
		return out.Elem(), end == len(src)
	}
	encode = func(v reflect.Value) ([]byte, bool) {
		in := reflect.New(t)
		in.Elem().Set(v)
		return writes.write(nil, maxDepth, in.UnsafePointer())
	}
	return decode, encode
}
