package http1_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/backend/http1"
)

// A moody server answers each request as its path says: with the path as the body, or badly.
type moody struct {
	address string
	open    atomic.Int32
}

func newMoody(t *testing.T, above func(net.Conn) net.Conn) *moody {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := &moody{address: l.Addr().String()}
	var serving sync.WaitGroup
	t.Cleanup(serving.Wait)
	t.Cleanup(func() { _ = l.Close() })
	serving.Go(func() {
		for {
			raw, err := l.Accept()
			if err != nil {
				return
			}
			conn := above(raw)
			m.open.Add(1)
			serving.Go(func() {
				defer m.open.Add(-1)
				defer conn.Close()
				r := bufio.NewReader(conn)
				for {
					req, err := http.ReadRequest(r)
					if err != nil {
						return
					}
					_, _ = io.Copy(io.Discard, req.Body)
					if !answerMoodily(conn, req.URL.Path) {
						return
					}
				}
			})
		}
	})
	return m
}

// moods are ways to answer; whole are those that answer, and keep tells whether they go on.
var moods = []struct {
	name        string
	whole, keep bool
}{
	{"length", true, true}, {"chunks", true, true}, {"interim", true, true}, {"slow", true, true}, {"pieces", true, true},
	{"toEnd", true, false}, {"closing", true, false}, {"more", true, true}, {"leaves", true, false},
	{"breaks", false, false}, {"hangs", false, true}, {"resets", false, false},
}

func answerMoodily(conn net.Conn, path string) (again bool) {
	name, _, _ := strings.Cut(path[1:], "/")
	body := strings.Repeat(path, 200)
	const ok = "HTTP/1.1 200 OK\r\n"
	sized := fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body)
	say := func(s string) { _, _ = io.WriteString(conn, s) }
	switch name {
	case "length":
		say(ok + sized)
	case "chunks":
		say(ok + "Transfer-Encoding: chunked\r\n\r\n")
		for rest := body; rest != ""; rest = rest[min(len(rest), 1000):] {
			say(fmt.Sprintf("%x\r\n%s\r\n", min(len(rest), 1000), rest[:min(len(rest), 1000)]))
		}
		say("0\r\n\r\n")
	case "interim":
		say("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
		say(ok + sized)
	case "slow":
		time.Sleep(12 * time.Millisecond) // longer than nobody watches
		say(ok + sized)
	case "pieces":
		for rest := ok + sized; rest != ""; rest = rest[min(len(rest), 900):] {
			time.Sleep(3 * time.Millisecond)
			say(rest[:min(len(rest), 900)])
		}
	case "toEnd":
		say(ok + "\r\n" + body)
	case "closing":
		say(ok + "Connection: close\r\n" + sized)
	case "more":
		say(ok + sized + ok + "Content-Length: 6\r\n\r\nothers")
	case "leaves":
		say(ok + sized)
	case "breaks":
		say(ok + sized[:len(sized)/2])
	case "hangs":
		say(ok + sized[:len(sized)/2])
		_, _ = conn.Read(make([]byte, 1)) // until the client has left
	case "resets":
		if plain, ok := conn.(*net.TCPConn); ok {
			_ = plain.SetLinger(0)
		}
	}
	for _, m := range moods {
		again = again || m.name == name && m.keep
	}
	return again
}

// Whatever servers and callers do, an answer is that to its request, a good one reaches a
// patient caller, and in the end every place and connection has been given back.
func TestStorm(t *testing.T) {
	config, roots := certificate(t)
	for name, above := range map[string]func(net.Conn) net.Conn{
		"plain": func(raw net.Conn) net.Conn { return raw },
		"TLS":   func(raw net.Conn) net.Conn { return tls.Server(raw, config) },
	} {
		t.Run(name, func(t *testing.T) {
			calls := 100
			if name == "TLS" {
				calls = 20
			}
			m := newMoody(t, above)
			c, _ := newClient(t, m.address, func(o *http1.Options) {
				o.MaxConns, o.MaxIdle = callers-1, callers/2
				if name == "TLS" {
					o.TLS, o.HandshakeTimeout = roots, 5*time.Second
				}
			})
			stormy(t, m, c, calls)
		})
	}
}

const callers = 8

func stormy(t *testing.T, m *moody, c *http1.Client, calls int) {
	t.Helper()
	var calling sync.WaitGroup
	for caller := range callers {
		calling.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(caller)))
			buffer := new([]byte)
			for call := range calls {
				storm(t, c, random, buffer, fmt.Sprintf("%d-%d", caller, call))
			}
		})
	}
	calling.Wait()
	var filling sync.WaitGroup
	for range callers - 1 { // all places, at once
		filling.Go(func() {
			if res, err := c.Do(t.Context(), get("/slow/last")); err != nil || res.Status != 200 {
				t.Errorf("at last: %v", err)
			}
		})
	}
	filling.Wait()
	c.Close()
	for deadline := time.Now().Add(10 * time.Second); m.open.Load() > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d connections are open in the end", m.open.Load())
		}
	}
}

// storm makes one call at random.
func storm(t *testing.T, c *http1.Client, random *rand.Rand, buffer *[]byte, id string) {
	t.Helper()
	mood := moods[random.IntN(len(moods))]
	r := get("/" + mood.name + "/" + id)
	r.Buffer, r.Stream, r.Prompt = buffer, random.IntN(3) == 0, random.IntN(3) == 0
	if random.IntN(4) == 0 {
		r.Method, r.Body = "POST", make([]byte, random.IntN(100<<10))
	}
	ctx, patient := t.Context(), true
	after := time.Duration(random.IntN(20_000)) * time.Microsecond
	switch kind := random.IntN(4); {
	case kind == 0 || mood.name == "hangs":
		var leave context.CancelFunc
		ctx, leave = context.WithCancel(ctx)
		defer leave()
		defer time.AfterFunc(after, leave).Stop()
		patient = false
	case kind == 1:
		ctx, patient = late{ctx, time.Now().Add(after)}, false
	}
	if random.IntN(20) == 0 {
		c.CloseIdle()
	}
	res, err := c.Do(ctx, r)
	if err == nil && res.Stream != nil {
		if random.IntN(4) == 0 { // given up
			_ = res.Stream.Close()
			return
		}
		res.Body, err = io.ReadAll(res.Stream)
		_ = res.Stream.Close()
	}
	switch {
	case err == nil && string(res.Body) != strings.Repeat(r.Target, 200):
		t.Errorf("%s: got %d, %.40q", r.Target, res.Status, res.Body)
	case err != nil && patient && mood.whole:
		t.Errorf("%s: %v", r.Target, err)
	case err == nil && !mood.whole:
		t.Errorf("%s: half of it was taken for all", r.Target)
	}
}
