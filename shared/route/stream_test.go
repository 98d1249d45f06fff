package route

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
)

func TestBodiesStreamInConstantMemory(t *testing.T) {
	down := func(w http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		w.Header().Set("X-Received", strconv.FormatInt(n, 10))
		if r.URL.RawQuery != "chunked" {
			w.Header().Set("Content-Length", strconv.Itoa(size))
		}
		_, _ = io.CopyN(w, zeros{}, size)
	}
	s := newStage(t, down, "match: {path: /, methods: [GET, POST]}, max_body: 64MiB, query: ['*']")
	for _, c := range []struct {
		name, method, query string
		body                io.Reader
		sent                string
	}{
		{"down", http.MethodGet, "", nil, "0"},
		{"down, chunked", http.MethodGet, "?chunked", nil, "0"},
		{"up and down", http.MethodPost, "", io.LimitReader(zeros{}, size), strconv.Itoa(size)},
	} {
		t.Run(c.name, func(t *testing.T) {
			stop := memory()
			r, _ := http.NewRequestWithContext(t.Context(), c.method, s.URL+"/"+c.query, c.body)
			res, err := s.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			n, err := io.Copy(io.Discard, res.Body)
			if n != size || err != nil || res.Header.Get("X-Received") != c.sent {
				t.Errorf("got %d bytes, %v; the service got %s", n, err, res.Header.Get("X-Received"))
			}
			if growth := stop(); growth > 8<<20 {
				t.Errorf("the heap grew by %d KiB for a body of %d", growth>>10, size>>10)
			}
		})
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestSlowProducerIsSeen(t *testing.T) {
	next := make(chan struct{})
	s := newStage(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		for range 2 {
			<-next
			_, _ = io.WriteString(w, "event\n")
			_ = http.NewResponseController(w).Flush()
		}
		<-next
	}, "match: {path: /}")
	res, err := s.get(t) // the headers are there before the first event
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	events := bufio.NewReader(res.Body)
	for range 2 {
		next <- struct{}{}
		if line, err := events.ReadString('\n'); line != "event\n" || err != nil {
			t.Fatalf("got %q, %v", line, err)
		}
	}
	close(next)
	if _, err := events.ReadByte(); err != io.EOF {
		t.Errorf("the end is %v", err)
	}
}

// A body whose length is known is kept for a moment, to be sent with few writes, and not for
// as long as it takes.
func TestSlowBodyOfKnownLengthIsSeen(t *testing.T) {
	next := make(chan struct{})
	s := newStage(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "12")
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		time.Sleep(3 * late)
		_, _ = io.WriteString(w, "event\n")
		_ = http.NewResponseController(w).Flush()
		<-next
		_, _ = io.WriteString(w, "event\n")
	}, "match: {path: /}")
	res, err := s.get(t)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	events := bufio.NewReader(res.Body)
	if line, err := events.ReadString('\n'); line != "event\n" || err != nil {
		t.Fatalf("got %q, %v", line, err)
	}
	close(next)
	if rest, err := io.ReadAll(events); string(rest) != "event\n" || err != nil {
		t.Errorf("the rest is %q, %v", rest, err)
	}
}

func TestBothDirectionsAtOnce(t *testing.T) {
	s := newStage(t, func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).EnableFullDuplex()
		w.WriteHeader(http.StatusOK)
		lines := bufio.NewScanner(r.Body)
		for lines.Scan() {
			_, _ = fmt.Fprintln(w, strings.ToUpper(lines.Text()))
			_ = http.NewResponseController(w).Flush()
		}
	}, "match: {path: /, methods: [POST]}")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	body, ask := io.Pipe()
	r, _ := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, body)
	go func() { _, _ = io.WriteString(ask, "one\n") }()
	res, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answers := bufio.NewReader(res.Body)
	for _, word := range []string{"ONE", "TWO", "THREE"} {
		if got, err := answers.ReadString('\n'); got != word+"\n" {
			t.Fatalf("got %q, %v; want %s", got, err, word)
		}
		switch word {
		case "ONE":
			_, _ = io.WriteString(ask, "two\n")
		case "TWO":
			_, _ = io.WriteString(ask, "three\n")
		}
	}
	_ = ask.Close()
	if _, err := answers.ReadByte(); err != io.EOF {
		t.Errorf("the end is %v", err)
	}
}

func TestClientThatGoesEndsTheCall(t *testing.T) {
	for _, begun := range []bool{false, true} {
		t.Run(fmt.Sprintf("begun %v", begun), func(t *testing.T) {
			called, ended := make(chan struct{}), make(chan time.Time, 1)
			s := newStage(t, func(w http.ResponseWriter, r *http.Request) {
				if begun {
					_, _ = io.WriteString(w, "a")
					_ = http.NewResponseController(w).Flush()
				}
				close(called)
				<-r.Context().Done()
				ended <- time.Now()
			}, "match: {path: /}")
			ctx, cancel := context.WithCancel(t.Context())
			r, _ := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
			var clients sync.WaitGroup
			clients.Go(func() {
				if res, err := s.Client().Do(r); err == nil {
					_, _ = io.Copy(io.Discard, res.Body)
					_ = res.Body.Close()
				}
			})
			<-called
			time.Sleep(20 * time.Millisecond) // the answer's beginning is on its way
			gone := time.Now()
			cancel()
			if took := (<-ended).Sub(gone); took > 100*time.Millisecond {
				t.Errorf("the service was still asked %v later", took)
			}
			clients.Wait()
			s.uncounted(t)
		})
	}
}

