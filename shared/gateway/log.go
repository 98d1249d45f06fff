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

// note gives the request its id and trace, and when it is over measures and logs it. It
// is outermost, so that nothing goes unlogged: every error is rendered here.
func (g *Gateway) note(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		notes := observe.NewRequest(r.Header)
		c.SetRequest(r.WithContext(observe.NewContext(r.Context(), notes)))
		c.Response().Header()[observe.RequestIDHeader] = []string{notes.ID}
		g.metrics.RequestStarted()
		f := &fault.Error{Kind: fault.Broken, Err: http.ErrAbortHandler} // unless next returns
		defer func() {
			took := time.Since(notes.Start)
			g.metrics.RequestDone(endpointName(c), r.Method, statusOf(c, f), took)
			g.logAccess(c, notes, f, took)
		}()
		if f = faultOf(next(c), c); f != nil {
			endpoint.WriteProblem(c, f)
		}
		return nil
	}
}

// logAccess writes the one line of a request. f is nil when nothing failed.
func (g *Gateway) logAccess(c echo.Context, notes *observe.Request, f *fault.Error, took time.Duration) {
	r := c.Request()
	var room [16]slog.Attr
	attrs := append(room[:0],
		slog.String("request_id", notes.ID), slog.String("trace_id", notes.Trace.ID()),
		slog.String("method", r.Method), slog.String("endpoint", endpointName(c)), slog.String("path", r.URL.Path),
		slog.Int("status", statusOf(c, f)), slog.Int64("bytes", c.Response().Size),
		slog.Float64("ms", float64(took.Microseconds())/1000), slog.String("client", c.RealIP()),
	)
	if p := identity.From(r.Context()); p != nil {
		attrs = append(attrs, slog.String("subject", p.Subject))
	}
	if lacking := c.Response().Header()[endpoint.DegradedHeader]; len(lacking) > 0 {
		attrs = append(attrs, slog.String("degraded", lacking[0]))
	}
	level := slog.LevelInfo
	if f != nil {
		attrs = append(attrs, slog.String("fault", f.Kind.String()), slog.String("error", f.Error()))
		if f.HTTPStatus() >= http.StatusInternalServerError {
			level = slog.LevelError
		}
	}
	if !g.log.Enabled(r.Context(), level) {
		return
	}
	line := slog.NewRecord(time.Now(), level, "request", 0) // not LogAttrs, which looks for its caller
	line.AddAttrs(attrs...)
	_ = g.log.Handler().Handle(r.Context(), line) // nobody can be told that it cannot be logged
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
