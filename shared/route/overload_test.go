package route

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/overload"
)

type noWatch struct{}

func (noWatch) Refused(string)   {}
func (noWatch) LimitChanged(int) {}

// narrow serves routes through a limit of two: of one read, and three writes.
func narrow(t *testing.T, send backend.Sender, routes ...string) *httptest.Server {
	t.Helper()
	limiter := overload.New(&overload.Config{Min: 2, Max: 2, Initial: 2, Tolerance: 1.5}, noWatch{})
	table, err := New(load(t, routes...), backend.NewServices(backend.NewService("catalog", send)), limiter)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(gateway(table))
	t.Cleanup(s.Close)
	return s
}

func send(t *testing.T, method, url string, body io.Reader) *http.Response {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

// A stream holds its place until it begins, however long it goes on.
func TestAStreamHoldsNoPlace(t *testing.T) {
	asked, begin := make(chan bool), make(chan bool)
	s := narrow(t, func(ctx context.Context, req *backend.Request) (*backend.Response, error) {
		if req.Path == "/stream" {
			asked <- true
			<-begin
		}
		r, w := io.Pipe()
		context.AfterFunc(ctx, func() { _ = w.CloseWithError(io.ErrUnexpectedEOF) })
		return &backend.Response{Status: http.StatusOK, Header: http.Header{}, Stream: r, Size: -1}, nil
	}, "match: {path: /stream}", "match: {path: /other}, priority: write", "match: {path: /plain}")

	streamed := make(chan int)
	go func() { streamed <- send(t, "GET", s.URL+"/stream", nil).StatusCode }()
	<-asked
	refused := send(t, "GET", s.URL+"/plain", nil)
	text, _ := io.ReadAll(refused.Body)
	if refused.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(text), "urn:facet:problem:shed") {
		t.Errorf("while it has not begun: %d %s", refused.StatusCode, text)
	}
	if got := send(t, "GET", s.URL+"/other", nil).StatusCode; got != http.StatusOK {
		t.Errorf("what is more important: %d", got)
	}
	begin <- true
	if got := <-streamed; got != http.StatusOK {
		t.Errorf("the stream: %d", got)
	}
	for range 5 { // streams, all of them
		if got := send(t, "GET", s.URL+"/plain", nil).StatusCode; got != http.StatusOK {
			t.Errorf("after it has begun: %d", got)
		}
	}
}

// Clients who send slowly do not keep the others out.
func TestAnUploadHoldsNoPlace(t *testing.T) {
	asked := make(chan bool)
	s := narrow(t, func(_ context.Context, req *backend.Request) (*backend.Response, error) {
		if req.Upload != nil {
			asked <- true
			_, _ = io.Copy(io.Discard, req.Upload)
		}
		return &backend.Response{Status: http.StatusNoContent, Header: http.Header{}}, nil
	}, "match: {path: /, methods: [GET, POST]}")
	var slow []*io.PipeWriter
	uploaded := make(chan int)
	for range 10 {
		body, w := io.Pipe()
		slow = append(slow, w)
		go func() { uploaded <- send(t, "POST", s.URL, body).StatusCode }()
		_, _ = io.WriteString(w, "begun")
		<-asked
	}
	if got := send(t, "GET", s.URL, nil).StatusCode; got != http.StatusNoContent {
		t.Errorf("while ten are sending: %d", got)
	}
	for _, w := range slow {
		_ = w.Close()
		if got := <-uploaded; got != http.StatusNoContent {
			t.Errorf("an upload: %d", got)
		}
	}
}
