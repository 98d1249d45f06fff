package endpoint

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/identity/access"
)

// Router adds endpoints to e's router, each behind what guards its access rule, and returns
// what finds the endpoint of a request and serves it. A GET answers HEAD as well. From then
// on [echo.Context.Path] is the path as declared; empty, when no endpoint has the request's
// path.
//
// Echo's own ServeHTTP would build its chain of middleware anew for every request.
func Router(e *echo.Echo, endpoints []Mounted, guard func(access.Rule) echo.MiddlewareFunc) echo.HandlerFunc {
	declared := make(map[string]string)
	for _, m := range endpoints {
		declared[m.EchoPath()] = m.Path
		guarded := guard(m.Access)(m.Handler)
		e.Add(m.Method, m.EchoPath(), guarded)
		if m.Method == http.MethodGet {
			e.Add(http.MethodHead, m.EchoPath(), guarded)
		}
	}
	router := e.Router()
	return func(c echo.Context) error {
		asked := echo.GetPath(c.Request())
		router.Find(c.Request().Method, asked, c)
		path := declared[c.Path()]
		// To echo, a parameter at the end of a path is whatever follows.
		if strings.Count(path, "/") != strings.Count(asked, "/") {
			c.SetPath("")
			return echo.ErrNotFound
		}
		c.SetPath(path)
		return c.Handler()(c)
	}
}