// net/http takes a client that closes its half for one that has gone. It must not be told
// that all is well.
func TestNothingIsWrittenToClientsThatHaveGone(t *testing.T) {
	s := newStage(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "match: {path: /}")
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	_ = conn.(*net.TCPConn).CloseWrite()
	if answer, err := io.ReadAll(conn); len(answer) > 0 || err != nil {
		t.Errorf("got %q, %v; want nothing", answer, err)
	}
}

// A body that broke off must not look complete, whatever frames it, once the client has got
// something of it.
func TestServiceThatBreaksOff(t *testing.T) {
	for _, c := range []struct {
		name, framing string
		http2         bool
	}{
		{name: "chunked", framing: "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"},
		{name: "length", framing: "Content-Length: 90000\r\n\r\nhello"},
		{name: "HTTP/2", framing: "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", http2: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			begun := make(chan struct{})
			s := newStage(t, func(w http.ResponseWriter, _ *http.Request) {
				conn, _, err := http.NewResponseController(w).Hijack()
				if err == nil {
					_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n"+c.framing)
					<-begun
					_ = conn.Close()
				}
			}, "match: {path: /}", func(s *httptest.Server) { s.EnableHTTP2 = c.http2 })
			res, err := s.get(t)
			close(begun)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if body, err := io.ReadAll(res.Body); err == nil || res.StatusCode != http.StatusOK {
				t.Errorf("%d %q looks complete", res.StatusCode, body)
			}
		})
	}
}

func TestServiceThatPauses(t *testing.T) {
	done := make(chan struct{})
	s := newStage(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "a")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		close(done)
	}, "match: {path: /}, idle_timeout: 50ms")
	res, err := s.get(t)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); err == nil {
		t.Errorf("%q looks complete", body)
	}
	<-done
}

// impatient is a server whose own timeouts are short.
func impatient(http2 bool) func(*httptest.Server) {
	return func(s *httptest.Server) {
		s.EnableHTTP2 = http2
		s.Config.ReadTimeout, s.Config.WriteTimeout = 500*time.Millisecond, 500*time.Millisecond
	}
}

func TestDownloadLongerThanTheServersTimeouts(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		s := newStage(t, func(w http.ResponseWriter, _ *http.Request) {
			for range 8 {
				time.Sleep(100 * time.Millisecond)
				_, _ = io.WriteString(w, "a")
				_ = http.NewResponseController(w).Flush()
			}
		}, "match: {path: /}", impatient(http2))
		for range 2 { // the second on the same connection
			res, err := s.get(t)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(res.Body)
			_ = res.Body.Close()
			if string(body) != "aaaaaaaa" || err != nil {
				t.Errorf("HTTP/2 %v: got %q, %v", http2, body, err)
			}
		}
	}
}

// A deadline that a route has set must not hit the next request on the connection.
func TestDeadlinesEndWithTheRequest(t *testing.T) {
	s := newStage(t, swallow, "match: {path: /}, idle_timeout: 50ms")
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	answers := bufio.NewReader(conn)
	for _, want := range []int{http.StatusOK, http.StatusNotFound} {
		path := map[int]string{http.StatusOK: "/", http.StatusNotFound: "/nowhere"}[want]
		_, _ = io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: x\r\n\r\n")
		res, err := http.ReadResponse(answers, nil)
		if err != nil || res.StatusCode != want {
			t.Fatalf("got %v, %v; want %d", res, err, want)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		time.Sleep(80 * time.Millisecond)
	}
}

func TestRouteTimeout(t *testing.T) {
	deadline := make(chan string, 1)
	s := newStage(t, func(_ http.ResponseWriter, r *http.Request) {
		deadline <- r.Header.Get("X-Request-Timeout")
		<-r.Context().Done()
	}, "match: {path: /}, timeout: 50ms")
	res, err := s.get(t)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusGatewayTimeout {
		t.Errorf("status %d; want 504", res.StatusCode)
	}
	if left := <-deadline; left == "" {
		t.Error("the service was not told how long it has")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.failed) != 1 || s.failed[0].Kind != fault.TooSlow {
		t.Errorf("the service's policies saw %v; want one that was too slow, which counts", s.failed)
	}
}

func TestTimeoutEndsWithTheHeaders(t *testing.T) {
	s := newStage(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "a")
		_ = http.NewResponseController(w).Flush()
		time.Sleep(150 * time.Millisecond)
		_, _ = io.WriteString(w, "b")
	}, "match: {path: /}, timeout: 100ms")
	res, err := s.get(t)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); string(body) != "ab" || err != nil {
		t.Errorf("got %q, %v", body, err)
	}
}

func TestRefusalsPass(t *testing.T) {
	s := newStage(t, func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "the service's own words", http.StatusTeapot)
	}, "match: {path: /}")
	res, err := s.get(t)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	if res.StatusCode != http.StatusTeapot || string(body) != "the service's own words\n" {
		t.Errorf("got %d %q", res.StatusCode, body)
	}
}

func TestFailuresNameTheCall(t *testing.T) {
	table := tableOf(t, func(context.Context, *backend.Request) (*backend.Response, error) {
		return nil, &fault.Error{Kind: fault.Unreachable, Err: errors.New("refused")}
	}, "match: {path: /}")
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	route, err := table.Match(r)
	if err != nil {
		t.Fatal(err)
	}
	err = route.Serve(newContext(r))
	if f := fault.From(err); f.Kind != fault.Unreachable || f.Service != "catalog" || f.Op != "r0" {
		t.Errorf("got %#v", f)
	}
}
