// Package codec reads and writes JSON for types that are known when the program starts: what
// a [Decoder] or an [Encoder] has to do is compiled from the Go type once, and then run for
// every value.
//
// The library github.com/go-json-experiment/json says what is right. Booleans, numbers,
// strings, times, slices, pointers, maps with string keys and structs of these are read and
// written here; the value of any other type, or of a struct whose tags say more than names
// and omissions, is handed to the library as it is. When something is wrong the library is
// asked again about the whole, and its verdict is the result. So results, errors and what
// is accepted are the library's, and only what is usual is faster. One thing is not so: a
// method that is handed the library's encoder or decoder finds its own value to be the whole
// there, and so nothing of where that value is.
package codec

import (
	"bytes"
	"reflect"
	"unsafe"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// A Decoder reads values of type T. It is immutable and safe for concurrent use.
type Decoder[T any] struct{ root *node }

// lenient spares the library what package shape has checked before.
var lenient = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// NewDecoder compiles a decoder. A type that cannot be decoded is an error of Decode.
func NewDecoder[T any]() *Decoder[T] {
	return &Decoder[T]{root: compile(reflect.TypeFor[T](), lenient)}
}

// Decode reads src, which is what shape.Shape.Append leaves: one valid JSON value without
// whitespace, duplicate names and invalid UTF-8. Any other source is read, or refused, as
// json.Unmarshal does when it is told to allow these, only more slowly.
//
// The value keeps src: its strings, and what is in it of type shape.JSON, are parts of src.
// So nobody may write into src again, and all of it stays in memory as long as one of them.
func (d *Decoder[T]) Decode(src []byte) (T, error) {
	out := new(T)
	s := unsafe.String(unsafe.SliceData(src), len(src))
	if d.root.read(s, 0, maxDepth, unsafe.Pointer(out)) == len(s) {
		return *out, nil
	}
	var again T
	err := json.Unmarshal(src, &again, lenient)
	return again, err
}

// An Encoder writes values of type T. It is immutable and safe for concurrent use.
type Encoder[T any] struct {
	root *node
	opts json.Options
}

// NewEncoder compiles an encoder, which writes what json.MarshalWrite does with the options.
// They are for what the library is handed, such as durations: they must not change how it
// writes the types that the package comment lists, but for the order of maps, which is always
// that of json.Deterministic. A type that cannot be encoded is an error of Append.
func NewEncoder[T any](opts json.Options) *Encoder[T] {
	opts = json.JoinOptions(opts, json.Deterministic(true))
	return &Encoder[T]{root: compile(reflect.TypeFor[T](), opts), opts: opts}
}

// Append appends the JSON of *v, which is not changed, to dst. On an error dst comes back as
// it was, though bytes beyond its length may have been overwritten.
func (e *Encoder[T]) Append(dst []byte, v *T) ([]byte, error) {
	if out, ok := e.root.write(dst, maxDepth, unsafe.Pointer(v)); ok {
		return out, nil
	}
	var buf bytes.Buffer
	if err := json.MarshalWrite(&buf, v, e.opts); err != nil {
		return dst, err
	}
	return append(dst, buf.Bytes()...), nil
}

// maxDepth is how many values may be nested here. Beyond it the library takes over, which
// looks for cycles and has a limit of its own.
const maxDepth = 500

// spareDepth is how many more may be nested in what is not looked into, up to that limit.
const spareDepth = 10_000 - maxDepth
