package endpoint

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/observe"
)

// WriteProblem answers with a failure as problem+json (RFC 9457), unless there is nobody
// to answer: the client has gone, or has its answer already.
func WriteProblem(c echo.Context, f *fault.Error) {
	if c.Response().Committed || f.Kind == fault.Gone {
		return
	}
	h := c.Response().Header()
	h.Set("Content-Type", fault.ProblemType)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if f.Challenge != "" {
		h.Set("WWW-Authenticate", f.Challenge)
	}
	if f.Allow != "" {
		h.Set("Allow", f.Allow)
	}
	if f.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int((f.RetryAfter+time.Second-1)/time.Second)))
	}
	problem := f.Problem(observe.FromContext(c.Request().Context()).RequestID())
	body, _ := json.Marshal(problem, printable) // nothing else in it can fail
	send(c, problem.Status, body, lengthOf(body))
}

// FaultOf is [fault.From] that knows the router's own errors too.
func FaultOf(err error, c echo.Context) *fault.Error {
	router, ok := errors.AsType[*echo.HTTPError](err)
	if !ok {
		return fault.From(err)
	}
	switch router.Code {
	case http.StatusNotFound:
		return &fault.Error{Kind: fault.NoRoute, Err: err}
	case http.StatusMethodNotAllowed:
		return &fault.Error{
			Kind: fault.Invalid, Status: router.Code, Allow: c.Response().Header().Get(echo.HeaderAllow),
			Detail: "This method is not allowed here.", Err: err,
		}
	}
	return &fault.Error{Kind: fault.Bug, Err: err}
}
