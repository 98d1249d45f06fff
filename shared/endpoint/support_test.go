package endpoint

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"go.uber.org/goleak"

	"github.com/facet-bff/facet/shared/compose"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/identity"
	"github.com/facet-bff/facet/shared/identity/access"
	"github.com/facet-bff/facet/shared/observe"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type none = struct{}

// testEnv is an Env with small limits that logs into w.
func testEnv(w io.Writer) Env {
	return Env{
		Config:  Config{Budget: time.Hour, MaxBody: 1 << 10, MaxDepth: 8, CompressFrom: 256},
		Metrics: observe.NewMetrics("test"),
		Log:     slog.New(slog.NewJSONHandler(w, nil)),
	}
}

// serveWith is a handler for one endpoint. Errors are put into failed.
func serveWith(env Env, e Endpoint[none], failed *error) http.Handler {
	router := echo.New()
	router.HTTPErrorHandler = func(err error, _ echo.Context) { *failed = err }
	for _, m := range (Table[none]{e}).Mount(none{}, env) {
		router.Add(m.Method, m.EchoPath(), m.Handler)
		router.Add(http.MethodHead, m.EchoPath(), m.Handler)
	}
	return router
}

// ask sends r to an endpoint.
func ask(e Endpoint[none], r *http.Request) (*httptest.ResponseRecorder, *fault.Error) {
	var failed error
	w := httptest.NewRecorder()
	serveWith(testEnv(io.Discard), e, &failed).ServeHTTP(w, r)
	return w, fault.From(failed)
}

// bind is what an endpoint makes of r as its input.
func bind[In any](method, path string, r *http.Request) (got In, wrong *fault.Error) {
	rule := access.Public
	if identity.From(r.Context()) != nil {
		rule = access.User
	}
	e := newEndpoint(method, path, rule, func(none) *compose.Graph[In, int] {
		return compose.Define("bind", func(in compose.Node[In]) compose.Node[int] {
			return compose.Map(in, func(v In) int { got = v; return 0 })
		})
	}, nil)
	_, wrong = ask(e, r)
	return got, wrong
}

// constant is an endpoint that answers with v.
func constant[Out any](v Out, opts ...Option) Endpoint[none] {
	return GET("/", access.Public, always(v), opts...)
}

func always[Out any](v Out) Build[none, struct{}, Out] {
	return func(none) *compose.Graph[struct{}, Out] {
		return compose.Define("constant", func(in compose.Node[struct{}]) compose.Node[Out] {
			return compose.Map(in, func(struct{}) Out { return v })
		})
	}
}

// step is an endpoint of one required step.
func step(f func(context.Context, struct{}) (string, error), opts ...Option) Endpoint[none] {
	return GET("/", access.Public, func(none) *compose.Graph[struct{}, string] {
		return compose.Define("single", func(in compose.Node[struct{}]) compose.Node[string] {
			return compose.Step("part", in, f)
		})
	}, opts...)
}

func get(target string) *http.Request { return httptest.NewRequest(http.MethodGet, target, nil) }

func post(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return r
}

func as(r *http.Request, p *identity.Principal) *http.Request {
	return r.WithContext(identity.NewContext(r.Context(), p))
}

// places writes fields as "in name-or-pointer detail".
func places(f *fault.Error) (out []string) {
	if f == nil {
		return nil
	}
	for _, field := range f.Fields {
		out = append(out, field.In+" "+field.Name+field.Pointer+" "+field.Detail)
	}
	return out
}

func wantPlaces(t *testing.T, f *fault.Error, want ...string) {
	t.Helper()
	if got := places(f); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v:\n%s\nwant\n%s", f, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if f != nil && (f.Kind != fault.Invalid || f.HTTPStatus() != http.StatusBadRequest) {
		t.Errorf("got %v, want a 400", f)
	}
}
