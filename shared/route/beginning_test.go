package route

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
)

const millis = time.Millisecond

var errReset = errors.New("connection reset by peer")

// A part of a body comes after a time; one with an error is the last.
type part struct {
	after time.Duration
	data  string
	err   error
}

// A script is a body that comes in parts.
type script struct {
	ctx   context.Context
	parts []part
}

func (s *script) Read(p []byte) (int, error) {
	if len(s.parts) == 0 {
		return 0, io.EOF
	}
	next := &s.parts[0]
	select {
	case <-time.After(next.after):
	case <-s.ctx.Done():
		return 0, s.ctx.Err()
	}
	next.after = 0
	n := copy(p, next.data)
	if next.data = next.data[n:]; next.data != "" {
		return n, nil
	}
	err := next.err
	s.parts = s.parts[1:]
	return n, err
}

func (s *script) Close() error { return nil }

// A client notes when it got the head.
type client struct {
	*httptest.ResponseRecorder
	asked, head time.Time
	writes      int
	cut         bool
}

func (c *client) Write(p []byte) (int, error) { c.writes++; return c.ResponseRecorder.Write(p) }

func (c *client) WriteHeader(status int) {
	c.head = time.Now()
	c.ResponseRecorder.WriteHeader(status)
}

// play has a client get a script's answer; the client goes after a time, unless that is 0.
func play(t *testing.T, header http.Header, size int64, parts []part, gone time.Duration) *client {
	t.Helper()
	table := tableOf(t, func(ctx context.Context, _ *backend.Request) (*backend.Response, error) {
		return &backend.Response{Status: http.StatusOK, Header: header, Stream: &script{ctx, parts}, Size: size}, nil
	}, "match: {path: /}, idle_timeout: 1s")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if gone > 0 {
		time.AfterFunc(gone, cancel)
	}
	c := &client{ResponseRecorder: httptest.NewRecorder(), asked: time.Now()}
	func() {
		defer func() { c.cut = recover() == http.ErrAbortHandler }()
		gateway(table).ServeHTTP(c, httptest.NewRequest(http.MethodGet, "/", nil).WithContext(ctx))
	}()
	return c
}

