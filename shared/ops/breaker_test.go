package ops

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/policy"
	"github.com/facet-bff/facet/shared/services"
)

// withBreakers is a gateway whose service catalog has breakers; that of legacy is off.
func withBreakers(t *testing.T) (http.Handler, *services.Running, *bytes.Buffer) {
	t.Helper()
	on := policy.Service{URL: "http://catalog", Breaker: policy.BreakerConfig{
		Window: 10e9, MinRequests: 20, FailureRatio: 0.5, OpenFor: 5e9, HalfOpen: 3,
	}}
	running, err := services.Open(
		services.Config{Services: map[string]policy.Service{"catalog": on, "legacy": {URL: "http://legacy"}}},
		services.Options{Metrics: observe.NewMetrics("test")},
	)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.Close)
	log := new(bytes.Buffer)
	g := testGateway()
	g.Services, g.Breakers, g.Log = running.State, running, slog.New(slog.NewTextHandler(log, nil))
	return NewHandler(g), running, log
}

func put(h http.Handler, path, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPut, path, strings.NewReader(body)))
	return w
}

func TestOperatorsForceBreakers(t *testing.T) {
	h, running, log := withBreakers(t)
	for _, c := range []struct {
		body        string
		read, write string // the states from then on
		forced      int
	}{
		{`{"state":"open"}`, "open", "open", 2},
		{`{"state":"closed","class":"read"}`, "closed", "open", 2},
		{`{"state":"auto","class":"write"}`, "closed", "closed", 1},
		{`{"state":"auto"}`, "closed", "closed", 0},
	} {
		w := put(h, "/services/catalog/breaker", c.body)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"class":"read","state":"`+c.read+`"`) ||
			!strings.Contains(w.Body.String(), `"class":"write","state":"`+c.write+`"`) ||
			strings.Count(w.Body.String(), `"forced":true`) != c.forced {
			t.Errorf("%s: %d %s", c.body, w.Code, w.Body)
		}
	}
	if w := ask(h, http.MethodGet, "/services"); strings.Count(w.Body.String(), `"breakers"`) != 1 || strings.Count(w.Body.String(), `"state": "closed"`) < 2 {
		t.Errorf("GET /services tells %s", w.Body)
	}
	if states := running.Breakers(); len(states) != 2 || states[0].Service != "catalog" {
		t.Errorf("%+v", states)
	}
	if n := strings.Count(log.String(), "an operator has set a breaker"); n != 4 || !strings.Contains(log.String(), "service=catalog class=read state=closed") {
		t.Errorf("the log has %s", log)
	}
}

func TestWrongForcing(t *testing.T) {
	h, running, log := withBreakers(t)
	for _, c := range []struct {
		path, body string
		status     int
		says       string
	}{
		{"/services/catalog/breaker", `{"state":"ajar"}`, 400, `state must be "open", "closed" or "auto"`},
		{"/services/catalog/breaker", `{"state":"open","class":"delete"}`, 400, `class must be "read" or "write"`},
		{"/services/catalog/breaker", `{"class":"read"}`, 400, "state must be"},
		{"/services/catalog/breaker", `{"state":"open","kind":"read"}`, 400, "the body must be JSON like"},
		{"/services/catalog/breaker", `{"state":"open"} {}`, 400, "the body must be JSON like"},
		{"/services/catalog/breaker", "", 400, "the body must be JSON like"},
		{"/services/catalog/breaker", `{"state":"` + strings.Repeat("x", 2000) + `"}`, 400, "the body must be JSON like"},
		{"/services/nowhere/breaker", `{"state":"open"}`, 404, "there is no such service"},
		{"/services/legacy/breaker", `{"state":"open"}`, 404, "its breaker is off"},
	} {
		if w := put(h, c.path, c.body); w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %s: %d %s", c.path, c.body, w.Code, w.Body)
		}
	}
	for _, b := range running.Breakers() {
		if b.Forced {
			t.Errorf("%+v", b)
		}
	}
	if log.Len() > 0 {
		t.Errorf("the log has %s", log)
	}
	if w := ask(NewHandler(testGateway()), http.MethodPut, "/services/catalog/breaker"); w.Code != http.StatusNotFound {
		t.Errorf("without breakers: %d", w.Code)
	}
}
