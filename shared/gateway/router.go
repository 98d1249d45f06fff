package gateway

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/endpoint"
	"github.com/facet-bff/facet/shared/guard"
	"github.com/facet-bff/facet/shared/identity/access"
)

// trustProxies says whom e believes about clients.
func (g *Gateway) trustProxies(e *echo.Echo) (err error) {
	if e.IPExtractor, err = guard.ClientAddress(g.config.Server.TrustedProxies); err != nil {
		return err
	}
	e.SchemeExtractor, err = guard.ClientScheme(g.config.Server.TrustedProxies)
	return err
}

// router puts every endpoint and route behind the middleware. The chain is built once.
func (g *Gateway) router(e *echo.Echo) http.Handler {
	serve := endpoint.Router(e, g.mounted, g.authorize)
	for _, outer := range []echo.MiddlewareFunc{
		g.fallToRoutes(), guard.StripIdentity, guard.Recover(g.metrics, g.log), g.note,
	} {
		serve = outer(serve)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := e.AcquireContext()
		c.Reset(r, w)
		_ = serve(c) // note has rendered every error
		e.ReleaseContext(c)
	})
}

// authorize lets in whom the rule lets in, as often as the gateway allows.
func (g *Gateway) authorize(rule access.Rule) echo.MiddlewareFunc {
	letIn, limit := guard.Authorize(g.verifier, rule), guard.RateLimit("gateway", g.limiter, g.metrics)
	return func(next echo.HandlerFunc) echo.HandlerFunc { return letIn(limit(next)) }
}

// fallToRoutes tries the routes when no endpoint matches.
func (g *Gateway) fallToRoutes() echo.MiddlewareFunc {
	handlers := make(map[string]echo.HandlerFunc)
	for _, r := range g.routes.Routes() {
		keys, lease := r.Idempotency()
		once := guard.Idempotent(r.Name(), keys, lease, g.services.Writes(), g.metrics)(r.Serve)
		handlers[r.Name()] = g.authorize(r.Access())(guard.RateLimit("route", r.Limiter(), g.metrics)(once))
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
