// Package guard is the hygiene of requests at a gateway's door: it is what stands
// between the listener and whoever answers.
package guard

import (
	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/identity"
	"github.com/facet-bff/facet/shared/identity/access"
)

// StripIdentity removes the headers by which a client could pass for somebody.
func StripIdentity(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		header := c.Request().Header
		for name := range header {
			if identity.IsIdentityHeader(name) {
				delete(header, name)
			}
		}
		return next(c)
	}
}

// Authorize finds out who is asking, and lets in whom the rule lets in. Credentials
// that are there are always verified, also where nobody asks for them. A nil verifier
// lets nobody be anybody. Whoever is kept out is still in the request's context, for the
// log.
func Authorize(v *identity.JWT, rule access.Rule) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			p, err := authenticate(v, c)
			if err != nil {
				return err
			}
			if err := rule.Check(p); err != nil {
				return err
			}
			return next(c)
		}
	}
}

// authenticate puts the principal, if there is one, into the request's context.
func authenticate(v *identity.JWT, c echo.Context) (*identity.Principal, error) {
	if v == nil {
		return nil, nil
	}
	r := c.Request()
	p, err := v.Authenticate(r.Context(), r.Header)
	if err == nil && p != nil {
		c.SetRequest(r.WithContext(identity.NewContext(r.Context(), p)))
	}
	return p, err
}
