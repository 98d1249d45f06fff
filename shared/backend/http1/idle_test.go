package http1_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// What comes on an idle connection is nobody's answer, and least of all the next request's.
func TestAnAnswerThatNobodyAskedForIsNotTheNext(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	sent := make(chan struct{}, 1)
	var serving sync.WaitGroup
	defer serving.Wait()
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer conn.Close()
				r := bufio.NewReader(conn)
				for {
					req, err := http.ReadRequest(r)
					if err != nil {
						return
					}
					_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(req.URL.Path), req.URL.Path)
					time.Sleep(5 * time.Millisecond) // the connection is idle by now
					_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nothers")
					sent <- struct{}{}
				}
			})
		}
	})
	c, dials := newClient(t, listener.Addr().String(), nil)
	defer func() { _ = listener.Close(); c.CloseIdle() }()
	for i := range 5 {
		target := fmt.Sprintf("/%d", i)
		res, err := c.Do(t.Context(), get(target))
		if err != nil || string(res.Body) != target {
			t.Fatalf("%s: got %q, %v", target, res.Body, err)
		}
		<-sent
	}
	if dials.Load() != 5 {
		t.Errorf("%d dials", dials.Load())
	}
}
