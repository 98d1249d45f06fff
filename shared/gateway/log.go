package gateway

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/endpoint"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/identity"
	"github.com/facet-bff/facet/shared/observe"
)

// aborted is the failure of an answer that was broken off.
var aborted = &fault.Error{Kind: fault.Broken, Err: http.ErrAbortHandler}

// note gives the request its id and trace, and when it is over measures and logs it. It
// is outermost, so that nothing goes unlogged: every error is rendered here.
func (g *Gateway) note(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		notes := observe.NewRequest(r.Header)
		c.SetRequest(r.WithContext(observe.NewContext(r.Context(), notes)))
		c.Response().Header()[observe.RequestIDHeader] = notes.Header()
		g.metrics.RequestStarted()
		f := aborted // unless next returns
		defer func() {
			took := time.Since(notes.Start)
			g.metrics.RequestDone(endpointName(c), r.Method, statusOf(c, f), took)
			g.logAccess(c, notes, f, took)
		}()
		if f = endpoint.FaultOf(next(c), c); f != nil {
			endpoint.WriteProblem(c, f)
		}
		return nil
	}
}

// logAccess writes the one line of a request. f is nil when nothing failed.
func (g *Gateway) logAccess(c echo.Context, notes *observe.Request, f *fault.Error, took time.Duration) {
	r := c.Request()
	a := observe.Access{
		RequestID: notes.ID, Trace: notes.Trace, Method: r.Method, Endpoint: endpointName(c), Path: r.URL.Path,
		Status: statusOf(c, f), Bytes: c.Response().Size, Took: took, Client: c.RealIP(),
	}
	if p := identity.From(r.Context()); p != nil {
		a.Subject = p.Subject
	}
	if lacking := c.Response().Header()[endpoint.DegradedHeader]; len(lacking) > 0 {
		a.Degraded = lacking[0]
	}
	if f != nil {
		a.Fault, a.Error = f.Kind.String(), f.Error()
		if f.HTTPStatus() >= http.StatusInternalServerError && f.Kind != fault.Shed {
			a.Level = slog.LevelError
		}
	}
	g.access.Write(&a)
}

// endpointName is the path as it was declared, or the route's name, so that the number of
// names is bounded.
func endpointName(c echo.Context) string {
	if path := c.Path(); path != "" {
		return path
	}
	return "none"
}

func statusOf(c echo.Context, f *fault.Error) int {
	if f != nil && f.Kind == fault.Gone {
		return fault.StatusClientGone
	}
	return c.Response().Status
}
