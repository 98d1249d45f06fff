package route

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/labstack/echo/v4"
	"go.uber.org/goleak"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/config"
	"github.com/facet-bff/facet/shared/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// load reads routes from YAML, each the inside of a flow mapping. Name, service and access
// may be missing.
func load(t testing.TB, routes ...string) []Config {
	t.Helper()
	configs, err := read(routes...)
	if err != nil {
		t.Fatal(err)
	}
	return configs
}

func read(routes ...string) ([]Config, error) {
	var text strings.Builder
	text.WriteString("routes:\n")
	for i, r := range routes {
		for key, value := range map[string]string{"name": fmt.Sprint("r", i), "service": "catalog", "access": "public"} {
			if !strings.Contains(r, key+":") {
				r = key + ": " + value + ", " + r
			}
		}
		text.WriteString("  - {" + r + "}\n")
	}
	type file struct {
		Routes []Config `yaml:"routes"`
	}
	c, err := config.Load[file](config.Sources{Default: []byte(text.String())})
	if err != nil {
		return nil, err
	}
	return c.Routes, nil
}

// tableOf makes a table of routes to one service.
func tableOf(t testing.TB, send backend.Sender, routes ...string) *Table {
	t.Helper()
	table, err := New(load(t, routes...), backend.NewServices(backend.NewService("catalog", send)), nil)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// refuse is a service that nobody should call.
func refuse(_ context.Context, req *backend.Request) (*backend.Response, error) {
	return nil, errors.New("called with " + req.Path)
}

// gateway serves a table as a gateway does.
func gateway(table *Table) http.Handler {
	e := echo.New()
	e.IPExtractor = echo.ExtractIPDirect()
	e.HTTPErrorHandler = func(err error, c echo.Context) {
		if f := fault.From(err); !c.Response().Committed && f.Kind != fault.Gone {
			body, _ := json.Marshal(f.Problem(""))
			_ = c.Blob(f.HTTPStatus(), fault.ProblemType, body)
		}
	}
	e.Any("/*", func(c echo.Context) error {
		r, err := table.Match(c.Request())
		switch {
		case err != nil:
			return err
		case r == nil:
			return &fault.Error{Kind: fault.NoRoute}
		}
		return r.Serve(c)
	})
	return e
}

func newContext(r *http.Request) echo.Context {
	return echo.New().NewContext(r, httptest.NewRecorder())
}

// A recording service answers 200 and keeps what it was sent.
type recording struct {
	requests []*backend.Request
	answer   backend.Response
}

func (s *recording) send(_ context.Context, req *backend.Request) (*backend.Response, error) {
	s.requests = append(s.requests, req)
	answer := s.answer
	if answer.Status == 0 {
		answer.Status = http.StatusOK
	}
	return &answer, nil
}

// serve sends one request through routes and returns the answer.
func (s *recording) serve(t testing.TB, r *http.Request, routes ...string) *http.Response {
	t.Helper()
	w := httptest.NewRecorder()
	gateway(tableOf(t, s.send, routes...)).ServeHTTP(w, r)
	return w.Result()
}

// last is what the service was sent last.
func (s *recording) last(t testing.TB) *backend.Request {
	t.Helper()
	if len(s.requests) == 0 {
		t.Fatal("the service was not called")
	}
	return s.requests[len(s.requests)-1]
}
