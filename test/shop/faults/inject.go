package faults

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/facet-bff/facet/test/shop/internal/rest"
)

// Inject returns next, broken as the set says for the service at each call's arrival.
func (s *Set) Inject(service string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call, ok := s.draw(service)
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		readAhead(w, r)
		if !sleep(r.Context(), call.delay) {
			panic(http.ErrAbortHandler)
		}
		if !call.fail {
			next.ServeHTTP(w, r)
			return
		}
		fail(w, r, service, call.manner)
	})
}

// readAhead takes the whole body off the connection: only then does net/http notice that
// the client leaves. What cannot be read stays an error for the handler.
func readAhead(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, rest.MaxBody))
	ahead := io.Reader(bytes.NewReader(body))
	if err != nil {
		ahead = io.MultiReader(ahead, broken{err})
	}
	r.Body = io.NopCloser(ahead)
}

type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

// sleep waits for d; false means that ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func fail(w http.ResponseWriter, r *http.Request, service string, manner Fault) {
	switch {
	case manner.Hang:
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	case manner.Reset:
		reset(w)
	case manner.Garbage:
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id":"p1","items":[{"<html><body><h1>It works!</h1></body></html>`)
	default:
		sendFailure(w, service, manner.Status)
	}
}

// reset closes the connection so that the client reads ECONNRESET rather than EOF.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // the nearest thing that is possible (HTTP/2)
	}
	defer conn.Close()
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
}

// sendFailure is as careless with internals as real services are.
func sendFailure(w http.ResponseWriter, service string, status int) {
	if status == 0 {
		status = http.StatusServiceUnavailable
	}
	if status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "1")
	}
	if status < 500 {
		rest.SendError(w, status, "refused by an injected fault")
		return
	}
	_ = rest.Send(w, status, map[string]string{
		"error": "dial tcp " + InternalHost + ":5432: connect: connection refused",
		"host":  fmt.Sprintf("%s-6d9f7c.%s", service, InternalHost),
		"stack": fmt.Sprintf("goroutine 71 [running]:\n%[1]s.(*store).load(0xc000123400)\n"+
			"\t/srv/%[1]s/store.go:88 +0x1f4\nnet/http.HandlerFunc.ServeHTTP(...)", service),
	})
}
