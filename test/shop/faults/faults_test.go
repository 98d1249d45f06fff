package faults_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/facet-bff/facet/test/shop/faults"
	"github.com/facet-bff/facet/test/shop/internal/rest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bench is one service "echo" and the control server over it, on real sockets.
type bench struct {
	t             *testing.T
	echo, control *httptest.Server
	client        http.Client
}

func newBench(t *testing.T) *bench {
	t.Helper()
	set, calls := faults.NewSet("echo", "other"), &faults.Calls{}
	mux := rest.Routes{"POST /echo/{id}": func(w http.ResponseWriter, r *http.Request) error {
		var body map[string]any
		if err := rest.Read(w, r, &body); err != nil {
			return err
		}
		return rest.Send(w, http.StatusOK, body)
	}}.Mux()
	b := &bench{
		t:       t,
		echo:    httptest.NewServer(calls.Count("echo", mux, set.Inject("echo", mux))),
		control: httptest.NewServer(faults.Control(set, calls)),
		client:  http.Client{Transport: &http.Transport{DisableKeepAlives: true}},
	}
	t.Cleanup(b.echo.Close)
	t.Cleanup(b.control.Close)
	return b
}

func (b *bench) send(ctx context.Context, method, url, body string) (int, string, error) {
	b.t.Helper()
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	response, err := b.client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}

func (b *bench) call() (int, string, error) {
	b.t.Helper()
	return b.send(b.t.Context(), "POST", b.echo.URL+"/echo/7", `{"a":1}`)
}

func (b *bench) must(method, path, body string) (int, string) {
	b.t.Helper()
	status, text, err := b.send(b.t.Context(), method, b.control.URL+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	return status, text
}

func TestFaultsThatAnswer(t *testing.T) {
	tests := []struct {
		fault  string
		status int
		want   string
	}{
		{`{}`, 200, `{"a":1}`},
		{`{"delay":"1ms","jitter":"1ms"}`, 200, `{"a":1}`},
		{`{"error_rate":1}`, 503, faults.InternalHost},
		{`{"status":500}`, 500, "goroutine "},
		{`{"status":500,"error_rate":0}`, 200, `{"a":1}`},
		{`{"status":404}`, 404, `{"error":"refused by an injected fault"}`},
		{`{"status":429}`, 429, `"error"`},
		{`{"garbage":true}`, 200, `<html>`},
		{`{"garbage":true,"error_rate":0}`, 200, `{"a":1}`},
	}
	b := newBench(t)
	for _, tt := range tests {
		if status, text := b.must("PUT", "/faults/echo", tt.fault); status != 200 {
			t.Fatalf("%s: %d %s", tt.fault, status, text)
		}
		status, text, err := b.call()
		if err != nil || status != tt.status || !strings.Contains(text, tt.want) {
			t.Errorf("%s: got %d %q %v", tt.fault, status, text, err)
		}
	}
}

func TestErrorRateIsAShare(t *testing.T) {
	b := newBench(t)
	b.must("PUT", "/faults/all", `{"error_rate":0.3}`)
	failed := 0
	for range 200 {
		if status, _, err := b.call(); err != nil {
			t.Fatal(err)
		} else if status == 503 {
			failed++
		}
	}
	if failed < 40 || failed > 80 {
		t.Errorf("%d of 200 failed, want about 60", failed)
	}
}

func TestDelay(t *testing.T) {
	b := newBench(t)
	b.must("PUT", "/faults/*", `{"delay":"80ms","jitter":"20ms"}`)
	began := time.Now()
	if _, _, err := b.call(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < 60*time.Millisecond {
		t.Errorf("took %v, want at least 60ms", took)
	}
}

func TestReset(t *testing.T) {
	b := newBench(t)
	b.must("PUT", "/faults/echo", `{"reset":true}`)
	if _, _, err := b.call(); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got error %v, want a reset connection", err)
	}
}

// TestHangEndsWithTheClient would time out in the server's Close if the handler stayed.
func TestHangEndsWithTheClient(t *testing.T) {
	b := newBench(t)
	for _, fault := range []string{`{"hang":true}`, `{"delay":"1h"}`} {
		b.must("PUT", "/faults/echo", fault)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, _, err := b.send(ctx, "POST", b.echo.URL+"/echo/7", `{"a":1}`)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: got error %v, want no answer", fault, err)
		}
	}
}

func TestControlRefuses(t *testing.T) {
	tests := []struct {
		method, path, body string
		status             int
	}{
		{"PUT", "/faults/nope", `{}`, 404},
		{"DELETE", "/faults/nope", ``, 404},
		{"PUT", "/faults/echo", `{"dealy":"1s"}`, 400},
		{"PUT", "/faults/echo", `{"delay":"1 second"}`, 400},
		{"PUT", "/faults/echo", `{"delay":"-1s"}`, 400},
		{"PUT", "/faults/echo", `{"delay":300}`, 400},
		{"PUT", "/faults/echo", `{"error_rate":1.5}`, 400},
		{"PUT", "/faults/echo", `{"status":200}`, 400},
		{"PUT", "/faults/echo", ``, 400},
		{"POST", "/calls", ``, 405},
		{"GET", "/nope", ``, 404},
	}
	b := newBench(t)
	for _, tt := range tests {
		status, text := b.must(tt.method, tt.path, tt.body)
		if status != tt.status || !strings.HasPrefix(text, `{"error":`) {
			t.Errorf("%s %s %s: got %d %s, want %d", tt.method, tt.path, tt.body, status, text, tt.status)
		}
	}
	if _, text := b.must("GET", "/faults", ""); text != `{"faults":{}}` {
		t.Errorf("faults: %s", text)
	}
}

func TestFaultsAreShownAndDeleted(t *testing.T) {
	b := newBench(t)
	show := func(want string) {
		t.Helper()
		if _, got := b.must("GET", "/faults", ""); got != want {
			t.Errorf("faults: %s, want %s", got, want)
		}
	}
	b.must("PUT", "/faults/*", `{"delay":"300ms"}`)
	b.must("PUT", "/faults/other", `{"hang":true}`) // replaces, does not add
	show(`{"faults":{"echo":{"delay":"300ms"},"other":{"hang":true}}}`)
	b.must("DELETE", "/faults/echo", "")
	show(`{"faults":{"other":{"hang":true}}}`)
	b.must("DELETE", "/faults", "")
	show(`{"faults":{}}`)
}

func TestCallsCountBrokenOnesToo(t *testing.T) {
	b := newBench(t)
	b.must("PUT", "/faults/echo", `{"status":500}`)
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() { _, _, _ = b.call() })
	}
	group.Wait()
	if _, _, err := b.send(t.Context(), "GET", b.echo.URL+"/elsewhere", ""); err != nil {
		t.Fatal(err)
	}
	want := `{"total":21,"calls":[{"service":"echo","method":"GET","pattern":"(none)","count":1},` +
		`{"service":"echo","method":"POST","pattern":"/echo/{id}","count":20}]}`
	if _, got := b.must("GET", "/calls", ""); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	b.must("DELETE", "/calls", "")
	if _, got := b.must("GET", "/calls", ""); got != `{"total":0,"calls":[]}` {
		t.Errorf("after DELETE: %s", got)
	}
}
