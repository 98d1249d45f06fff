package http1_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/backend/http1"
)

// obliging answers each request after the time that its query says, /head with its head at once.
func obliging(conn net.Conn) {
	r := bufio.NewReader(conn)
	for {
		req, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, req.Body)
		after, head := req.URL.Query().Get("after"), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
		if req.URL.Path == "/head" {
			_, _ = io.WriteString(conn, head)
			head = ""
		}
		wait, _ := time.ParseDuration(after)
		time.Sleep(wait)
		if _, err := io.WriteString(conn, head+"ok"); err != nil {
			return
		}
	}
}

// ending are the ways in which a call can come to its end.
var ending = map[string]struct {
	adjust func(*http1.Request)
	gone   bool // else its deadline has passed
	at     func(after time.Duration) time.Duration
}{
	"late":         {func(*http1.Request) {}, false, exactly},
	"late, prompt": {func(r *http1.Request) { r.Prompt = true }, false, exactly},
	"late, large":  {func(r *http1.Request) { r.Body = make([]byte, 8<<10) }, false, exactly},
	"gone":         {func(*http1.Request) {}, true, func(after time.Duration) time.Duration { return max(after, 10*time.Millisecond) }},
	"gone, prompt": {func(r *http1.Request) { r.Prompt = true }, true, exactly},
	"gone, large":  {func(r *http1.Request) { r.Body = make([]byte, 8<<10) }, true, exactly},
}

func exactly(after time.Duration) time.Duration { return after }

// A deadline is kept to exactly, and the end of a context is noticed after 10 ms at the latest.
func TestTheEndComesInTime(t *testing.T) {
	for name, tt := range ending {
		for _, path := range []string{"/", "/head"} {
			for _, after := range []time.Duration{time.Millisecond, 9 * time.Millisecond, 11 * time.Millisecond, time.Second} {
				synctest.Test(t, func(t *testing.T) {
					c := piped(t, obliging)
					r := get(path + "?after=1h")
					tt.adjust(r)
					ctx, want := context.Context(late{t.Context(), time.Now().Add(after)}), context.DeadlineExceeded
					if tt.gone {
						var leave context.CancelFunc
						ctx, leave = context.WithCancel(t.Context())
						time.AfterFunc(after, leave)
						want = context.Canceled
					}
					began := time.Now()
					_, err := c.Do(ctx, r)
					if took := time.Since(began); !errors.Is(err, want) || took != tt.at(after) {
						t.Errorf("%s, %s after %v: %v after %v", name, path, after, err, took)
					}
					time.Sleep(2 * time.Hour) // until the service has noticed
				})
			}
		}
	}
}

// What ends one exchange is not there any more for the next on its connection, however soon
// that comes.
func TestNoDeadlineIsLeftBehind(t *testing.T) {
	for name, tt := range ending {
		for _, stream := range []bool{false, true} {
			for _, pause := range []time.Duration{0, time.Millisecond, 8 * time.Millisecond, time.Minute / 2} {
				synctest.Test(t, func(t *testing.T) {
					dials := 0
					c, _ := newClient(t, "pipe", func(o *http1.Options) {
						o.Dial = func(context.Context, string, string) (net.Conn, error) {
							dials++
							ours, theirs := net.Pipe()
							go obliging(theirs)
							return ours, nil
						}
					})
					r := get("/head?after=5ms")
					r.Stream = stream
					tt.adjust(r)
					ctx, leave := context.WithCancel(late{t.Context(), time.Now().Add(15 * time.Millisecond)})
					res, err := c.Do(ctx, r)
					if err == nil && res.Stream != nil {
						_, err = io.ReadAll(res.Stream)
						_ = res.Stream.Close()
					}
					leave()
					if err != nil {
						t.Fatalf("%s, the first: %v", name, err)
					}
					time.Sleep(pause)
					for _, wait := range []string{"0s", "1ms", "9ms", "1h"} {
						if _, err := c.Do(t.Context(), get("/?after="+wait)); err != nil {
							t.Errorf("%s, stream %v, after %v: %v", name, stream, pause, err)
						}
					}
					if dials != 1 {
						t.Errorf("%s: %d connections", name, dials)
					}
				})
			}
		}
	}
}

// What is no answer is not waited for to become one.
func TestNonsenseIsRefusedAtOnce(t *testing.T) {
	for _, nonsense := range []string{
		"220 mail.test ESMTP\r\n", "SSH-2.0-x\r\n", "\x15\x03\x01\x00\x02\x02\x46", "HTTP/2.0 200 OK\r\n", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
		"HTTP/1.1 103 Early Hints\r\n\r\nok",
	} {
		synctest.Test(t, func(t *testing.T) {
			c := piped(t, func(conn net.Conn) {
				if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					_, _ = io.WriteString(conn, nonsense)
				}
			})
			began := time.Now()
			_, err := c.Do(late{t.Context(), began.Add(time.Second)}, get("/"))
			if took := time.Since(began); !errors.Is(err, http1.ErrProtocol) || took != 0 {
				t.Errorf("%q: %v after %v", nonsense, err, took)
			}
		})
	}
}
