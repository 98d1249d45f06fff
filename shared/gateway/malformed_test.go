package gateway_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/facet-bff/facet/shared/gateway"
)

// Bodies that clients break, in the middle of calls to a service, are no failures of it and no
// successes: after a thousand of them its breaker opens with as many real failures as without.
func TestMalformedBodiesLeaveABreakerAlone(t *testing.T) {
	const clients, bodies, least = 8, 1000, 10
	var broken atomic.Int64
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			broken.Add(1)
			return
		}
		w.WriteHeader(http.StatusInternalServerError)
	}))
	defer service.Close()
	def := define(fmt.Sprintf(`
services: {legacy: {url: '%s', breaker: {min_requests: %d, failure_ratio: 0.5}, retry: {attempts: 1}}}
routes: [{name: up, service: legacy, match: {path: /up, methods: [POST]}, access: public}]
`, service.URL, least))
	c, err := gateway.Load(def, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	g, err := gateway.New(def, c, gateway.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	front := httptest.NewServer(g.Handler())
	defer front.Close()
	const post = "POST /up HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
	status := func(body string) int {
		conn, err := net.Dial("tcp", front.Listener.Addr().String())
		if err != nil {
			return 0
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, post+body)
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			return 0
		}
		_ = res.Body.Close()
		return res.StatusCode
	}
	var all sync.WaitGroup
	for n := range clients {
		all.Go(func() {
			for i := range bodies / clients {
				body := []string{"5\r\nhello\r\nzz\r\n", "5\r\nhelloworld\r\n0\r\n\r\n", "-1\r\n", strings.Repeat("x", 40) + "\r\n"}[(n+i)%4]
				if got := status(body); got != http.StatusBadRequest {
					t.Errorf("%q: status %d", body, got)
					return
				}
			}
		})
	}
	all.Wait()
	if broken.Load() < bodies/10 {
		t.Errorf("only %d of %d bodies broke off in a call", broken.Load(), bodies)
	}
	statuses := map[int]int{}
	for range 2 * least {
		statuses[status("0\r\n\r\n")]++
	}
	if statuses[http.StatusInternalServerError]+statuses[http.StatusBadGateway] != least || statuses[http.StatusServiceUnavailable] != least {
		t.Errorf("real failures: statuses %v, want %d and then refusals", statuses, least)
	}
}
