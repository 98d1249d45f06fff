// Package backend makes typed calls to services.
//
// Types live at the rim: an [Op] turns its argument into a [Request] and a [Response]
// into its result. The middle is one plain function type, [Sender]: the transport is
// one, and every policy wraps one around another. A [Service] is the finished chain.
package backend

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// A Request is one call to a service. Its maker owns it until it is sent; from then on
// nobody changes it: a policy that needs another value works on a copy.
type Request struct {
	Service string
	Op      string
	Method  string

	// Base is the instance to send to, as scheme://host:port and an optional path
	// without a trailing slash. The balance policy sets it.
	Base string

	// Path is the escaped path and query, beginning with a slash.
	Path string

	// Header is what the service sees besides what the transport adds (deadline,
	// trace, request id). Keys are canonical. Nil means none.
	Header http.Header

	// Body is sent as it is; nil means none. A route sends Upload instead.
	Body []byte

	// Upload is a body of UploadSize bytes (-1: unknown) that can be read only once.
	Upload     io.Reader
	UploadSize int64

	// Safe says that the call changes nothing at the service, so that it may be
	// repeated, shared and cached.
	Safe bool

	// Stream asks for the answer as it comes: Response.Stream instead of Body, and
	// every status below 500 is an answer and not a failure.
	Stream bool

	// Pause is the longest pause in the body of a streamed answer, for a policy that reads it
	// before it is passed on. 0 is as long as the call lasts.
	Pause time.Duration

	// Prompt says that somebody waits for the call to end when its context does, so that
	// the transport may not take a moment to notice.
	Prompt bool

	// Caller identifies whose credentials the request carries. It is part of the
	// request's Key. Empty means that it carries nobody's.
	Caller string

	// Control is what the client of a route says in Cache-Control and Pragma. It is meant
	// for our cache; the service does not see it.
	Control http.Header

	// Tags are what the answer can be purged by from caches, besides by its service and path.
	// Invalidates are the tags of what a call that changes something makes out of date.
	Tags, Invalidates []string

	// Checker looks at every complete answer of the service before any policy sees it, so
	// that what cannot be decoded counts as the service's failure. It may replace the answer's
	// Body, which nobody else has yet. Of one call, it may be asked again after a retry, never
	// concurrently. Nil accepts everything.
	Checker interface {
		Check(res *Response) error
	}

	keyed *Request // the request that key is the key of: a copy has to make its own
	key   string
}

// Key names everything that the answer may depend on: what the service can see of the
// request, and the operation, which cuts the answer to what it reads. Requests of equal keys
// may share an answer; this is why nothing else is needed to honour Vary, and why identity
// cannot leak through a cache. The request must be complete, and not be asked concurrently.
func (r *Request) Key() string {
	if r.keyed != r {
		r.key, r.keyed = r.KeyOf(r.Caller, func(string) bool { return true }), r
	}
	return r.key
}

// KeyOf is the Key that the request would have if caller made it, and of its headers only
// those by which has is true were there.
func (r *Request) KeyOf(caller string, has func(header string) bool) string {
	var room [512]byte
	b := room[:0]
	b = appendPart(b, r.Service)
	b = appendPart(b, r.Op)
	b = appendPart(b, r.Method)
	b = appendPart(b, r.Path)
	b = appendPart(b, caller)
	b = appendPart(b, r.Body)
	var few [8]string
	names := few[:0]
	for name := range r.Header {
		if has(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range r.Header[name] {
			b = appendPart(b, name)
			b = appendPart(b, value)
		}
	}
	return string(b)
}

// appendPart appends s behind its length, so that no two parts run together.
func appendPart[T string | []byte](b []byte, s T) []byte {
	b = strconv.AppendInt(b, int64(len(s)), 10)
	b = append(b, ':')
	return append(b, s...)
}

// A Response is what a service answered. It is shared between callers and must not be
// changed, except that the one caller of a streamed answer owns its Stream.
type Response struct {
	Status int

	// Header has canonical names. Of a complete answer it may lack what neither policies nor
	// operations read.
	Header http.Header
	Body   []byte

	// Stream is the body of a streamed answer; the receiver closes it. Size is its
	// length, or -1 when that is unknown. Nil when the answer is complete in Body.
	Stream io.ReadCloser
	Size   int64

	// Kept is what a cache has kept a complete answer as; it is that cache's own. Nil when the
	// service was asked.
	Kept any
}

// A Sender sends requests. It is safe for concurrent use. The error is nil or has a
// *fault.Error in its chain; the Response is nil exactly if there is an error.
//
// A Sender does not keep the request when it has returned.
//
// A Sender keeps to the deadline of ctx, which may come before ctx is done: a policy that
// gives a call less time than its caller has costs no timer then. A stream that has begun
// may go on for as long as ctx is not done.
type Sender func(ctx context.Context, req *Request) (*Response, error)

// A Policy wraps a Sender. Policies are not generic: types end at [Op].
type Policy func(next Sender) Sender

// Chain applies policies so that the first is outermost. Nil policies are skipped.
func Chain(s Sender, policies ...Policy) Sender {
	for _, p := range slices.Backward(policies) {
		if p != nil {
			s = p(s)
		}
	}
	return s
}
