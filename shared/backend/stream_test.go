package backend_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
	"weak"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
)

func stream(method, path string) *backend.Request {
	return &backend.Request{Service: "shop", Op: "assets", Method: method, Path: path, Stream: true}
}

func TestStreamedStatuses(t *testing.T) {
	send := statusServer(t)
	for _, status := range []int{200, 204, 206, 301, 304, 400, 401, 404, 429, 499} {
		res, err := send(t.Context(), stream("GET", fmt.Sprintf("/%d", status)))
		if err != nil || res.Status != status {
			t.Fatalf("%d: %v, %v", status, res, err)
		}
		body, err := bodyOf(res)
		if want := status != 204 && status != 304; err != nil || (string(body) == secret) != want {
			t.Errorf("%d: %q, %v", status, body, err)
		}
	}
	for _, status := range []int{500, 502, 503} {
		_, err := send(t.Context(), stream("GET", fmt.Sprintf("/%d", status)))
		wantKind(t, err, fault.Broken)
	}
}

// bodyOf reads an answer in either form.
func bodyOf(res *backend.Response) ([]byte, error) {
	if res.Stream == nil {
		return res.Body, nil
	}
	defer res.Stream.Close()
	return io.ReadAll(res.Stream)
}

// A deadline is for the head of a stream; the body may take as long as its caller is there.
func TestAStreamOutlivesItsDeadline(t *testing.T) {
	const limit = 200 * time.Millisecond
	handler := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/late" {
			time.Sleep(2 * limit)
		}
		for range 4 {
			_, _ = io.WriteString(w, "part ")
			w.(http.Flusher).Flush()
			time.Sleep(limit / 2)
		}
	}
	for name, send := range everyTransport(t, handler) {
		ctx := backend.WithDeadline(t.Context(), time.Now().Add(limit))
		res, err := send(ctx, stream("GET", "/"))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if body, err := bodyOf(res); err != nil || len(body) != 20 {
			t.Errorf("%s: %q, %v", name, body, err)
		}
		began := time.Now()
		_, err = send(backend.WithDeadline(t.Context(), began.Add(limit)), stream("GET", "/late"))
		wantKind(t, err, fault.TooSlow)
		if took := time.Since(began); took > limit+limit/2 {
			t.Errorf("%s: late after %v", name, took)
		}
	}
}

// everyTransport sends to a service in each of the ways that there are.
func everyTransport(t *testing.T, h http.HandlerFunc) map[string]backend.Sender {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	general := &http.Transport{}
	t.Cleanup(general.CloseIdleConnections)
	return map[string]backend.Sender{
		"pool":     sendTo(t, server.URL, nil),
		"net/http": at(server.URL, backend.Transport(general, maxResponse, nil)),
	}
}

// A deadline that comes before its context is done holds all the same.
func TestADeadlineNeedsNoTimer(t *testing.T) {
	const limit = 50 * time.Millisecond
	for name, send := range everyTransport(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }) {
		began := time.Now()
		_, err := send(backend.WithDeadline(t.Context(), began.Add(limit)), get())
		wantKind(t, err, fault.TooSlow)
		if took := time.Since(began); took < limit || took > 20*limit {
			t.Errorf("%s: took %v", name, took)
		}
	}
}

// A stream is longer than complete answers may be, is not checked, and comes as the
// service sends it, after send has returned.
func TestStreamIsReadLater(t *testing.T) {
	more := make(chan struct{})
	send := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/sized" {
			w.Header().Set("Content-Length", strconv.Itoa(2*maxResponse))
		}
		_, _ = io.WriteString(w, strings.Repeat("a", maxResponse))
		w.(http.Flusher).Flush()
		<-more
		_, _ = io.WriteString(w, strings.Repeat("b", maxResponse))
	})
	for path, size := range map[string]int64{"/sized": 2 * maxResponse, "/open": -1} {
		req := stream("GET", path)
		req.Checker = checker(func(*backend.Response) error { return errors.New("must not be asked") })
		res, err := send(t.Context(), req)
		if err != nil || res.Size != size {
			t.Fatalf("%s: %+v, %v", path, res, err)
		}
		more <- struct{}{}
		body, err := io.ReadAll(res.Stream)
		if err != nil || len(body) != 2*maxResponse || body[0] != 'a' || body[len(body)-1] != 'b' {
			t.Errorf("%s: %d bytes, %v", path, len(body), err)
		}
		_ = res.Stream.Close()
	}
}

