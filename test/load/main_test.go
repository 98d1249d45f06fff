package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestMain lets the test's binary be a gateway that serves S0, or an imposter.
func TestMain(m *testing.M) {
	address, answer, ok := strings.Cut(os.Getenv("BE_GATEWAY"), " ")
	if !ok {
		goleak.VerifyTestMain(m)
		return
	}
	server := http.Server{Addr: address, ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(
		func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(answer)) })}
	_ = server.ListenAndServe() // until SIGTERM
}

func TestSend(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	var out strings.Builder
	err := run(t.Context(), []string{"send", "-rate", "100", "-for", "50ms", server.URL + "/path?x=1"}, &out, &out)
	if err != nil || !strings.HasPrefix(out.String(), "5 answers (0 of them not 200), 0 failures, 0 not sent; ") {
		t.Errorf("%v, %s", err, &out)
	}
}

func TestMistakesAreNamed(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"send"}, "give the URL"},
		{[]string{"send", "https://127.0.0.1:1/"}, "give the URL"},
		{[]string{"-s", "S1,S99"}, `no scenario "S99"`},
		{[]string{"-rounds", "many"}, "invalid value"},
		{[]string{"growth", "-rounds", "many"}, "invalid value"},
		{[]string{"upstream", "-keys", t.TempDir()}, "jwks.json"},
	} {
		var out strings.Builder
		if err := run(t.Context(), tt.args, &out, &out); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: got %v, want %q", tt.args, err, tt.want)
		}
	}
}

func TestHelpIsNoFailure(t *testing.T) {
	var out strings.Builder
	if err := run(t.Context(), []string{"-h"}, &out, &out); err != nil || !strings.Contains(out.String(), "-rounds") {
		t.Errorf("%v, %s", err, &out)
	}
}
