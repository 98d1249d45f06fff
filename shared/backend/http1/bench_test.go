package http1_test

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"strconv"
	"testing"

	"github.com/facet-bff/facet/shared/backend/http1"
)

// constant answers every read with the same bytes: a server that costs next to nothing.
func constant(b *testing.B, size int) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = l.Close() })
	answer := []byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Sun, 22 Nov 2026 00:00:00 GMT\r\nContent-Length: " +
		strconv.Itoa(size) + "\r\n\r\n")
	answer = append(answer, bytes.Repeat([]byte("x"), size)...)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				buf := make([]byte, 4096)
				for {
					if _, err := conn.Read(buf); err != nil {
						return
					}
					if _, err := conn.Write(answer); err != nil {
						return
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}

func BenchmarkExchange(b *testing.B) {
	c := http1.New(constant(b, 2<<10), http1.Options{
		Dial: new(net.Dialer).DialContext, MaxConns: 16, MaxIdle: 16, IdleTimeout: 1 << 40, MaxHeader: 16 << 10,
	})
	defer c.CloseIdle()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Do(b.Context(), get("/users/42")); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkExchangeByNetHTTP(b *testing.B) {
	transport := &http.Transport{DisableCompression: true}
	defer transport.CloseIdleConnections()
	url := "http://" + constant(b, 2<<10) + "/users/42"
	b.ReportAllocs()
	for b.Loop() {
		r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, url, nil)
		if err != nil {
			b.Fatal(err)
		}
		res, err := transport.RoundTrip(r)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadAll(res.Body); err != nil {
			b.Fatal(err)
		}
		_ = res.Body.Close()
	}
}
