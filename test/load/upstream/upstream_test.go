package upstream

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/facet-bff/facet/test/load/payload"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start serves on a free port until the test ends.
func start(t *testing.T, b *Backends) (url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var done sync.WaitGroup
	done.Go(func() { b.Serve(ctx, l) })
	t.Cleanup(func() { stop(); done.Wait() })
	return "http://" + l.Addr().String()
}

func TestServe(t *testing.T) {
	url := start(t, New([]byte(`{"keys":[]}`)))
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}}
	defer client.CloseIdleConnections()
	for path, want := range map[string][]byte{
		"/users/42": payload.User(42), "/item/3/42": payload.User(3), "/orders/1": payload.Orders(),
		"/products/1": payload.Product(), "/inventory/1": payload.Inventory(), "/orgs/9": payload.Small("org"),
		"/carts/c-9": payload.Small("cart"), "/addresses/9": payload.Small("address"), "/c/composed/42": payload.Home(42),
		"/pages/64/7": payload.Page(64), "/pages/65/7": nil,
		"/jwks": []byte(`{"keys":[]}`), "/users/0": nil, "/users/1025": nil, "/users/x": nil, "/": nil,
	} {
		res, err := client.Get(url + path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		status := http.StatusOK
		if want == nil {
			status = http.StatusNotFound
		}
		if res.StatusCode != status || !bytes.Equal(body, want) {
			t.Errorf("%s: status %d, %d bytes; want %d and %d", path, res.StatusCode, len(body), status, len(want))
		}
		if sent, err := http.ParseTime(res.Header.Get("Date")); err != nil || time.Since(sent) > time.Minute {
			t.Errorf("%s: Date %q", path, res.Header.Get("Date"))
		}
		if kept := res.Header.Get("Cache-Control") != ""; kept != (path == "/c/composed/42") {
			t.Errorf("%s: Cache-Control %q", path, res.Header.Get("Cache-Control"))
		}
	}
}

func TestCallsAreCounted(t *testing.T) {
	b := New(nil)
	for _, path := range []string{"/users/1", "/d5/orders/1", "/calls", "/nothing"} {
		b.find(path)
	}
	if a, _ := b.find("/calls"); !bytes.HasSuffix(a.rest, []byte("\r\n3")) {
		t.Errorf("got %q", a.rest)
	}
}

func TestTiming(t *testing.T) {
	b := New(nil)
	for path, want := range map[string]timing{
		"/users/1": {}, "/d5/users/1": {slow: true}, "/t5/orders/1": {slow: true, tail: true}, "/c/users/1": {keep: true},
	} {
		if _, got := b.find(path); got != want {
			t.Errorf("%s: got %+v", path, got)
		}
	}
	began := time.Now()
	timing{slow: true}.wait()
	if took := time.Since(began); took < delay {
		t.Errorf("it waited %v", took)
	}
}

func TestRefusesWhatIsNoGet(t *testing.T) {
	res, err := http.Post(start(t, New(nil))+"/users/1", "application/json", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if http.DefaultClient.CloseIdleConnections(); res.StatusCode != http.StatusBadRequest {
		t.Errorf("status %d", res.StatusCode)
	}
}
