package http1_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/backend/http1"
)

// secured returns a client of a server that speaks TLS, and runs serve for each connection.
func secured(t *testing.T, serve func(below *bundle, conn *tls.Conn)) (*http1.Client, *atomic.Int32) {
	t.Helper()
	config, trusting := certificate(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	t.Cleanup(serving.Wait)
	t.Cleanup(func() { _ = l.Close() })
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer conn.Close()
				below := &bundle{Conn: conn}
				serve(below, tls.Server(below, config))
			})
		}
	})
	return newClient(t, l.Addr().String(), func(o *http1.Options) {
		o.TLS, o.HandshakeTimeout = trusting, 5*time.Second
	})
}

// certificate is what a server shows, and what trusts it.
func certificate(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	issuer := httptest.NewTLSServer(nil)
	t.Cleanup(issuer.Close)
	roots := x509.NewCertPool()
	roots.AddCert(issuer.Certificate())
	return &tls.Config{Certificates: issuer.TLS.Certificates, MinVersion: tls.VersionTLS12},
		&tls.Config{RootCAs: roots, ServerName: "example.com", MinVersion: tls.VersionTLS12}
}

// A bundle can hold back what is written, to write all of it at once.
type bundle struct {
	net.Conn
	holds bool
	held  []byte
}

func (b *bundle) Write(p []byte) (int, error) {
	if b.holds {
		b.held = append(b.held, p...)
		return len(p), nil
	}
	return b.Conn.Write(p)
}

func (b *bundle) release() {
	_, _ = b.Conn.Write(b.held)
	b.holds, b.held = false, nil
}

// What nobody has asked for may have been read with the answer, and wait inside of TLS, where
// nobody sees it from below.
func TestWhatTLSHasReadAheadIsNobodysAnswer(t *testing.T) {
	c, dials := secured(t, func(below *bundle, conn *tls.Conn) {
		r := bufio.NewReader(conn)
		for {
			if _, err := http.ReadRequest(r); err != nil {
				return
			}
			below.holds = true
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nothers") // another record
			below.release()
		}
	})
	for i := range 4 {
		if res, err := c.Do(t.Context(), get("/")); err != nil || string(res.Body) != "ok" {
			t.Errorf("request %d: got %q, %v", i, res.Body, err)
		}
	}
	if dials.Load() != 4 {
		t.Errorf("%d connections, want 4", dials.Load())
	}
}

// An answer that ends with its connection is whole only if TLS says that this is the end:
// anybody on the way can end a connection.
func TestAnAnswerThatTLSDoesNotEndIsCutOff(t *testing.T) {
	for name, tt := range map[string]struct {
		end   func(below *bundle, conn *tls.Conn)
		whole bool
	}{
		"ended":        {func(_ *bundle, conn *tls.Conn) { _ = conn.CloseWrite() }, true},
		"cut":          {func(*bundle, *tls.Conn) {}, false},
		"in a record":  {func(below *bundle, _ *tls.Conn) { _, _ = below.Write([]byte{23, 3, 3, 1, 0, 1, 2}) }, false},
		"in its start": {func(below *bundle, _ *tls.Conn) { _, _ = below.Write([]byte{23, 3}) }, false},
	} {
		c, _ := secured(t, func(below *bundle, conn *tls.Conn) {
			if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n[1,2")
				tt.end(below, conn)
			}
		})
		for _, stream := range []bool{false, true} {
			r := get("/")
			r.Stream = stream
			res, err := c.Do(t.Context(), r)
			if res.Stream != nil {
				_, err = io.ReadAll(res.Stream)
				_ = res.Stream.Close()
			}
			if (err == nil) != tt.whole {
				t.Errorf("%s, stream %v: %v", name, stream, err)
			}
		}
	}
}

// An idle connection that is closed when it is used again costs a new one, however TLS ends.
func TestAStaleTLSConnectionIsReplaced(t *testing.T) {
	for name, end := range map[string]func(conn *tls.Conn){
		"ended": func(conn *tls.Conn) { _ = conn.CloseWrite() },
		"cut":   func(*tls.Conn) {},
	} {
		c, dials := secured(t, func(_ *bundle, conn *tls.Conn) {
			r := bufio.NewReader(conn)
			if _, err := http.ReadRequest(r); err == nil {
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
				_, _ = http.ReadRequest(r)
				end(conn)
			}
		})
		for i := range 3 {
			if res, err := c.Do(t.Context(), get("/")); err != nil || string(res.Body) != "ok" || dials.Load() != int32(i+1) {
				t.Errorf("%s, request %d: %q, %v, with %d connections", name, i, res.Body, err, dials.Load())
			}
		}
	}
}
