package gateway

import (
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/endpoint"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/guard"
	"github.com/facet-bff/facet/shared/identity"
	"github.com/facet-bff/facet/shared/observe"
)

// note gives the request its id and trace, and when it is over measures and logs it. It
// is outermost, so that nothing goes unlogged: every error is rendered here.
func (g *Gateway) note(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		notes := observe.NewRequest(r.Header)
		c.SetRequest(r.WithContext(observe.NewContext(r.Context(), notes)))
		c.Response().Header().Set(observe.RequestIDHeader, notes.ID)
		done := g.metrics.RequestStarted()
		err := next(c)
		if err != nil {
			c.Error(err)
		}
		took := time.Since(notes.Start)
		done(endpointName(c), r.Method, statusOf(c, err), took)
		g.logAccess(c, notes, err, took)
		return nil
	}
}

func (g *Gateway) logAccess(c echo.Context, notes *observe.Request, err error, took time.Duration) {
	r := c.Request()
	attrs := []slog.Attr{
		slog.String("request_id", notes.ID), slog.String("trace_id", notes.Trace.ID()),
		slog.String("method", r.Method), slog.String("endpoint", endpointName(c)), slog.String("path", r.URL.Path),
		slog.Int("status", statusOf(c, err)), slog.Int64("bytes", c.Response().Size),
		slog.Float64("ms", float64(took.Microseconds())/1000), slog.String("client", c.RealIP()),
	}
	if p := identity.From(r.Context()); p != nil {
		attrs = append(attrs, slog.String("subject", p.Subject))
	}
	if lacking := c.Response().Header().Get(endpoint.DegradedHeader); lacking != "" {
		attrs = append(attrs, slog.String("degraded", lacking))
	}
	level := slog.LevelInfo
	if err != nil {
		f := fault.From(err)
		attrs = append(attrs, slog.String("fault", f.Kind.String()), slog.String("error", err.Error()))
		if f.HTTPStatus() >= http.StatusInternalServerError {
			level = slog.LevelError
		}
	}
	g.log.LogAttrs(r.Context(), level, "request", attrs...)
}

// endpointName is the path as it was declared, so that its number is bounded.
func endpointName(c echo.Context) string {
	if path := c.Path(); path != "" {
		return path
	}
	return "none"
}

func statusOf(c echo.Context, err error) int {
	if err != nil && fault.From(err).Kind == fault.Gone {
		return fault.StatusClientGone
	}
	return c.Response().Status
}

// fallToRoutes tries the routes when no endpoint matches.
func (g *Gateway) fallToRoutes() echo.MiddlewareFunc {
	handlers := make(map[string]echo.HandlerFunc)
	for _, r := range g.routes.Routes() {
		handlers[r.Name()] = guard.Authorize(g.verifier, r.Access())(r.Serve)
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			err := next(c)
			if !errors.Is(err, echo.ErrNotFound) && !errors.Is(err, echo.ErrMethodNotAllowed) {
				return err
			}
			r, matchErr := g.routes.Match(c.Request())
			switch {
			case r != nil:
				c.Response().Header().Del(echo.HeaderAllow)
				c.SetPath(r.Name())
				return handlers[r.Name()](c)
			case matchErr != nil:
				return matchErr
			}
			return err
		}
	}
}
