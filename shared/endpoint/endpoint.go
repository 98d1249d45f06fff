// Package endpoint binds compositions to methods and paths: it decodes and validates
// the request, runs the graph under the endpoint's budget, and encodes the outcome.
//
// A gateway lists its endpoints in one [Table]. An endpoint's input is a struct whose
// fields say where they come from:
//
//	type productRequest struct {
//		SKU    string `param:"sku" validate:"max=32"`
//		Fields int    `query:"limit" default:"20" validate:"min=1,max=50"`
//		Locale string `header:"Accept-Language"`
//		Note   string `json:"note" validate:"max=200"`
//		User   string `identity:"subject"`
//	}
package endpoint

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/compose"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/identity/access"
	"github.com/facet-bff/facet/shared/observe"
)

// Config is the section "endpoints": what holds for all of a gateway's endpoints.
type Config struct {
	Budget       time.Duration `yaml:"budget" default:"1s" validate:"gt=0"`
	MaxBody      int64         `yaml:"max_body" default:"1MiB" unit:"bytes" validate:"min=1"`
	MaxDepth     int           `yaml:"max_depth" default:"32" validate:"min=1,max=1000"`
	CompressFrom int           `yaml:"compress_from" default:"1KiB" unit:"bytes" validate:"min=0"`
}

// A Table lists the endpoints of one gateway, whose compositions call D.
type Table[D any] []Endpoint[D]

// An Endpoint is a method and path bound to a composition.
type Endpoint[D any] struct {
	method, path string
	access       access.Rule
	settings     settings
	build        func(deps D, settings settings, env Env) (compose.Plan, echo.HandlerFunc)
}

// An Option adjusts an endpoint.
type Option func(*settings)

type settings struct {
	budget time.Duration // zero: the configuration's
	status int
}

// Budget is the time a request may take until its answer is ready.
func Budget(d time.Duration) Option { return func(s *settings) { s.budget = d } }

// Status is the status of a success; without it, 200.
func Status(code int) Option { return func(s *settings) { s.status = code } }

// A Build makes an endpoint's composition from what it may call. It runs once per
// generation.
type Build[D, In, Out any] func(deps D) *compose.Graph[In, Out]

// GET declares an endpoint that reads. It answers HEAD as well.
func GET[D, In, Out any](path string, rule access.Rule, build Build[D, In, Out], opts ...Option) Endpoint[D] {
	return newEndpoint(http.MethodGet, path, rule, build, opts)
}

// POST declares an endpoint that does something.
func POST[D, In, Out any](path string, rule access.Rule, build Build[D, In, Out], opts ...Option) Endpoint[D] {
	return newEndpoint(http.MethodPost, path, rule, build, opts)
}

// PUT declares an endpoint that replaces something.
func PUT[D, In, Out any](path string, rule access.Rule, build Build[D, In, Out], opts ...Option) Endpoint[D] {
	return newEndpoint(http.MethodPut, path, rule, build, opts)
}

// PATCH declares an endpoint that changes part of something.
func PATCH[D, In, Out any](path string, rule access.Rule, build Build[D, In, Out], opts ...Option) Endpoint[D] {
	return newEndpoint(http.MethodPatch, path, rule, build, opts)
}

// DELETE declares an endpoint that removes something.
func DELETE[D, In, Out any](path string, rule access.Rule, build Build[D, In, Out], opts ...Option) Endpoint[D] {
	return newEndpoint(http.MethodDelete, path, rule, build, opts)
}

func newEndpoint[D, In, Out any](method, path string, rule access.Rule, build Build[D, In, Out], opts []Option) Endpoint[D] {
	set := settings{status: http.StatusOK}
	for _, o := range opts {
		o(&set)
	}
	decode, err := newDecoder[In](method, path, rule)
	if err != nil {
		panic(fmt.Sprintf("endpoint: %s %s: %v", method, path, err))
	}
	return Endpoint[D]{method: method, path: path, access: rule, settings: set,
		build: func(deps D, set settings, env Env) (compose.Plan, echo.HandlerFunc) {
			graph := build(deps)
			name := graph.Plan().Name
			o := observer{composition: name, metrics: env.Metrics, log: env.Log}
			s := &server[In, Out]{method: method, settings: set, env: env, decode: decode, observer: o, graph: graph.Observe(o.around)}
			return graph.Plan(), s.serve
		}}
}

// Env is what endpoints share in one generation.
type Env struct {
	Config       Config
	ServerTiming bool
	Metrics      *observe.Metrics
	Log          *slog.Logger
}

// A Mounted endpoint is ready to serve.
type Mounted struct {
	Method  string           `json:"method"`
	Path    string           `json:"path"` // with {name} for parameters
	Access  access.Rule      `json:"access"`
	Budget  time.Duration    `json:"-"`
	Plan    compose.Plan     `json:"plan"`
	Handler echo.HandlerFunc `json:"-"`
}

// EchoPath is the path as echo's router writes it.
func (m Mounted) EchoPath() string {
	return strings.NewReplacer("{", ":", "}", "").Replace(m.Path)
}

// Mount builds every endpoint of the table. It panics on what only a programmer can
// mend: two endpoints on one method and path, or a broken composition.
func (t Table[D]) Mount(deps D, env Env) []Mounted {
	seen := make(map[string]bool)
	mounted := make([]Mounted, 0, len(t))
	for _, e := range t {
		place := e.method + " " + e.path
		if seen[place] {
			panic("endpoint: " + place + " is declared twice")
		}
		seen[place] = true
		set := e.settings
		if set.budget == 0 {
			set.budget = env.Config.Budget
		}
		plan, handler := e.build(deps, set, env)
		mounted = append(mounted, Mounted{
			Method: e.method, Path: e.path, Access: e.access, Budget: set.budget, Plan: plan, Handler: handler,
		})
	}
	return mounted
}

// A server answers the requests of one endpoint.
type server[In, Out any] struct {
	method   string
	settings settings
	env      Env
	decode   *decoder
	observer observer
	graph    *compose.Graph[In, Out]
}

func (s *server[In, Out]) serve(c echo.Context) error {
	var in In
	if err := s.decode.decode(c, s.env.Config, &in); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), graphBudget(s.settings.budget))
	defer cancel()
	out, err := s.graph.Run(ctx, in)
	if err != nil {
		s.observer.panicked(ctx, err)
		return explain(err)
	}
	a := answer{status: s.settings.status, safe: s.method == http.MethodGet, degraded: s.observer.degraded(ctx, out.Degraded)}
	if s.env.ServerTiming {
		a.timing = observe.FromContext(ctx).ServerTiming()
	}
	return a.write(c, out.Value, s.env.Config.CompressFrom)
}

// graphBudget leaves a little of the budget for encoding the answer, so that an
// optional step that uses up its time does not make the answer late.
func graphBudget(budget time.Duration) time.Duration {
	return budget - min(budget/20, 10*time.Millisecond)
}

// explain says which part of the composition failed the request. What was refused is not
// explained: that would tell what is not there from what is not the caller's to see.
func explain(err error) error {
	f := *fault.From(err)
	step, ok := errors.AsType[*compose.StepError](err)
	if ok && f.Detail == "" && f.HTTPStatus() >= http.StatusInternalServerError {
		f.Detail = fmt.Sprintf("The part %q is required, and it failed: %s.", step.Step, f.Kind)
	}
	f.Err = err
	return &f
}
