// Package guard is the hygiene of requests at a gateway's door: it is what stands
// between the listener and whoever answers.
package guard

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"

	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/identity"
	"github.com/facet-bff/facet/shared/identity/access"
	"github.com/facet-bff/facet/shared/observe"
)

// Recover turns a panic into an error. Its stack goes to the log and nowhere else.
func Recover(m *observe.Metrics, log *slog.Logger) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) (err error) {
			defer func() {
				p := recover()
				if p == nil {
					return
				}
				if p == http.ErrAbortHandler {
					panic(p) // net/http's way to break off an answer
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
// lets nobody be anybody.
func Authorize(v *identity.JWT, rule access.Rule) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			var p *identity.Principal
			if v != nil {
				var err error
				if p, err = v.Authenticate(r.Context(), r.Header); err != nil {
					return err
				}
			}
			if err := rule.Check(p); err != nil {
				return err
			}
			if p != nil {
				c.SetRequest(r.WithContext(identity.NewContext(r.Context(), p)))
			}
			return next(c)
		}
	}
}

// ClientAddress finds the address of the client. X-Forwarded-For is believed of the
// trusted networks only, given in CIDR notation.
func ClientAddress(trusted []string) (echo.IPExtractor, error) {
	if len(trusted) == 0 {
		return echo.ExtractIPDirect(), nil
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, cidr := range trusted {
		_, network, err := net.ParseCIDR(cidr)
		if err != nil {
			return nil, err
		}
		options = append(options, echo.TrustIPRange(network))
	}
	return echo.ExtractIPFromXFFHeader(options...), nil
}
