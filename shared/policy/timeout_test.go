package policy

import (
	"context"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
)

const millis = time.Millisecond

func TestTimeout(t *testing.T) {
	config := TimeoutConfig{Default: time.Second, Ops: map[string]time.Duration{"quick": 200 * millis}}
	for _, c := range []struct {
		name           string
		op             string
		takes          time.Duration
		deadline, gone time.Duration // of the caller
		kind           fault.Kind
		took           time.Duration
		told           time.Duration // the time that the transport sees
	}{
		{name: "in time", takes: 999 * millis, took: 999 * millis, told: time.Second},
		{name: "late", takes: 2 * time.Second, kind: fault.TooSlow, took: time.Second, told: time.Second},
		{name: "its own, in time", op: "quick", takes: 199 * millis, took: 199 * millis, told: 200 * millis},
		{name: "its own, late", op: "quick", takes: time.Second, kind: fault.TooSlow, took: 200 * millis, told: 200 * millis},
		{name: "the caller's deadline", takes: time.Minute, deadline: 300 * millis, kind: fault.TooSlow, took: 300 * millis, told: 300 * millis},
		{name: "a later deadline", takes: time.Minute, deadline: 3 * time.Second, kind: fault.TooSlow, took: time.Second, told: time.Second},
		{name: "the caller went away", takes: time.Minute, gone: 300 * millis, kind: fault.Gone, took: 300 * millis, told: time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if c.deadline > 0 {
					ctx, cancel = context.WithTimeout(ctx, c.deadline)
					defer cancel()
				}
				if c.gone > 0 {
					time.AfterFunc(c.gone, cancel)
				}
				var told time.Duration
				service := &stub{answer: func(ctx context.Context, _ int) (*backend.Response, error) {
					at, _ := ctx.Deadline()
					told = time.Until(at)
					return ok(), wait(ctx, c.takes)
				}}
				service.answer = answersOrFails(service.answer)
				req := get()
				req.Op = c.op
				begin := time.Now()
				_, err := Timeout(config)(service.send)(ctx, req)
				if took := time.Since(begin); took != c.took {
					t.Errorf("took %v, want %v", took, c.took)
				}
				if told != c.told {
					t.Errorf("the transport was told %v, want %v", told, c.told)
				}
				if c.kind != fault.Bug {
					wantKind(t, err, c.kind)
				} else if err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// answersOrFails drops the answer of a failure.
func answersOrFails(f func(context.Context, int) (*backend.Response, error)) func(context.Context, int) (*backend.Response, error) {
	return func(ctx context.Context, n int) (*backend.Response, error) {
		res, err := f(ctx, n)
		if err != nil {
			return nil, err
		}
		return res, nil
	}
}

// A slowBody gives a byte each second until its context ends.
type slowBody struct {
	ctx    context.Context
	left   int
	closed bool
}

func (b *slowBody) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, io.EOF
	}
	if err := wait(b.ctx, time.Second); err != nil {
		return 0, err
	}
	b.left--
	p[0] = 'x'
	return 1, nil
}

func (b *slowBody) Close() error { b.closed = true; return nil }

func TestAStreamOutlivesTheTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stream := &slowBody{left: 10}
		service := &stub{answer: func(ctx context.Context, _ int) (*backend.Response, error) {
			stream.ctx = ctx
			return &backend.Response{Status: 200, Stream: stream}, nil
		}}
		res, err := Timeout(TimeoutConfig{Default: time.Second})(service.send)(t.Context(), get())
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(res.Stream); err != nil || len(body) != 10 {
			t.Errorf("read %q, %v", body, err)
		}
		if stream.ctx.Err() != nil {
			t.Error("ended before Close")
		}
		_ = res.Stream.Close()
		if stream.ctx.Err() == nil {
			t.Error("not ended by Close")
		}
	})
}

func TestAStreamEndsWithItsCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := &stub{answer: func(ctx context.Context, _ int) (*backend.Response, error) {
			return &backend.Response{Status: 200, Stream: &slowBody{ctx: ctx, left: 10}}, nil
		}}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		res, err := Timeout(TimeoutConfig{Default: time.Second})(service.send)(ctx, get())
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(3500*millis, cancel)
		body, err := io.ReadAll(res.Stream)
		if wantKind(t, err, fault.Gone); len(body) != 3 {
			t.Errorf("read %q", body)
		}
		_ = res.Stream.Close()
	})
}

func TestLateHeadersOfAStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		body := &slowBody{ctx: t.Context()}
		service := &stub{answer: func(context.Context, int) (*backend.Response, error) {
			time.Sleep(time.Second + 1) // a transport that does not notice that its context ended
			return &backend.Response{Status: 200, Stream: body}, nil
		}}
		_, err := Timeout(TimeoutConfig{Default: time.Second})(service.send)(t.Context(), get())
		wantNamed(t, err, fault.TooSlow)
		if !body.closed {
			t.Error("the stream is still open")
		}
	})
}
