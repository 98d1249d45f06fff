package endpoint

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/compose"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/observe"
)

// A server answers the requests of one endpoint.
type server[In, Out any] struct {
	method   string
	settings settings
	env      Env
	decode   *decoder
	vary     string
	observer observer
	graph    *compose.Graph[In, Out]
}

func (s *server[In, Out]) serve(c echo.Context) error {
	var in In
	if err := s.decode.decode(c, s.env.Config, &in); err != nil {
		return err
	}
	request := c.Request().Context()
	ctx, cancel := context.WithTimeout(request, graphBudget(s.settings.budget))
	defer cancel()
	out, err := s.graph.Run(ctx, in)
	if err != nil {
		s.observer.panicked(ctx, err)
		return explain(err, request.Err() != nil)
	}
	a := answer{
		status: s.settings.status, safe: s.method == http.MethodGet, vary: s.vary,
		degraded: s.observer.degraded(ctx, out.Degraded),
	}
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
