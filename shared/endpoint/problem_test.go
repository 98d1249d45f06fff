package endpoint

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/identity/access"
	"github.com/facet-bff/facet/shared/observe"
)

func TestWriteProblem(t *testing.T) {
	for wait, want := range map[time.Duration]string{0: "", 1: "1", time.Second: "1", 1001 * time.Millisecond: "2", time.Minute: "60"} {
		r := get("/")
		r = r.WithContext(observe.NewContext(r.Context(), &observe.Request{ID: "id-1"}))
		w := httptest.NewRecorder()
		WriteProblem(echo.New().NewContext(r, w), &fault.Error{
			Kind: fault.Unavailable, RetryAfter: wait, Allow: "GET", Challenge: "Bearer", Detail: "Later \xff.",
			Fields: []fault.Field{{In: "query", Name: "limit", Detail: "is wrong"}},
		})
		h := w.Header()
		if w.Code != 503 || h.Get("Retry-After") != want || h.Get("Allow") != "GET" || h.Get("WWW-Authenticate") != "Bearer" ||
			h.Get("Content-Type") != "application/problem+json" || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: got %d %v", wait, w.Code, h)
		}
		var got fault.Problem
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got.Instance != "urn:facet:request:id-1" || got.Detail != "Later \ufffd." || len(got.Errors) != 1 {
			t.Errorf("got %s, %v", w.Body, err)
		}
	}
}

func TestWriteProblemToNobody(t *testing.T) {
	w := httptest.NewRecorder()
	c := echo.New().NewContext(get("/"), w)
	WriteProblem(c, &fault.Error{Kind: fault.Gone})
	if w.Body.Len() > 0 || c.Response().Committed {
		t.Errorf("a client that has gone is written %s", w.Body)
	}
	_ = c.String(http.StatusOK, "half an answ")
	WriteProblem(c, &fault.Error{Kind: fault.Broken})
	if w.Code != http.StatusOK || w.Body.String() != "half an answ" {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

// The router takes a path segment by segment, and names the endpoint as it was declared.
func TestRouter(t *testing.T) {
	type id struct {
		ID string `param:"id"`
	}
	e := echo.New()
	var guarded []string
	table := Table[none]{GET("/v1/x/{id}", access.User, count[id]), DELETE("/v1/x/{id}/y", access.Role("r"), count[id])}
	serve := Router(e, table.Mount(none{}, testEnv(t.Output())), func(rule access.Rule) echo.MiddlewareFunc {
		return func(next echo.HandlerFunc) echo.HandlerFunc {
			return func(c echo.Context) error {
				guarded = append(guarded, rule.String())
				return next(c)
			}
		}
	})
	for _, tt := range []struct {
		method, target string
		status         int
		path, guard    string
	}{
		{"GET", "/v1/x/1", 200, "/v1/x/{id}", "user"},
		{"HEAD", "/v1/x/1", 200, "/v1/x/{id}", "user"},
		{"GET", "/v1/x/a%2Fb", 200, "/v1/x/{id}", "user"},
		{"DELETE", "/v1/x/1/y", 200, "/v1/x/{id}/y", "role r"},
		{"PUT", "/v1/x/1", 405, "/v1/x/{id}", ""},
		{"HEAD", "/v1/x/1/y", 405, "/v1/x/{id}/y", ""},
		{"GET", "/v1/x/1/z", 404, "", ""},
		{"GET", "/v1/x/", 404, "", ""},
		{"GET", "/v1/x", 404, "", ""},
		{"GET", "/", 404, "", ""},
	} {
		guarded = nil
		w := httptest.NewRecorder()
		c := e.NewContext(httptest.NewRequest(tt.method, tt.target, nil), w)
		if err := serve(c); err != nil {
			e.HTTPErrorHandler(err, c)
		}
		guard := ""
		if len(guarded) == 1 {
			guard = guarded[0]
		}
		if w.Code != tt.status || c.Path() != tt.path || guard != tt.guard {
			t.Errorf("%s %s: got %d, path %q, guards %v", tt.method, tt.target, w.Code, c.Path(), guarded)
		}
	}
}
