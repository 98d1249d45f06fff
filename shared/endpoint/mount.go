package endpoint

import (
	"log/slog"
	"regexp"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/cache"
	"github.com/facet-bff/facet/shared/compose"
	"github.com/facet-bff/facet/shared/guard"
	"github.com/facet-bff/facet/shared/idempotency"
	"github.com/facet-bff/facet/shared/identity/access"
	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/overload"
)

// Env is what endpoints share in one generation.
type Env struct {
	Config       Config
	ServerTiming bool
	Metrics      *observe.Metrics
	Log          *slog.Logger
	Views        *cache.Store[*View]  // nil keeps no answers
	Writes       *idempotency.Records // nil: no endpoint is idempotent
	Overload     *overload.Limiter    // nil lets everybody in
}

// margin is how long a write may take beyond its budget.
const margin = 5 * time.Second

// writes is how an endpoint minds Idempotency-Key; nil is not at all. Whatever body the
// endpoint takes, it takes with a key as well.
func (e Env) writes(s settings) *idempotency.Config {
	if s.writes == nil {
		return nil
	}
	c := *s.writes
	c.MaxBody = e.Config.MaxBody
	return &c
}

// A Mounted endpoint is ready to serve.
type Mounted struct {
	Method  string           `json:"method"`
	Path    string           `json:"path"` // with {name} for parameters
	Access  access.Rule      `json:"access"`
	Budget  time.Duration    `json:"-"`
	Kept    time.Duration    `json:"-"` // how long answers are kept; 0: not at all
	Plan    compose.Plan     `json:"plan"`
	Handler echo.HandlerFunc `json:"-"`

	Priority overload.Priority `json:"priority,omitempty"` // zero: by the method
}

// EchoPath is the path as echo's router writes it.
func (m Mounted) EchoPath() string {
	return strings.NewReplacer("{", ":", "}", "").Replace(m.Path)
}

// Keep reports whether any endpoint of the table keeps finished answers.
func (t Table[D]) Keep() bool {
	for _, e := range t {
		if e.settings.keep > 0 {
			return true
		}
	}
	return false
}

var parameter = regexp.MustCompile(`\{[^}]*\}`)

// Mount builds every endpoint of the table. It panics on what only a programmer can
// mend: two endpoints on one method and path, or a broken composition.
func (t Table[D]) Mount(deps D, env Env) []Mounted {
	seen := make(map[string]bool)
	mounted := make([]Mounted, 0, len(t))
	for _, e := range t {
		place := e.method + " " + parameter.ReplaceAllString(e.path, "{}")
		if seen[place] {
			panic("endpoint: " + e.method + " " + e.path + " is declared twice")
		}
		seen[place] = true
		set := e.settings
		if set.budget == 0 {
			set.budget = env.Config.Budget
		}
		plan, handler := e.build(deps, set, env)
		handler = guard.Idempotent(e.method+" "+e.path, env.writes(set), set.budget+margin, env.Writes, env.Metrics)(handler)
		mounted = append(mounted, Mounted{
			Method: e.method, Path: e.path, Access: e.access, Budget: set.budget, Kept: set.keep, Plan: plan, Handler: handler,
			Priority: set.priority,
		})
	}
	return mounted
}
