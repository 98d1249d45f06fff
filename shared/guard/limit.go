package guard

import (
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/identity"
	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/ratelimit"
)

// Headers of answers behind a limit (draft-ietf-httpapi-ratelimit-headers-10), as net/http
// spells them.
const (
	policyHeader = "Ratelimit-Policy"
	limitHeader  = "Ratelimit"
)

// RateLimit refuses whoever asks more often than l allows, and tells everybody how much is
// left to them. It stands behind [Authorize], which says who is asking. All that share l
// count together, and a request once, even if it passes twice; nil limits nothing. policy
// is the limit's name for clients: letters, and different for each that a request meets.
func RateLimit(policy string, l *ratelimit.Limiter, m *observe.Metrics) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if l == nil {
			return next
		}
		quota := []string{quotaOf(policy, l)}
		return func(c echo.Context) error {
			header := c.Response().Header()
			if slices.Contains(header[policyHeader], quota[0]) {
				return next(c) // an endpoint has passed the request on
			}
			d := l.Allow(client(c), time.Now())
			add(header, policyHeader, quota)
			add(header, limitHeader, []string{left(policy, d)})
			if d.Allowed {
				return next(c)
			}
			m.RateLimited(c.Path())
			return &fault.Error{Kind: fault.Limited, RetryAfter: d.Reset, Detail: "Retry-After says when to ask again."}
		}
	}
}

// client is who is asking: the principal and, if there is none, the network that the
// request comes from. Of IPv6 that is a /64, for nobody has less. Addresses that cannot be
// read are all one client's.
func client(c echo.Context) ratelimit.Key {
	if p := identity.From(c.Request().Context()); p != nil {
		return ratelimit.Key{Issuer: p.Issuer, Subject: p.Subject}
	}
	address, err := netip.ParseAddr(c.RealIP())
	if err != nil {
		return ratelimit.Key{}
	}
	address = address.Unmap()
	network, _ := address.Prefix(min(address.BitLen(), 64)) // which is never too long
	return ratelimit.Key{Network: network}
}

// quotaOf rounds the window up, so that it does not promise more than there is.
func quotaOf(policy string, l *ratelimit.Limiter) string {
	requests, window := l.Quota()
	return `"` + policy + `";q=` + strconv.Itoa(requests) + ";w=" + strconv.FormatInt(seconds(window), 10)
}

func left(policy string, d ratelimit.Decision) string {
	var buf [64]byte
	b := append(buf[:0], '"')
	b = append(b, policy...)
	b = append(b, `";r=`...)
	b = strconv.AppendInt(b, int64(d.Remaining), 10)
	b = append(b, ";t="...)
	return string(strconv.AppendInt(b, seconds(d.Reset), 10))
}

// seconds are rounded up: a client that waits for them has waited long enough.
func seconds(d time.Duration) int64 { return int64((d + time.Second - 1) / time.Second) }

// add adds values that may be shared. Nothing is allocated for the first.
func add(h http.Header, name string, values []string) {
	if h[name] == nil {
		h[name] = values
		return
	}
	h[name] = append(h[name], values...)
}
