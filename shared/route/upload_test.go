package route

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// swallow reads the whole body and answers.
func swallow(w http.ResponseWriter, r *http.Request) {
	n, err := io.Copy(io.Discard, r.Body)
	_, _ = fmt.Fprint(w, n, err)
}

func TestWhatTheClientBreaks(t *testing.T) {
	const post = "POST / HTTP/1.1\r\nHost: x\r\n"
	for _, c := range []struct {
		name, request string
		want          int
	}{
		{"malformed chunk", post + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n", http.StatusBadRequest},
		{"chunk without its end", post + "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloworld\r\n0\r\n\r\n", http.StatusBadRequest},
		{"declared too large", post + "Content-Length: 2000\r\n\r\n", http.StatusRequestEntityTooLarge},
		{"too large", post + "Transfer-Encoding: chunked\r\n\r\n7d0\r\n" + strings.Repeat("a", 2000) + "\r\n0\r\n\r\n", http.StatusRequestEntityTooLarge},
		{"too slow", post + "Content-Length: 10\r\n\r\nhello", http.StatusRequestTimeout},
		{"GET with a body", "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi", http.StatusBadRequest},
		{"just right", post + "Content-Length: 1000\r\n\r\n" + strings.Repeat("a", 1000), http.StatusOK},
		{"just right, chunked", post + "Transfer-Encoding: chunked\r\n\r\n3e8\r\n" + strings.Repeat("a", 1000) + "\r\n0\r\n\r\n", http.StatusOK},
		{"empty", post + "Content-Length: 0\r\n\r\n", http.StatusOK},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t, swallow, "match: {path: /, methods: [GET, POST]}, max_body: 1000, idle_timeout: 100ms")
			res, err := s.raw(t, c.request)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			if res.StatusCode != c.want {
				t.Errorf("status %d; want %d", res.StatusCode, c.want)
			}
			s.uncounted(t)
		})
	}
}

func TestUploadThatIsCutOff(t *testing.T) {
	s := newStage(t, swallow, "match: {path: /, methods: [POST]}")
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello")
	time.Sleep(20 * time.Millisecond)
	_ = conn.(*net.TCPConn).CloseWrite()
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	answer, _ := io.ReadAll(conn)
	if !strings.HasPrefix(string(answer), "HTTP/1.1 400 ") {
		t.Errorf("got %q; want 400", answer)
	}
	s.uncounted(t)
}

// The service's answer does not wait for a body that it does not want.
func TestAnswerBeforeTheBodyEnds(t *testing.T) {
	s := newStage(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close")
		w.WriteHeader(http.StatusUnauthorized)
	}, "match: {path: /, methods: [POST]}")
	began := time.Now()
	res, err := s.raw(t, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nhello")
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if took := time.Since(began); res.StatusCode != http.StatusUnauthorized || took > time.Second || !res.Close {
		t.Errorf("status %d after %v, close %v; want 401 at once, and no other request", res.StatusCode, took, res.Close)
	}
}

func TestSlowUploads(t *testing.T) {
	steady := func() io.Reader {
		body, pipe := io.Pipe()
		go func() {
			for range 8 {
				time.Sleep(100 * time.Millisecond)
				_, _ = io.WriteString(pipe, "a")
			}
			_ = pipe.Close()
		}()
		return body
	}
	for _, c := range []struct {
		name  string
		body  func() io.Reader
		pause time.Duration // of the service, before it reads
		want  string
	}{
		{"a slow client", steady, 0, "8"},
		{"a slow service", func() io.Reader { return io.LimitReader(zeros{}, 8<<20) }, 1200 * time.Millisecond, "8388608"},
	} {
		for _, http2 := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, HTTP/2 %v", c.name, http2), func(t *testing.T) {
				s := newStage(t, func(w http.ResponseWriter, r *http.Request) {
					time.Sleep(c.pause)
					n, _ := io.Copy(io.Discard, r.Body)
					_, _ = fmt.Fprint(w, n)
				}, "match: {path: /, methods: [POST]}, idle_timeout: 1s", impatient(http2))
				res, err := s.Client().Post(s.URL, "text/plain", c.body())
				if err != nil {
					t.Fatal(err)
				}
				defer res.Body.Close()
				if got, err := io.ReadAll(res.Body); string(got) != c.want {
					t.Errorf("got %q, %v; want %s", got, err, c.want)
				}
			})
		}
	}
}
