package guard

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/observe"
)

// Recover turns a panic into an error. Its stack goes to the log and nowhere else. The
// panic with [http.ErrAbortHandler], net/http's way to break off an answer, goes on.
func Recover(m *observe.Metrics, log *slog.Logger) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) (err error) {
			defer func() {
				p := recover()
				if p == nil {
					return
				}
				if p == http.ErrAbortHandler {
					panic(p)
				}
				m.Panicked()
				id := observe.FromContext(c.Request().Context()).RequestID()
				log.Error("panic", "request_id", id, "value", p, "stack", string(debug.Stack()))
				err = &fault.Error{Kind: fault.Bug, Err: fmt.Errorf("panic: %v", p)}
			}()
			return next(c)
		}
	}
}