func TestAnAnswerThatHasNotBegunBecomesAProblem(t *testing.T) {
	const kib, mib = 1 << 10, 1 << 20
	x := func(n int) string { return strings.Repeat("x", n) }
	for _, c := range []struct {
		name   string
		size   int64 // -1: chunked
		kind   string
		parts  []part
		status int
		begins time.Duration // when the client gets the head
		body   int           // its size, unless it is a problem
		cut    bool
	}{
		{"reset before the body", kib, "", []part{{0, "", errReset}}, 502, 0, 0, false},
		{"reset before the body, chunked", -1, "", []part{{0, "", errReset}}, 502, 0, 0, false},
		{"reset in the first read", kib, "", []part{{0, x(500), errReset}}, 502, 0, 0, false},
		{"reset behind the first read", kib, "", []part{{0, x(500), nil}, {millis, "", errReset}}, 502, millis, 0, false},
		{"reset in a chunk", -1, "", []part{{0, x(500), nil}, {millis, x(20), errReset}}, 502, millis, 0, false},
		{"reset between parts", mib, "", []part{{0, x(8 * kib), nil}, {millis, x(8 * kib), nil}, {millis, "", errReset}}, 502, 2 * millis, 0, false},
		{"reset when a buffer is full", mib, "", []part{{0, x(32 * kib), nil}, {millis, "", errReset}}, 200, 0, 32 * kib, true},
		{"reset in the middle of 1 MiB", mib, "", []part{{0, x(500 * kib), nil}, {0, "", errReset}}, 200, 0, 500 * kib, true},
		{"reset later", kib, "", []part{{0, x(500), nil}, {50 * millis, "", errReset}}, 502, 50 * millis, 0, false},
		{"reset later, without a body", kib, "", []part{{50 * millis, "", errReset}}, 502, 50 * millis, 0, false},
		{"reset behind a late piece", kib, "", []part{{0, x(500), nil}, {50 * millis, x(20), nil}, {0, "", errReset}}, 200, 50 * millis, 520, true},
		{"reset after a moment of 1 MiB", mib, "", []part{{0, x(500), nil}, {50 * millis, "", errReset}}, 200, late, 500, true},
		{"reset in a chunk after a moment", -1, "", []part{{0, x(500), nil}, {50 * millis, x(20), errReset}}, 200, late, 520, true},
		{"reset before the first event", -1, "text/event-stream", []part{{0, "", errReset}}, 200, 0, 0, true},
		{"reset behind an event", -1, "Text/Event-Stream; charset=utf-8", []part{{0, x(10), nil}, {0, "", errReset}}, 200, 0, 10, true},
		{"a pause", kib, "", []part{{0, x(500), nil}, {time.Minute, "", nil}}, 504, time.Second, 0, false},
		{"a pause in a chunk", -1, "", []part{{0, x(500), nil}, {time.Minute, "", nil}}, 200, late, 500, true},

		{"whole at once", kib, "", []part{{0, x(kib), io.EOF}}, 200, 0, kib, false},
		{"whole in a moment", kib, "", []part{{0, x(24), nil}, {5 * millis, x(1000), nil}}, 200, 5 * millis, kib, false},
		{"whole in chunks", -1, "", []part{{0, x(24), nil}, {5 * millis, x(1000), nil}}, 200, 5 * millis, kib, false},
		{"nothing at all", -1, "", nil, 200, 0, 0, false},
		{"whole later", kib, "", []part{{0, x(24), nil}, {50 * millis, x(1000), io.EOF}}, 200, 50 * millis, kib, false},
		{"drips", kib, "", []part{{50 * millis, x(24), nil}, {50 * millis, x(1000), nil}}, 200, 50 * millis, kib, false},
		{"large", mib, "", []part{{0, x(mib), nil}}, 200, 0, mib, false},
		{"an event much later", -1, "text/event-stream", []part{{500 * millis, x(10), nil}}, 200, 0, 10, false},
		{"a chunk much later", -1, "application/x-ndjson", []part{{500 * millis, x(10), nil}}, 200, late, 10, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				header := http.Header{"Etag": {`"1"`}}
				if c.kind != "" {
					header["Content-Type"] = []string{c.kind}
				}
				got := play(t, header, c.size, c.parts, 0)
				if got.Code != c.status || got.cut != c.cut || got.head.Sub(got.asked) != c.begins {
					t.Fatalf("status %d after %v, cut %v; want %d after %v, cut %v",
						got.Code, got.head.Sub(got.asked), got.cut, c.status, c.begins, c.cut)
				}
				if c.status != http.StatusOK {
					if got.Header().Get("Content-Type") != fault.ProblemType || got.Header().Get("Etag") != "" || got.Header().Get("Content-Length") != "" {
						t.Errorf("the problem has the service's headers: %v", got.Header())
					}
					return
				}
				if got.Body.Len() != c.body || got.Header().Get("Etag") == "" {
					t.Errorf("got %d bytes, want %d; %v", got.Body.Len(), c.body, got.Header())
				}
				if !c.cut && c.begins < late && c.body <= kib && c.kind == "" {
					if got.writes != 1 || got.Header().Get("Content-Length") != strconv.Itoa(c.body) {
						t.Errorf("%d writes of %v", got.writes, got.Header())
					}
				}
			})
		})
	}
}

func TestAClientThatGoesBeforeItsAnswerHasBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := play(t, nil, 1000, []part{{0, "hello", nil}, {time.Second, "", nil}}, 5*millis)
		if !got.head.IsZero() || !got.cut {
			t.Errorf("got %d %q, cut %v; want nothing", got.Code, got.Body, got.cut)
		}
	})
}
