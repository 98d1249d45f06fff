package http1_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/backend/http1"
)

// piped returns a client whose connections are pipes: nothing is written that is not read at
// the other end.
func piped(t *testing.T, serve func(conn net.Conn)) *http1.Client {
	t.Helper()
	c, _ := newClient(t, "pipe", func(o *http1.Options) {
		o.Dial = func(context.Context, string, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			t.Cleanup(func() { _ = theirs.Close() })
			go serve(theirs)
			return ours, nil
		}
	})
	return c
}

// A service that does not read stops even a small request, and neither its deadline nor its
// caller may be forgotten over that.
func TestARequestThatNobodyReadsEnds(t *testing.T) {
	const after = 50 * time.Millisecond
	for _, body := range []string{"", strings.Repeat("x", 1<<20)} {
		synctest.Test(t, func(t *testing.T) {
			c := piped(t, func(net.Conn) {})
			r := get("/")
			r.Body = []byte(body)

			began := time.Now()
			_, err := c.Do(late{t.Context(), began.Add(after)}, r)
			if took := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || took != after {
				t.Errorf("%d bytes, late: %v after %v", len(body), err, took)
			}

			gone, leave := context.WithCancel(t.Context())
			time.AfterFunc(after, leave)
			began = time.Now()
			_, err = c.Do(gone, r)
			if took := time.Since(began); !errors.Is(err, context.Canceled) || took != after {
				t.Errorf("%d bytes, gone: %v after %v", len(body), err, took)
			}
		})
	}
}

// A request that is read in pieces, with a moment between them, arrives as it is.
func TestARequestThatIsReadSlowlyArrivesWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		saw := make(chan string, 1)
		c := piped(t, func(conn net.Conn) {
			var all []byte
			for !bytes.HasSuffix(all, []byte("\r\n\r\nthe body")) {
				time.Sleep(15 * time.Millisecond)
				var piece [7]byte
				n, err := conn.Read(piece[:])
				if all = append(all, piece[:n]...); err != nil {
					return
				}
			}
			saw <- string(all)
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		})
		r := get("/123")
		r.Body = []byte("the body")
		const want = "GET /123 HTTP/1.1\r\nHost: test\r\nContent-Length: 8\r\n\r\nthe body"
		if res, err := c.Do(t.Context(), r); err != nil || string(res.Body) != "ok" {
			t.Fatalf("%q, %v", res.Body, err)
		}
		if got := <-saw; got != want {
			t.Errorf("the service saw %q", got)
		}
	})
}

// A refusing connection takes so much of a request, and then only has an answer left.
type refusing struct {
	canned
	takes int
}

func (r *refusing) Write(p []byte) (int, error) {
	if len(p) <= r.takes {
		return len(p), nil
	}
	return r.takes, &net.OpError{Op: "write", Net: "tcp", Err: syscall.ECONNRESET}
}

// A service may refuse a body before it has read all of it: answer, and hang up. What has
// been answered before anything was sent is no answer to that.
func TestAnAnswerCanComeBeforeTheRequestIsSent(t *testing.T) {
	const large = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno"
	for _, tt := range []struct {
		name, answer string
		takes        int
		status       int
	}{
		{"answered", large, 100, 413},
		{"answered in part", large[:20], 100, 0},
		{"not answered", "", 100, 0},
		{"answered before", large, 0, 0},
	} {
		for _, stream := range []bool{false, true} {
			var dials int
			c, _ := newClient(t, "fake", func(o *http1.Options) {
				o.Dial = func(context.Context, string, string) (net.Conn, error) {
					dials++
					return &refusing{canned{bytes.NewReader([]byte(tt.answer))}, tt.takes}, nil
				}
			})
			r := get("/")
			r.Method, r.Idempotent, r.Body, r.Stream = "POST", false, make([]byte, 1<<20), stream
			for range 2 {
				res, err := c.Do(t.Context(), r)
				if res.Status != tt.status || (err == nil) != (tt.status != 0) {
					t.Errorf("%s, stream %v: %d, %v", tt.name, stream, res.Status, err)
				}
				if err != nil && !errors.Is(err, syscall.ECONNRESET) {
					t.Errorf("%s, stream %v: %v", tt.name, stream, err)
				}
			}
			if dials != 2 {
				t.Errorf("%s, stream %v: a connection that is broken is used again", tt.name, stream)
			}
		}
	}
}
