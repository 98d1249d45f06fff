package guard

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"go.uber.org/goleak"

	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/observe/observetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// through sends r through one middleware to next.
func through(m echo.MiddlewareFunc, r *http.Request, next echo.HandlerFunc) error {
	return m(next)(echo.New().NewContext(r, httptest.NewRecorder()))
}

func ok(echo.Context) error { return nil }

func get() *http.Request { return httptest.NewRequest(http.MethodGet, "/", nil) }

func TestRecover(t *testing.T) {
	metrics := observe.NewMetrics("test")
	cause := errors.New("cause")
	for _, p := range []any{"boom", cause, 7} {
		var log bytes.Buffer
		r := get()
		r = r.WithContext(observe.NewContext(r.Context(), &observe.Request{ID: "id-1"}))
		err := through(Recover(metrics, slog.New(slog.NewJSONHandler(&log, nil))), r, func(echo.Context) error { panic(p) })
		if f := fault.From(err); f.Kind != fault.Bug || f.HTTPStatus() != 500 || !strings.Contains(err.Error(), fmt.Sprint(p)) {
			t.Errorf("got %v", err)
		}
		if strings.Contains(fmt.Sprint(fault.From(err).Problem("")), fmt.Sprint(p)) {
			t.Error("the client is told the panic's value")
		}
		if got := log.String(); !strings.Contains(got, `"stack":"goroutine `) || !strings.Contains(got, `"request_id":"id-1"`) {
			t.Errorf("the log: %s", got)
		}
	}
	counted := observetest.Sum(t, metrics.Registry(), "facet_panics_total")
	if counted != 3 {
		t.Errorf("%v panics are counted", counted)
	}
}

func TestRecoverLetsAbortPass(t *testing.T) {
	var log bytes.Buffer
	defer func() {
		if p := recover(); p != http.ErrAbortHandler || log.Len() > 0 {
			t.Errorf("got %v, log %s", p, log.String())
		}
	}()
	_ = through(Recover(observe.NewMetrics("test"), slog.New(slog.NewJSONHandler(&log, nil))), get(),
		func(echo.Context) error { panic(http.ErrAbortHandler) })
}

func TestRecoverPassesErrors(t *testing.T) {
	want := errors.New("own")
	m := Recover(observe.NewMetrics("test"), slog.New(slog.DiscardHandler))
	if err := through(m, get(), func(echo.Context) error { return want }); err != want {
		t.Errorf("got %v", err)
	}
	if err := through(m, get(), ok); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestStripIdentity(t *testing.T) {
	r := get()
	r.Header = http.Header{
		"X-User-Id": {"a", "b"}, "x_user_id": {"c"}, "X_USER.ID": {"d"}, "x-user-id": {"e"},
		"X-Forwarded-User": {"f"}, "Authorization": {"Bearer x"}, "Accept": {"*/*"}, "X-Request-Id": {"1"},
	}
	if err := through(StripIdentity, r, ok); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(r.Header); got != "map[Accept:[*/*] Authorization:[Bearer x] X-Request-Id:[1]]" {
		t.Errorf("left: %s", got)
	}
}

func TestClientAddress(t *testing.T) {
	for _, tt := range []struct {
		trusted   []string
		peer      string
		forwarded []string
		want      string
	}{
		{nil, "10.0.0.1:1", nil, "10.0.0.1"},
		{nil, "10.0.0.1:1", []string{"6.6.6.6"}, "10.0.0.1"},
		{nil, "127.0.0.1:1", []string{"6.6.6.6"}, "127.0.0.1"},
		{[]string{"10.0.0.0/8"}, "127.0.0.1:1", []string{"6.6.6.6"}, "127.0.0.1"},
		{[]string{"10.0.0.0/8"}, "192.168.0.1:1", []string{"6.6.6.6"}, "192.168.0.1"},
		{[]string{"10.0.0.0/8"}, "8.8.8.8:1", []string{"6.6.6.6"}, "8.8.8.8"},
		{[]string{"10.0.0.0/8"}, "10.0.0.1:1", nil, "10.0.0.1"},
		{[]string{"10.0.0.0/8"}, "10.0.0.1:1", []string{"1.2.3.4"}, "1.2.3.4"},
		// What the client itself has put in front is not believed.
		{[]string{"10.0.0.0/8"}, "10.0.0.1:1", []string{"6.6.6.6, 1.2.3.4"}, "1.2.3.4"},
		{[]string{"10.0.0.0/8"}, "10.0.0.1:1", []string{"6.6.6.6", "1.2.3.4, 10.9.9.9"}, "1.2.3.4"},
		{[]string{"10.0.0.0/8"}, "10.0.0.1:1", []string{"10.6.6.6, 1.2.3.4, 10.9.9.9"}, "1.2.3.4"},
		{[]string{"10.0.0.0/8"}, "10.0.0.1:1", []string{"nonsense"}, "10.0.0.1"},
		{[]string{"10.0.0.0/8", "fd00::/8"}, "[fd00::1]:1", []string{"2001:db8::1"}, "2001:db8::1"},
	} {
		extract, err := ClientAddress(tt.trusted)
		if err != nil {
			t.Fatal(err)
		}
		r := get()
		r.RemoteAddr, r.Header["X-Forwarded-For"] = tt.peer, tt.forwarded
		r.Header.Set("X-Real-Ip", "7.7.7.7")
		if got := extract(r); got != tt.want {
			t.Errorf("trusted %v, from %s for %v: got %s, want %s", tt.trusted, tt.peer, tt.forwarded, got, tt.want)
		}
	}
	if _, err := ClientAddress([]string{"10.0.0.0/8", "localhost"}); err == nil || !strings.Contains(err.Error(), "localhost") {
		t.Errorf("got %v", err)
	}
}
