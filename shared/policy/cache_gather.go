package policy

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
)

const (
	// gathers is for how long an answer is gathered of which nobody knows whether it ends: to
	// its client nothing is passed on meanwhile.
	gathers = 5 * time.Second
	// pauses is how long the service may pause within a body that is gathered.
	pauses = 30 * time.Second
)

var (
	errPauses = errors.New("the service's body paused for 30 seconds")
	errLive   = errors.New("it goes on for too long to be kept")
)

// complete reads a streamed answer that is small enough to be kept, and returns it in
// full. Of another, or one that goes on and on, it hands on the stream, beginning with what
// was read.
func (f *filler) complete(ctx context.Context, a asking, res *backend.Response) (*backend.Response, error) {
	if res.Size > f.MaxEntry || endless(res.Header) {
		return res, nil
	}
	g := gathering{Reader: res.Stream, idle: time.AfterFunc(pauses, func() { a.end(errPauses) })}
	if res.Size < 0 {
		g.until = time.Now().Add(gathers)
	}
	head, err := io.ReadAll(io.LimitReader(&g, f.MaxEntry+1))
	g.idle.Stop()
	own := *res
	switch {
	case err == errLive || err == nil && int64(len(head)) > f.MaxEntry:
		own.Stream = &stream{Reader: io.MultiReader(bytes.NewReader(head), res.Stream), close: res.Stream.Close}
		return &own, nil
	case err != nil:
		_ = res.Stream.Close()
		return nil, broke(ctx, a.Request, err)
	}
	_ = res.Stream.Close()
	own.Body, own.Stream, own.Size = head, nil, 0
	return &own, nil
}

// broke is the failure of a body that broke off.
func broke(ctx context.Context, req *backend.Request, err error) error {
	switch {
	case context.Cause(ctx) == errPauses:
		return failed(req, fault.TooSlow, errPauses)
	case ctx.Err() != nil:
		return ended(ctx, req)
	}
	return failed(req, fault.Broken, err)
}

// A gathering is a body that is read to be kept.
type gathering struct {
	io.Reader
	idle  *time.Timer // ends the call when the body pauses
	until time.Time   // zero: the body ends
}

func (g *gathering) Read(p []byte) (int, error) {
	g.idle.Reset(pauses)
	n, err := g.Reader.Read(p)
	if err == nil && !g.until.IsZero() && time.Now().After(g.until) {
		err = errLive
	}
	return n, err
}

// endless reports events, which come one at a time and must not be waited for.
func endless(h http.Header) bool {
	return strings.HasPrefix(strings.ToLower(h.Get("Content-Type")), "text/event-stream")
}
