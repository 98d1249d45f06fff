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
	if took := time.Since(began); res.StatusCode != http.StatusUnauthorized || took > time.Second {
		t.Errorf("status %d after %v; want 401 at once", res.StatusCode, took)
	}
}

func TestSlowButSteadyUpload(t *testing.T) {
	s := newStage(t, swallow, "match: {path: /, methods: [POST]}, idle_timeout: 200ms")
	body, pipe := io.Pipe()
	go func() {
		for range 8 {
			time.Sleep(50 * time.Millisecond)
			_, _ = io.WriteString(pipe, "a")
		}
		_ = pipe.Close()
	}()
	res, err := s.Client().Post(s.URL, "text/plain", body)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if got, _ := io.ReadAll(res.Body); string(got) != "8<nil>" && string(got) != "8 <nil>" {
		t.Errorf("the service got %q", got)
	}
}
