package backend_test

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/backend"
)

// connected is a server that counts its open connections.
func connected(t *testing.T, h http.HandlerFunc) (url string, open *atomic.Int32) {
	t.Helper()
	open = new(atomic.Int32)
	s := httptest.NewUnstartedServer(h)
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			open.Add(1)
		case http.StateClosed, http.StateHijacked:
			open.Add(-1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	return s.URL, open
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not %s", what)
		}
	}
}

func TestAForgottenInstanceHasNoConnections(t *testing.T) {
	waiting, answer := make(chan struct{}), make(chan struct{})
	handler := func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/wait" {
			close(waiting)
			<-answer
		}
		_, _ = io.Copy(io.Discard, r.Body)
	}
	gone, open := connected(t, handler)
	stays, others := connected(t, handler)
	pool := backend.NewPool(connections(time.Second), nil)
	t.Cleanup(pool.Close)
	ask := func(base, path string) error {
		req := get()
		req.Path = path
		_, err := at(base, pool.Send)(t.Context(), req)
		return err
	}
	upload := get()
	upload.Method, upload.Safe, upload.Upload, upload.UploadSize = http.MethodPost, false, strings.NewReader("x"), 1
	if _, err := at(gone, pool.Send)(t.Context(), upload); err != nil {
		t.Fatal(err)
	}
	for _, base := range []string{gone, stays} {
		if err := ask(base, "/"); err != nil {
			t.Fatal(err)
		}
	}
	result := make(chan error)
	go func() { result <- ask(gone, "/wait") }()
	<-waiting

	pool.Forget(gone)
	pool.Forget("http://nobody")
	eventually(t, "only the one in use is open", func() bool { return open.Load() == 1 })
	close(answer)
	if err := <-result; err != nil {
		t.Errorf("the call that was under way: %v", err)
	}
	eventually(t, "none is open", func() bool { return open.Load() == 0 })
	if others.Load() != 1 {
		t.Errorf("%d connections to the other instance", others.Load())
	}
	if err := ask(gone, "/"); err != nil {
		t.Errorf("a call that comes late: %v", err)
	}
}

// An instance that was found by its address is still called by its name.
func TestInstancesAreCalledByTheirName(t *testing.T) {
	seen := make(chan string, 1)
	handler := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen <- r.Host })
	plain, secure := httptest.NewServer(handler), httptest.NewUnstartedServer(handler)
	t.Cleanup(plain.Close)
	names := make(chan string, 1)
	secure.TLS = &tls.Config{GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		names <- hello.ServerName
		return nil, nil
	}}
	secure.Config.ErrorLog = quiet
	secure.StartTLS()
	t.Cleanup(secure.Close)

	settings := connections(time.Second)
	settings.Host = "catalog.internal:8443"
	for _, http2 := range []bool{false, true} {
		settings.HTTP2 = http2
		pool := backend.NewPool(settings, nil)
		if _, err := at(plain.URL, pool.Send)(t.Context(), get()); err != nil {
			t.Fatal(err)
		}
		if host := <-seen; host != "catalog.internal:8443" {
			t.Errorf("it is asked for %q", host)
		}
		_, err := at(secure.URL, pool.Send)(t.Context(), get())
		if name := <-names; name != "catalog.internal" {
			t.Errorf("a certificate of %q is asked for", name)
		}
		if err == nil {
			t.Error("a certificate of nobody that is known was accepted")
		}
		pool.Close()
	}
}
