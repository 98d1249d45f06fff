package gateway

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/fault"
)

// faultOf is [fault.From] that knows the router's own errors too.
func faultOf(err error, c echo.Context) *fault.Error {
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
