package backend_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/fault"
)

// The service is told what is left of the time, in milliseconds, when it is asked.
func TestTimeoutHeader(t *testing.T) {
	send := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Header.Get("X-Request-Timeout"))
	})
	told := func(ctx context.Context) int {
		t.Helper()
		req := get()
		req.Header = http.Header{"X-Request-Timeout": {"1"}} // which the transport knows better
		res, err := send(ctx, req)
		if err != nil {
			t.Fatal(err)
		}
		n, err := strconv.Atoi(string(res.Body))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Second)
	defer stop()
	first := told(ctx)
	time.Sleep(50 * time.Millisecond)
	second := told(ctx)
	if first > 2000 || first < 1000 || second > first-50 || second < first-1000 {
		t.Errorf("of 2000 ms there were %d left, and 50 ms later %d", first, second)
	}
}

func TestNoDeadlineNoHeader(t *testing.T) {
	send := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.Header["X-Request-Timeout"] != nil {
			t.Errorf("told %v", r.Header)
		}
	})
	if _, err := send(t.Context(), get()); err != nil {
		t.Error(err)
	}
}

func TestOutgoing(t *testing.T) {
	type key struct{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Header.Get("X-Request-Id"), r.Header.Get("User-Agent"), r.Header.Get("Accept-Encoding"), r.Header.Get("X-Forged"))
	}))
	t.Cleanup(server.Close)
	send := sendTo(t, server.URL, func(ctx context.Context, header interface{ Set(name, value string) }) {
		header.Set("X-Request-Id", ctx.Value(key{}).(string))
		header.Set("User-Agent", "-agent")
		header.Set("X-Forged", "")
	})
	req := get()
	req.Header = http.Header{"X-Forged": {"forged"}, "X-Request-Id": {"forged"}}
	res, err := send(context.WithValue(t.Context(), key{}, "r1"), req)
	if err != nil || string(res.Body) != "r1-agent" {
		t.Errorf("got %v, %v", res, err)
	}
}

func TestWhatIsNoURLIsOurBug(t *testing.T) {
	for _, path := range []string{"/\x7f", "/a b", "/a\r\nX-Mine: b", "/\u00e4", ""} {
		req := get()
		req.Path = path
		_, err := sendTo(t, "http://127.0.0.1:1", nil)(t.Context(), req)
		wantKind(t, err, fault.Bug)
	}
}

func TestConnectionsAreReused(t *testing.T) {
	seen := make(map[string]bool)
	send := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen[r.RemoteAddr] = true
		status, _ := strconv.Atoi(r.URL.Path[1:])
		w.WriteHeader(status)
		fmt.Fprint(w, "some text")
	})
	for _, status := range []int{200, 404, 500, 429, 200} {
		req := get()
		req.Path = fmt.Sprintf("/%d", status)
		_, _ = send(t.Context(), req)
	}
	if len(seen) != 1 {
		t.Errorf("%d connections for 5 requests, one after the other", len(seen))
	}
}
