package backend_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
)

// Who asks for news only gets a 304, which has nothing to check.
func TestNoNewsIsAnAnswerToWhoAsked(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Etag", `"1"`)
		if r.Header.Get("If-None-Match") != "" || r.Header.Get("If-Modified-Since") != "" || r.URL.Path == "/unasked" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = fmt.Fprint(w, "1")
	}))
	t.Cleanup(server.Close)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	for name, send := range map[string]backend.Sender{
		"pool":      sendTo(t, server.URL, nil),
		"transport": at(server.URL, backend.Transport(transport, maxResponse, nil)),
	} {
		for _, condition := range []string{"If-None-Match", "If-Modified-Since", ""} {
			req, checked := get(), false
			req.Header, req.Checker = http.Header{}, checker(func(*backend.Response) error { checked = true; return nil })
			if condition != "" {
				req.Header.Set(condition, "x")
			}
			res, err := send(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			if news := condition == ""; (res.Status == http.StatusOK) != news || checked != news || res.Header.Get("Etag") != `"1"` {
				t.Errorf("%s, %s: %d, checked: %v", name, condition, res.Status, checked)
			}
		}
		req := get()
		req.Path = "/unasked"
		_, err := send(t.Context(), req)
		wantKind(t, err, fault.Broken)
	}
}

// A failure tells its status and headers to those who keep answers.
func TestAStatusThatIsAFailureKeepsItsHeaders(t *testing.T) {
	send := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusNotFound)
	})
	_, err := send(t.Context(), get())
	status, ok := errors.AsType[*backend.StatusError](err)
	if !ok || status.Status != http.StatusNotFound || status.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%+v", err)
	}
}

// What checks an answer once more has nothing in common with the call that began it.
func TestAgainChecksOnItsOwn(t *testing.T) {
	for name, declare := range map[string]func(*backend.Service) *backend.Op[string, int]{
		"plain": func(s *backend.Service) *backend.Op[string, int] { return backend.GET[string, int](s, "item", "/{id}") },
		"converted": func(s *backend.Service) *backend.Op[string, int] {
			return backend.Convert(backend.GET[string, string](s, "item", "/{id}"), func(text string) (n int, err error) {
				_, err = fmt.Sscan(text, &n)
				return n, err
			})
		},
	} {
		bodies := map[string][2]string{"plain": {"1", `{"no":"number"}`}, "converted": {`"1"`, `"no number"`}}[name]
		op := declare(backend.NewService("shop", func(_ context.Context, req *backend.Request) (*backend.Response, error) {
			res := &backend.Response{Status: http.StatusOK, Body: []byte(bodies[0])}
			if err := req.Checker.Check(res); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			again := req.Checker.(interface {
				Again() interface {
					Check(res *backend.Response) error
				}
			}).Again()
			if err := again.Check(&backend.Response{Body: []byte(bodies[0])}); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if again.Check(&backend.Response{Body: []byte(bodies[1])}) == nil {
				t.Errorf("%s: %s was accepted", name, bodies[1])
			}
			return res, nil
		}))
		if got, err := op.Call(t.Context(), "x"); got != 1 || err != nil {
			t.Errorf("%s: %d, %v", name, got, err)
		}
	}
}
