// Package identity says who is asking.
//
// A verifier turns credentials into a [Principal]; the request's context carries it
// ([NewContext], [From]); package access decides what it may do. A request without
// credentials is anonymous: its principal is nil, and that is not an error here.
// Credentials that do not hold are always an error, also where anonymous is allowed.
package identity

import (
	"context"
	"log/slog"
	"slices"
	"time"
)

// A Principal is a verified caller. It is immutable and safe for concurrent use; a nil
// *Principal is anonymous, and every method may be called on it. Its strings are
// printable, at most 255 bytes long and may contain any script: whoever writes one into
// a header or a URL encodes it.
type Principal struct {
	// Subject is unique within Issuer. Neither alone identifies anybody.
	Subject, Issuer string
	// Client is the application that acts for the subject; empty when unknown.
	Client string
	// Tenant is empty when the issuer names none.
	Tenant string

	Scopes, Roles []string

	// Expires is when the credentials end; zero means that they do not.
	Expires time.Time

	// Behind a pointer, so that no fmt verb and no encoder prints it.
	token *string
}

// HasScope reports whether the client was granted the scope.
func (p *Principal) HasScope(scope string) bool {
	return p != nil && slices.Contains(p.Scopes, scope)
}

// HasRole reports whether the subject has the role.
func (p *Principal) HasRole(role string) bool {
	return p != nil && slices.Contains(p.Roles, role)
}

// Token is the access token, for calls that forward the caller's credentials. It is empty
// when the caller has none.
func (p *Principal) Token() string {
	if p == nil || p.token == nil {
		return ""
	}
	return *p.token
}

// WithToken is a copy of p that forwards token: for a verifier whose credentials are not
// the access token itself, such as a session.
func (p *Principal) WithToken(token string) *Principal {
	c := struct { // one allocation for both
		Principal
		token string
	}{*p, token}
	c.Principal.token = &c.token
	return &c.Principal
}

// LogValue names the caller in a log. It never contains the token.
func (p *Principal) LogValue() slog.Value {
	if p == nil {
		return slog.StringValue("anonymous")
	}
	attrs := []slog.Attr{slog.String("subject", p.Subject), slog.String("issuer", p.Issuer)}
	if p.Client != "" {
		attrs = append(attrs, slog.String("client", p.Client))
	}
	if p.Tenant != "" {
		attrs = append(attrs, slog.String("tenant", p.Tenant))
	}
	return slog.GroupValue(attrs...)
}

type contextKey struct{}

// NewContext returns a context that carries p.
func NewContext(ctx context.Context, p *Principal) context.Context {
	return context.WithValue(ctx, contextKey{}, p)
}

// From is the principal that ctx carries, and nil for an anonymous request.
func From(ctx context.Context) *Principal {
	p, _ := ctx.Value(contextKey{}).(*Principal)
	return p
}
