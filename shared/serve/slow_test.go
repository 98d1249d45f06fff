package serve

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

const limit = 60 * time.Millisecond

func TestSlowHeader(t *testing.T) {
	c := config()
	c.HeaderTimeout = limit
	r := start(t, c, func(http.ResponseWriter, *http.Request) { t.Error("a handler ran") })
	if _, took := send(t, r.public, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "); took < limit/2 {
		t.Errorf("cut after %s", took)
	}
	if err := r.ended(t); err != nil {
		t.Error(err)
	}
}

func TestSlowBody(t *testing.T) {
	c := config()
	c.BodyTimeout = limit
	failed := make(chan error, 1)
	r := start(t, c, func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		failed <- err
	})
	send(t, r.public, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
	if err := <-failed; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the handler got %v", err)
	}
	if err := r.ended(t); err != nil {
		t.Error(err)
	}
}

func TestSlowReader(t *testing.T) {
	c := config()
	c.WriteTimeout = limit
	failed := make(chan error, 1)
	r := start(t, c, func(w http.ResponseWriter, _ *http.Request) {
		var err error
		for chunk := make([]byte, 1<<20); err == nil; {
			_, err = w.Write(chunk)
		}
		failed <- err
	})
	conn, err := net.Dial("tcp", r.public)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if err := <-failed; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the handler got %v", err)
	}
	if err := r.ended(t); err != nil {
		t.Error(err)
	}
}

func TestIdleConnection(t *testing.T) {
	c := config()
	c.IdleTimeout = limit
	r := start(t, c, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	answer, took := send(t, r.public, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if !strings.HasPrefix(answer, "HTTP/1.1 204 ") || took < limit/2 {
		t.Errorf("got %q after %s", answer, took)
	}
	if err := r.ended(t); err != nil {
		t.Error(err)
	}
}

func TestLargeHeader(t *testing.T) {
	r := start(t, config(), func(http.ResponseWriter, *http.Request) { t.Error("a handler ran") })
	answer, _ := send(t, r.public, "GET / HTTP/1.1\r\nHost: x\r\nX-Large: "+strings.Repeat("x", 16<<10)+"\r\n\r\n")
	if !strings.HasPrefix(answer, "HTTP/1.1 431 ") {
		t.Errorf("got %q", answer)
	}
	if err := r.ended(t); err != nil {
		t.Error(err)
	}
}

// The server waits for half a second before it closes a connection on which a body may still
// be coming. A client that reads until the end need not wait for that.
func TestAnswerEndsBeforeTheBody(t *testing.T) {
	r := start(t, config(), func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 4)); err != nil {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		}
	})
	answer, took := send(t, r.public, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\nmuch more")
	if !strings.HasPrefix(answer, "HTTP/1.1 413 ") || took > 400*time.Millisecond {
		t.Errorf("got %q after %s", answer, took)
	}
	if err := r.ended(t); err != nil {
		t.Error(err)
	}
}
