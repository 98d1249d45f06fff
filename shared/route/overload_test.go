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

// ask sends a request and returns the answer's status, and its text if that is a problem.
// The body is closed when the test ends.
func ask(t *testing.T, method, url string, body io.Reader) (status int, problem string) {
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
	if res.StatusCode >= http.StatusBadRequest {
		text, _ := io.ReadAll(res.Body)
		problem = string(text)
	}
	return res.StatusCode, problem
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
	go func() {
		status, _ := ask(t, "GET", s.URL+"/stream", nil)
		streamed <- status
	}()
	<-asked
	status, problem := ask(t, "GET", s.URL+"/plain", nil)
	if status != http.StatusServiceUnavailable || !strings.Contains(problem, "urn:facet:problem:shed") {
		t.Errorf("while it has not begun: %d %s", status, problem)
	}
	if got, _ := ask(t, "GET", s.URL+"/other", nil); got != http.StatusOK {
		t.Errorf("what is more important: %d", got)
	}
	begin <- true
	if got := <-streamed; got != http.StatusOK {
		t.Errorf("the stream: %d", got)
	}
	for range 5 { // streams, all of them
		if got, _ := ask(t, "GET", s.URL+"/plain", nil); got != http.StatusOK {
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
		go func() {
			status, _ := ask(t, "POST", s.URL, body)
			uploaded <- status
		}()
		_, _ = io.WriteString(w, "begun")
		<-asked
	}
	if got, _ := ask(t, "GET", s.URL, nil); got != http.StatusNoContent {
		t.Errorf("while ten are sending: %d", got)
	}
	for _, w := range slow {
		_ = w.Close()
		if got := <-uploaded; got != http.StatusNoContent {
			t.Errorf("an upload: %d", got)
		}
	}
}
