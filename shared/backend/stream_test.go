package backend_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

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
		if err != nil || res.Status != status || res.Stream == nil || res.Body != nil {
			t.Fatalf("%d: %v, %v", status, res, err)
		}
		body, err := io.ReadAll(res.Stream)
		if want := status != 204 && status != 304; err != nil || (string(body) == secret) != want {
			t.Errorf("%d: %q, %v", status, body, err)
		}
		_ = res.Stream.Close()
	}
	for _, status := range []int{500, 502, 503} {
		_, err := send(t.Context(), stream("GET", fmt.Sprintf("/%d", status)))
		wantKind(t, err, fault.Broken)
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
		req.Check = func(*backend.Response) error { return errors.New("must not be asked") }
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
		if body, _ := io.ReadAll(res.Stream); string(body) != want {
			t.Errorf("got %s, want %s", body, want)
		}
		_ = res.Stream.Close()
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