func TestStreamEndsWithItsContext(t *testing.T) {
	send := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	ctx, leave := context.WithCancel(t.Context())
	res, err := send(ctx, stream("GET", "/"))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Stream.Close()
	time.AfterFunc(20*time.Millisecond, leave)
	if _, err := io.ReadAll(res.Stream); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestUpload(t *testing.T) {
	send := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%d %s %v", r.ContentLength, body, err)
	})
	for size, want := range map[int64]string{5: "5 hello <nil>", -1: "-1 hello <nil>"} {
		req := stream("PUT", "/")
		req.Upload, req.UploadSize = strings.NewReader("hello"), size
		res, err := send(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		if body, _ := bodyOf(res); string(body) != want {
			t.Errorf("got %s, want %s", body, want)
		}
	}
}

// Whoever breaks off is to blame.
func TestUploadBreaksOff(t *testing.T) {
	waits := serve(t, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	for _, size := range []int64{-1, 1 << 20} {
		req := stream("PUT", "/")
		req.Upload = io.MultiReader(strings.NewReader("begin"), failing{io.ErrUnexpectedEOF})
		req.UploadSize = size
		_, err := waits(t.Context(), req)
		f := faultOf(t, err, fault.Invalid)
		if !errors.Is(err, io.ErrUnexpectedEOF) || f.HTTPStatus() != http.StatusBadRequest {
			t.Errorf("the client broke off: %v", err)
		}
	}
	req := stream("PUT", "/")
	req.Upload, req.UploadSize = endless{}, -1
	_, err := raw(t, "")(t.Context(), req)
	wantKind(t, err, fault.Broken)
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// A service that has failed need not say more for that to be known.
func TestAFailureIsNotWaitedFor(t *testing.T) {
	send := sendTo(t, "http://"+listen(t, func(c net.Conn) {
		_, _ = c.Read(make([]byte, 4<<10))
		_, _ = io.WriteString(c, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 10\r\n\r\nhalf")
		t.Cleanup(func() { _ = c.Close() })
	}), nil)
	upload := stream("POST", "/")
	upload.Upload, upload.UploadSize = strings.NewReader("x"), 1
	for name, req := range map[string]*backend.Request{"stream": stream("GET", "/"), "upload": upload} {
		ctx, stop := context.WithTimeout(t.Context(), 5*time.Second)
		began := time.Now()
		_, err := send(ctx, req)
		stop()
		if f := faultOf(t, err, fault.Broken); !strings.Contains(f.Error(), "503") {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("%s: known after %v", name, took)
		}
	}
}

// What a call's context holds may be much, and its deadline far away.
func TestACallThatIsOverIsForgotten(t *testing.T) {
	for name, send := range everyTransport(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/fails" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}) {
		prompt := get()
		prompt.Prompt = true
		for _, req := range []*backend.Request{get(), prompt, stream("GET", "/"), stream("GET", "/fails")} {
			remains := callHolding(t, send, req)
			for range 20 {
				if runtime.GC(); remains.Value() == nil {
					break
				}
				time.Sleep(time.Millisecond) // whoever wrote the request may still have to return
			}
			if remains.Value() != nil {
				t.Errorf("%s, %s: the context of a call that is over is held until its deadline", name, req.Path)
			}
		}
	}
}

// callHolding makes a call whose context holds something, and returns what tells whether it is
// still there.
func callHolding(t *testing.T, send backend.Sender, req *backend.Request) weak.Pointer[[1 << 10]byte] {
	t.Helper()
	held := new([1 << 10]byte)
	ctx := context.WithValue(backend.WithDeadline(t.Context(), time.Now().Add(time.Hour)), recorder{}, held)
	if res, err := send(ctx, req); err == nil {
		_, _ = bodyOf(res)
	}
	return weak.Make(held)
}
