// Package endpoint binds compositions to methods and paths: it decodes and validates
// the request, runs the graph under the endpoint's budget, and encodes the outcome.
//
// A gateway lists its endpoints in one [Table]. An endpoint's input is a struct whose
// fields say where they come from:
//
//	type productRequest struct {
//		SKU    string `param:"sku" validate:"max=32"`
//		Limit  int    `query:"limit" default:"20" validate:"min=1,max=50"`
//		Locale string `header:"Accept-Language"`
//		Note   string `json:"note" validate:"max=200"`
//		User   string `identity:"subject"`
//	}
//
// Values of the path, the query and headers are text, numbers, booleans, times
// (RFC 3339), durations (1m30s), what implements encoding.TextUnmarshaler, pointers to
// these (nil when absent) and lists of these (a query parameter or header that is there
// several times). Fields of embedded structs belong to the input. Whoever reads a
// request must not guess: what is malformed, unknown in the body, or there twice is
// refused with 400, and the problem lists everything that is wrong.
package endpoint

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/cache"
	"github.com/facet-bff/facet/shared/codec"
	"github.com/facet-bff/facet/shared/compose"
	"github.com/facet-bff/facet/shared/idempotency"
	"github.com/facet-bff/facet/shared/identity/access"
	"github.com/facet-bff/facet/shared/overload"
)

// Config is the section "endpoints": what holds for all of a gateway's endpoints.
type Config struct {
	Budget       time.Duration `yaml:"budget" default:"1s" validate:"gt=0"`                        // of an endpoint that has none of its own
	MaxBody      int64         `yaml:"max_body" default:"1MiB" unit:"bytes" validate:"min=1"`      // of a request
	MaxDepth     int           `yaml:"max_depth" default:"32" validate:"min=1,max=1000"`           // of the JSON in it
	CompressFrom int           `yaml:"compress_from" default:"1KiB" unit:"bytes" validate:"min=0"` // the size of answers

	// Cache holds the finished answers of endpoints that keep them.
	Cache cache.Config `yaml:"cache"`
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
	keep   time.Duration       // zero: not at all
	writes *idempotency.Config // nil: Idempotency-Key means nothing

	priority overload.Priority // zero: by the method
}

// Budget is the time a request may take until its answer is ready. It panics when that
// is none.
func Budget(d time.Duration) Option {
	if d <= 0 {
		panic("endpoint: a budget of " + d.String() + " lets nothing run")
	}
	return func(s *settings) { s.budget = d }
}

// Status is the status of a success; without it, 200. With 204 the answer has no body.
// It panics when code is not that of a success.
func Status(code int) Option {
	if code < 200 || code > 299 {
		panic(fmt.Sprintf("endpoint: %d is not the status of a success", code))
	}
	return func(s *settings) { s.status = code }
}

// Cached keeps finished answers for d, by everything that they may depend on: what the input
// reads of the request and, when somebody asks, who that is. Degraded answers are not kept,
// and none for longer than the first of its parts is. What others change meanwhile is seen
// after d at the latest. It is for endpoints that read,
// and panics when d is no time.
func Cached(d time.Duration) Option {
	if d <= 0 {
		panic("endpoint: to keep answers for " + d.String() + " is not to keep them")
	}
	return func(s *settings) { s.keep = d }
}

// Idempotent minds the header Idempotency-Key: a request that comes again under its key is
// answered as it was answered first, for ttl, and not made twice. It is for a POST or PATCH of
// users only, for a key is somebody's.
func Idempotent(ttl time.Duration) Option { return idempotent(ttl, false) }

// IdempotencyRequired is [Idempotent], and refuses requests without a key.
func IdempotencyRequired(ttl time.Duration) Option { return idempotent(ttl, true) }

func idempotent(ttl time.Duration, required bool) Option {
	if ttl < time.Second {
		panic("endpoint: to remember answers for " + ttl.String() + " is not to remember them")
	}
	return func(s *settings) { s.writes = &idempotency.Config{TTL: ttl, Required: required} }
}

// Priorities of requests, from the one that is never refused to the first to be.
const (
	Critical   = overload.Critical
	Write      = overload.Write
	Read       = overload.Read
	Background = overload.Background
)

// Priority says how important the endpoint's requests are when the gateway has too much to
// do. Without it, those that may change something are Write, and the others Read; a browser's
// prefetching of a Read is Background.
func Priority(p overload.Priority) Option {
	return func(s *settings) { s.priority = p }
}

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
	if set.keep > 0 && (method != http.MethodGet || set.status != http.StatusOK) {
		panic(fmt.Sprintf("endpoint: %s %s: only a GET's 200 can be kept", method, path))
	}
	if set.writes != nil && (method != http.MethodPost && method != http.MethodPatch || !rule.NeedsUser()) {
		panic(fmt.Sprintf("endpoint: %s %s: only a user's POST or PATCH can be idempotent", method, path))
	}
	decode, err := newDecoder[In](method, path, rule)
	if err != nil {
		panic(fmt.Sprintf("endpoint: %s %s: %v", method, path, err))
	}
	encoder := codec.NewEncoder[Out](wire)
	return Endpoint[D]{
		method: method, path: path, access: rule, settings: set,
		build: func(deps D, set settings, env Env) (compose.Plan, echo.HandlerFunc) {
			s := &server[In, Out]{
				method: method, settings: set, env: env, decode: decode, encoder: encoder, vary: []string{decode.vary()},
			}
			graph := build(deps)
			if graph == nil {
				panic("endpoint: " + method + " " + path + " has no composition")
			}
			plan := graph.Plan()
			s.silent = slices.ContainsFunc(plan.Steps, func(step *compose.StepPlan) bool { return step.Backend == "" })
			s.gate = env.Overload.NewGate(set.priority)
			s.observer = observer{composition: plan.Name, metrics: env.Metrics, log: env.Log}
			if method == http.MethodGet { // what a write does besides may be more than showing something
				s.observer.overload = env.Overload
			}
			s.graph = graph.Observe(s.observer.around)
			return plan, s.serve
		},
	}
}
