package backend

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"

	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/shape"
)

// An Op is one typed operation of a service: it takes an A and answers a B. It is
// immutable and safe for concurrent use, and satisfies compose.Op.
//
// The path is a template of RFC 6570's simple and form-style expressions:
//
//	/products/{sku}            a path segment, always escaped
//	/search{?q,limit}          query parameters; zero values are left out
//	/prices{?product*}         a list, one parameter per element
//	/stock{?item}              a list, comma-separated
//
// A scalar or a list of scalars fills the template's only variable. A struct's fields
// fill the variables that their tags name (`param:"sku"`, `query:"q"`), become headers
// (`header:"X-Tenant"`; zero values are left out), or make up the JSON body
// (`json:"quantity"`). Every variable and every field must be used, or the constructor
// panics: contracts are code.
//
// Values are text, numbers, booleans, or marshal themselves ([encoding.TextMarshaler]). A
// pointer tells "not there" (nil) from a zero value, which is then sent. A value that
// cannot be sent, such as an empty path segment, is fault.Invalid, and nothing is sent.
type Op[A, B any] struct {
	service *Service
	name    string
	encode  *encoder
	safe    bool
	header  http.Header
	shape   *shape.Shape // what is kept of an answer; nil keeps all
	tags    []tag
	purges  []tag
	decode  func([]byte) (B, error)
}

// GET declares an operation that changes nothing.
func GET[A, B any](s *Service, name, path string, opts ...OpOption) *Op[A, B] {
	return newOp[A, B](s, http.MethodGet, name, path, opts)
}

// POST declares an operation that sends its argument's JSON fields.
func POST[A, B any](s *Service, name, path string, opts ...OpOption) *Op[A, B] {
	return newOp[A, B](s, http.MethodPost, name, path, opts)
}

// PUT declares an operation that replaces something.
func PUT[A, B any](s *Service, name, path string, opts ...OpOption) *Op[A, B] {
	return newOp[A, B](s, http.MethodPut, name, path, opts)
}

// PATCH declares an operation that changes part of something.
func PATCH[A, B any](s *Service, name, path string, opts ...OpOption) *Op[A, B] {
	return newOp[A, B](s, http.MethodPatch, name, path, opts)
}

// DELETE declares an operation that removes something.
func DELETE[A, B any](s *Service, name, path string, opts ...OpOption) *Op[A, B] {
	return newOp[A, B](s, http.MethodDelete, name, path, opts)
}

func newOp[A, B any](s *Service, method, name, path string, opts []OpOption) *Op[A, B] {
	if s == nil {
		panic(fmt.Sprintf("backend: operation %q has no service", name))
	}
	op, err := declare[A, B](s, method, name, path, opts)
	if err != nil {
		panic(fmt.Sprintf("backend: %s.%s: %v", s.name, name, err))
	}
	return op
}

func declare[A, B any](s *Service, method, name, path string, opts []OpOption) (*Op[A, B], error) {
	if name == "" {
		return nil, errors.New("an operation needs a name")
	}
	encode, err := newEncoder[A](method, path)
	if err != nil {
		return nil, err
	}
	set := opSettings{safe: method == http.MethodGet, header: http.Header{"Accept": {"application/json"}}}
	if encode.hasBody {
		set.header["Content-Type"] = []string{"application/json"}
	}
	set.shape = shapeOf[B]()
	none := set.shape == nil
	for _, o := range opts {
		if err := o(&set); err != nil {
			return nil, err
		}
	}
	if set.safe && len(set.invalidates) > 0 {
		return nil, errors.New("it changes nothing, and so invalidates nothing")
	}
	if none && set.shape != nil {
		return nil, errors.New("it is shaped, and its result type reads nothing")
	}
	tags, err := newTags[A](encode, set.tags)
	if err != nil {
		return nil, err
	}
	purges, err := newTags[A](encode, set.invalidates)
	if err != nil {
		return nil, err
	}
	return &Op[A, B]{
		service: s, name: name, encode: encode, safe: set.safe, header: set.header,
		shape: set.shape, tags: tags, purges: purges, decode: decoderOf[B](),
	}, nil
}

// Backend names the service.
func (o *Op[A, B]) Backend() string { return o.service.name }

// Name names the operation within its service.
func (o *Op[A, B]) Name() string { return o.name }

// Call makes the call and decodes its answer. The error has a *fault.Error in its chain.
func (o *Op[A, B]) Call(ctx context.Context, arg A) (B, error) {
	c := &call[A, B]{op: o, arg: arg, req: Request{Op: o.name, Safe: o.safe, Header: o.header}}
	c.req.Checker = c
	var zero B
	value := reflect.ValueOf(&c.arg).Elem()
	if err := o.encode.encode(&c.req, value); err != nil {
		return zero, o.blame(err)
	}
	c.req.Tags, c.req.Invalidates = tagsOf(o.tags, value), tagsOf(o.purges, value)
	res, err := o.service.Send(ctx, &c.req)
	if err != nil {
		return zero, o.blame(err)
	}
	if c.decoded == res {
		return c.out, nil
	}
	// The answer is from a cache or another caller's call, and each gets its own value.
	out, err := o.decode(res.Body)
	if err != nil {
		return zero, o.blame(&fault.Error{Kind: fault.Broken, Err: fmt.Errorf("decode: %w", err)})
	}
	return out, nil
}

// A call is all that one call needs, in one piece.
type call[A, B any] struct {
	op      *Op[A, B]
	arg     A
	req     Request
	out     B
	decoded *Response // the answer that out was decoded from
}

// Check makes the call its Request's Checker.
func (c *call[A, B]) Check(res *Response) (err error) {
	if err = c.op.cut(res); err == nil {
		c.out, err = c.op.decode(res.Body)
	}
	c.decoded = res
	return err
}

// Again is a Checker of the same answers for a call that goes on when this one has ended.
func (c *call[A, B]) Again() interface{ Check(res *Response) error } { return &call[A, B]{op: c.op} }

// blame names the operation in an error that does not yet name one.
func (o *Op[A, B]) blame(err error) error {
	f := fault.From(err)
	if f.Service != "" && f.Op != "" {
		return err
	}
	named := *f
	named.Service, named.Op = o.service.name, o.name
	return &named
}
