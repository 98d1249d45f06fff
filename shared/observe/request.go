package observe

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// RequestIDHeader carries the id that a request has in every log.
const RequestIDHeader = "X-Request-Id"

// A Request is what is noted of one request while it runs. The gateway makes one for
// each; its methods are safe for concurrent use.
type Request struct {
	ID    string
	Trace Trace
	Start time.Time

	mu    sync.Mutex
	steps []*Step // in order of their start
	first [4]*Step
	spare []Step

	header [1]string // ID, as a header's values
	ctx    carrier[requestKey, *Request]
}

type requestKey struct{}

// NewRequest begins the notes of a request that has just arrived. Its id is the
// client's if that is sane, or a new one.
func NewRequest(h http.Header) *Request {
	id := h.Get(RequestIDHeader)
	if !saneID(id) {
		id = newID()
	}
	return &Request{ID: id, Trace: ReadTrace(h), Start: time.Now(), header: [1]string{id}}
}

// newID returns 26 characters. Ids tell requests apart and are no secret.
func newID() string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	var id [26]byte
	var bits uint64
	for i := range id {
		if i%12 == 0 {
			bits = rand.Uint64()
		}
		id[i] = alphabet[bits&31]
		bits >>= 5
	}
	return string(id[:])
}

// Header is the values of RequestIDHeader. Nobody may change them.
func (r *Request) Header() []string { return r.header[:] }

// NewContext returns a context that carries r, which is in no other one.
func NewContext(ctx context.Context, r *Request) context.Context {
	r.ctx = carrier[requestKey, *Request]{ctx, r}
	return &r.ctx
}

// FromContext returns the request's notes, or nil outside of a request.
func FromContext(ctx context.Context) *Request {
	r, _ := ctx.Value(requestKey{}).(*Request)
	return r
}

// RequestID is the request's id; empty for a nil Request.
func (r *Request) RequestID() string {
	if r == nil {
		return ""
	}
	return r.ID
}

// Outgoing adds the request's id and trace to a call's headers (backend.Outgoing).
func Outgoing(ctx context.Context, header interface{ Set(name, value string) }) {
	if r := FromContext(ctx); r != nil {
		header.Set(RequestIDHeader, r.ID)
		r.Trace.Write(header)
	}
}

// saneID accepts what can stand in a header, a log line and a URN.
func saneID(id string) bool {
	for i := range len(id) {
		c := id[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !letter && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return len(id) > 0 && len(id) <= 128
}
