package endpoint

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/identity/access"
)

// Register adds endpoints to a router, each behind what guards its access rule. A GET
// answers HEAD as well. Within a request, [echo.Context.Path] is the path as declared;
// empty, when no endpoint has the request's path.
func Register(e *echo.Echo, endpoints []Mounted, guard func(access.Rule) echo.MiddlewareFunc) {
	e.Use(exact(endpoints))
	for _, m := range endpoints {
		guarded := guard(m.Access)
		e.Add(m.Method, m.EchoPath(), m.Handler, guarded)
		if m.Method == http.MethodGet {
			e.Add(http.MethodHead, m.EchoPath(), m.Handler, guarded)
		}
	}
}

// exact lets requests pass that match a path segment by segment: to echo, a parameter at
// the end of a path is whatever follows.
func exact(endpoints []Mounted) echo.MiddlewareFunc {
	declared := make(map[string]string)
	for _, m := range endpoints {
		declared[m.EchoPath()] = m.Path
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			path := declared[c.Path()]
			if strings.Count(path, "/") != strings.Count(echo.GetPath(c.Request()), "/") {
				c.SetPath("")
				return echo.ErrNotFound
			}
			c.SetPath(path)
			return next(c)
		}
	}
}
