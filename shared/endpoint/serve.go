package endpoint

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/codec"
	"github.com/facet-bff/facet/shared/compose"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/overload"
)

// A server answers the requests of one endpoint.
type server[In, Out any] struct {
	method   string
	settings settings
	env      Env
	decode   *decoder
	encoder  *codec.Encoder[Out]
	vary     []string
	observer observer
	silent   bool // not all steps are calls of services, which say how long an answer may be kept
	graph    *compose.Graph[In, Out]
	gate     *overload.Gate
}

func (s *server[In, Out]) serve(c echo.Context) error {
	if s.settings.keep == 0 || s.env.Views == nil {
		return s.compose(c.Request().Context(), c, func(a answer, out *outcome[Out]) error { return a.write(c, out, s.env.Config.CompressFrom) })
	}
	request, key := c.Request().Context(), s.decode.key(c, s.observer.composition)
	if key != "" {
		if v, ok := s.env.Views.Fetch(request, key); ok {
			s.observer.metrics.Viewed(s.observer.composition, "hit")
			answer{status: http.StatusOK, safe: true, vary: s.vary, keeping: v.keeping}.send(c, v)
			return nil
		}
	}
	s.observer.metrics.Viewed(s.observer.composition, "miss")
	ctx, trace := s.env.Views.Trace(request)
	return s.compose(ctx, c, func(a answer, out *outcome[Out]) error {
		keep := a.keepFor(s.settings.keep)
		if keep <= 0 || key == "" {
			return a.write(c, out, s.env.Config.CompressFrom)
		}
		v, err := encode(out, s.env.Config.CompressFrom)
		if err != nil {
			return err
		}
		v.keeping, v.of = a.keeping, s.observer.composition
		s.env.Views.Put(request, key, v, keep, trace.Stamps())
		a.send(c, v)
		return nil
	})
}

// compose decodes the request, runs the graph in a context of the request's and has its outcome
// written.
func (s *server[In, Out]) compose(request context.Context, c echo.Context, write func(answer, *outcome[Out]) error) error {
	var in In
	if err := s.decode.decode(c, s.env.Config, &in); err != nil {
		return err
	}
	place, err := s.gate.Enter(c.Request())
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(request, graphBudget(s.settings.budget))
	defer cancel()
	out, err := s.graph.Run(ctx, in)
	place.Leave(told(out.Degraded, err))
	if err != nil {
		s.observer.panicked(ctx, err)
		return explain(err, request.Err() != nil)
	}
	notes := observe.FromContext(ctx)
	a := answer{
		status: s.settings.status, safe: s.method == http.MethodGet, vary: s.vary,
		degraded: s.observer.degraded(ctx, out.Degraded), stale: notes.Stale(), keeping: notes.Keeping(),
	}
	a.keeping.Silent = a.keeping.Silent || s.silent
	if s.env.ServerTiming {
		a.timing = notes.ServerTiming()
	}
	return write(a, &outcome[Out]{out.Value, s.encoder})
}

// told is what the time of a run tells. One that failed early, or lacks what it need not do
// without, was quicker than runs are.
func told(lacking []*compose.StepError, err error) overload.Run {
	if err != nil && fault.From(err).Kind != fault.TooSlow {
		return overload.Untold
	}
	run := overload.Whole
	for _, step := range lacking {
		switch fault.From(step).Kind {
		case fault.TooSlow:
		case fault.Shed:
			run = overload.Spared
		default:
			return overload.Untold
		}
	}
	return run
}

// graphBudget leaves a little of the budget for encoding the answer, so that an
// optional step that uses up its time does not make the answer late.
func graphBudget(budget time.Duration) time.Duration {
	return budget - min(budget/20, 10*time.Millisecond)
}

// explain says which part of the composition failed the request. What was refused is not
// explained: that would tell what is not there from what is not the caller's to see. When
// the client has gone, whatever failed did so because of that; and only then is it Gone.
func explain(err error, gone bool) error {
	if gone {
		return &fault.Error{Kind: fault.Gone, Err: err}
	}
	f := *fault.From(err)
	if f.Kind == fault.Gone {
		f = fault.Error{Kind: fault.Bug}
	}
	step, ok := errors.AsType[*compose.StepError](err)
	if ok && f.Detail == "" && f.HTTPStatus() >= http.StatusInternalServerError {
		f.Detail = fmt.Sprintf("The part %q is required, and it failed: %s.", step.Step, f.Kind)
	}
	f.Err = err
	return &f
}
