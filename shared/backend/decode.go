package backend

import (
	"errors"
	"sync"

	"github.com/facet-bff/facet/shared/codec"
	"github.com/facet-bff/facet/shared/shape"
)

var errNoBody = errors.New("the body is empty")

// shapeOf is what B reads of an answer; nil when it reads nothing.
func shapeOf[B any]() *shape.Shape {
	var out B
	if _, none := any(out).(struct{}); none {
		return nil
	}
	return shape.Of[B]()
}

var scratch = sync.Pool{New: func() any { return new([]byte) }}

// cut checks a new answer, all of it, and cuts it down to what the operation reads: that is
// what is decoded, now and whenever it comes from a cache.
func (o *Op[A, B]) cut(res *Response) error {
	if o.shape == nil {
		return nil
	}
	if len(res.Body) == 0 {
		return errNoBody
	}
	buf := scratch.Get().(*[]byte)
	kept, err := o.shape.Append((*buf)[:0], res.Body)
	if err == nil {
		res.Body = append(make([]byte, 0, len(kept)), kept...)
	}
	if cap(kept) <= 256<<10 {
		*buf = kept[:0]
		scratch.Put(buf)
	}
	return err
}

// decoderOf compiles what decodes what cut has left, which is valid and changes no more.
func decoderOf[B any]() func([]byte) (B, error) {
	var out B
	switch any(out).(type) {
	case struct{}:
		return func([]byte) (B, error) { return out, nil }
	case shape.JSON:
		decode, _ := any(asItIs).(func([]byte) (B, error)) // B is shape.JSON
		return decode
	}
	return codec.NewDecoder[B]().Decode
}

// asItIs is what a decoder would come to after having looked at all of it.
func asItIs(body []byte) (shape.JSON, error) {
	if string(body) == "null" {
		return nil, nil
	}
	return body, nil
}
