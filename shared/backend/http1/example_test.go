package http1_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/facet-bff/facet/shared/backend/http1"
)

func ExampleClient_Do() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s for %s", r.Method, r.RequestURI, r.Header.Get("X-Request-Id"))
	}))
	defer server.Close()
	client := http1.New(server.Listener.Addr().String(), http1.Options{
		Dial: new(net.Dialer).DialContext, MaxConns: 8, MaxIdle: 8, IdleTimeout: time.Minute, MaxHeader: 16 << 10,
	})
	defer client.CloseIdle()

	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	res, err := client.Do(ctx, &http1.Request{
		Method: "GET", Host: "shop.test", Target: "/products/42", MaxBody: 1 << 20, Idempotent: true,
		Header: []byte("X-Request-Id: r1\r\n"),
	})
	fmt.Println(res.Status, string(res.Body), err)
	// Output: 200 GET /products/42 for r1 <nil>
}
