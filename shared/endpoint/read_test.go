package endpoint

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/identity/access"
)

type note struct {
	Text string `json:"text"`
}

func TestMediaTypes(t *testing.T) {
	for kind, ok := range map[string]bool{
		"application/json": true, "application/json; charset=utf-8": true, "Application/JSON": true,
		"": false, "text/plain": false, "application/jsonp": false, "application/json;": true, "application/json, text/plain": false,
		"application/x-www-form-urlencoded": false, "multipart/form-data; boundary=x": false, "application/problem+json": false,
	} {
		r := post(`{}`)
		r.Header.Set("Content-Type", kind)
		if _, f := bind[note](http.MethodPost, "/", r); ok != (f == nil) || !ok && f.HTTPStatus() != http.StatusUnsupportedMediaType {
			t.Errorf("%q: got %v", kind, f)
		}
	}
	for coding, ok := range map[string]bool{"": true, "identity": true, "Identity": true, "gzip": false, "zstd": false, "identity, gzip": false} {
		r := post(`{}`)
		r.Header.Set("Content-Encoding", coding)
		if _, f := bind[note](http.MethodPost, "/", r); ok != (f == nil) || !ok && f.HTTPStatus() != http.StatusUnsupportedMediaType {
			t.Errorf("%q: got %v", coding, f)
		}
	}
}

func TestOversizeBodies(t *testing.T) {
	fits := `{"text":"` + strings.Repeat("x", 1<<10-11) + `"}`
	for body, ok := range map[string]bool{fits: true, fits + " ": false, strings.Repeat(" ", 1<<20): false} {
		for name, length := range map[string]int64{"announced": int64(len(body)), "chunked": -1} {
			r := post(body)
			r.ContentLength = length
			_, f := bind[note](http.MethodPost, "/", r)
			if ok != (f == nil) || !ok && f.HTTPStatus() != http.StatusRequestEntityTooLarge {
				t.Errorf("%d bytes, %s: got %v", len(body), name, f)
			}
		}
	}
}

func TestBrokenBodies(t *testing.T) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for err, want := range map[error]int{
		io.ErrUnexpectedEOF: http.StatusBadRequest, os.ErrDeadlineExceeded: http.StatusRequestTimeout,
	} {
		r := post("").WithContext(gone) // as net/http has it after a failed read
		r.Body, r.ContentLength = io.NopCloser(io.MultiReader(strings.NewReader(`{"te`), broken{err})), 20
		if _, f := bind[note](http.MethodPost, "/", r); f == nil || f.Kind != fault.Invalid || f.HTTPStatus() != want {
			t.Errorf("%v: got %v", err, f)
		}
	}
	r := post("").WithContext(gone)
	r.Body = io.NopCloser(broken{net.ErrClosed})
	if _, f := bind[note](http.MethodPost, "/", r); f == nil || f.Kind != fault.Gone {
		t.Errorf("the client went away: got %v", f)
	}
}

type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

// Over a real connection: a body that stops arriving is answered, and ends the connection.
func TestStalledBody(t *testing.T) {
	var failed error
	e := newEndpoint(http.MethodPost, "/", access.Public, count[note], nil)
	answered := make(chan struct{}, 1)
	inner := serveWith(testEnv(io.Discard), e, &failed)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(w, r)
		answered <- struct{}{}
	}))
	server.Config.ReadTimeout = 50 * time.Millisecond
	server.Start()
	defer server.Close()

	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	const head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
	if _, err := io.WriteString(conn, head); err != nil {
		t.Fatal(err)
	}
	<-answered
	if f := fault.From(failed); f == nil || f.HTTPStatus() != http.StatusRequestTimeout {
		t.Errorf("got %v", f)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if !res.Close {
		t.Error("the connection is kept, with half a body on it")
	}
}
