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

// gathers is for how long an answer is gathered of which nobody knows whether it ends: to its
// client nothing is passed on meanwhile.
const gathers = 5 * time.Second

var (
	errPaused = errors.New("the service's body paused for too long")
	errLive   = errors.New("it goes on for too long to be kept")
)

// complete reads a streamed answer that is small enough to be kept, and returns it in
// full. Of another, or one that goes on and on, it hands on the stream, beginning with what
// was read.
func (f *filler) complete(ctx context.Context, a asking, res *backend.Response) (*backend.Response, error) {
	if res.Size > f.MaxEntry || endless(res.Header) {
		return res, nil
	}
	g := gathering{Reader: res.Stream, pause: a.Pause}
	if a.Pause > 0 {
		g.idle = time.AfterFunc(a.Pause, func() { a.end(errPaused) })
		defer g.idle.Stop()
	}
	if res.Size < 0 {
		g.until = time.Now().Add(gathers)
	}
	head, err := io.ReadAll(io.LimitReader(&g, f.MaxEntry+1))
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
	case context.Cause(ctx) == errPaused:
		return failed(req, fault.TooSlow, errPaused)
	case ctx.Err() != nil:
		return ended(ctx, req)
	}
	return failed(req, fault.Broken, err)
}

// A gathering is a body that is read to be kept.
type gathering struct {
	io.Reader
	pause time.Duration // the longest
	idle  *time.Timer   // ends the call when the body pauses; nil: it may
	until time.Time     // zero: the body ends
}

func (g *gathering) Read(p []byte) (int, error) {
	if g.idle != nil {
		g.idle.Reset(g.pause)
	}
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
