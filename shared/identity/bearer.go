package identity

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/MicahParks/keyfunc/v3"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/golang-jwt/jwt/v5"
)

// Challenge is the WWW-Authenticate header for a request without credentials: by RFC 6750,
// 3.1 it has no error code.
const Challenge = `Bearer realm="facet"`

// Authenticate verifies the bearer token in the Authorization header, and nowhere else
// (RFC 6750, 2.1). Without that header the principal and the error are nil: the request is
// anonymous. Errors are those of [JWT.Verify].
func (v *JWT) Authenticate(ctx context.Context, h http.Header) (*Principal, error) {
	values := h.Values("Authorization")
	switch len(values) {
	case 0:
		return nil, nil
	case 1:
	default:
		return nil, refuse(malformed, errors.New("more than one Authorization header"))
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return nil, &fault.Error{
			Kind:      fault.Unauthenticated,
			Detail:    "the Authorization header must be of the Bearer scheme",
			Challenge: Challenge,
		}
	}
	token = strings.Trim(token, " ")
	if token == "" {
		return nil, refuse(malformed, errors.New("the token is empty"))
	}
	return v.Verify(ctx, token)
}

// A reason is the error_description of a refused token. It is a constant, so that nothing
// of the token can be in it.
type reason string

const (
	malformed     reason = "the token is malformed"
	badSignature  reason = "the signature is not valid"
	unknownKey    reason = "the signing key is unknown"
	missingClaim  reason = "a required claim is missing"
	wrongIssuer   reason = "the issuer is not accepted"
	wrongAudience reason = "the audience is not accepted"
	expired       reason = "the token has expired"
	notYetValid   reason = "the token is not valid yet"
)

// reasons are in the order in which one is told, where several hold.
var reasons = []struct {
	cause error
	reason
}{
	{jwkset.ErrKeyNotFound, unknownKey},
	{errUnfit, badSignature},
	{keyfunc.ErrKeyfunc, badSignature}, // the key is for another algorithm
	{jwt.ErrTokenSignatureInvalid, badSignature},
	{jwt.ErrInvalidType, malformed},
	{jwt.ErrTokenRequiredClaimMissing, missingClaim},
	{jwt.ErrTokenInvalidIssuer, wrongIssuer},
	{jwt.ErrTokenInvalidAudience, wrongAudience},
	{jwt.ErrTokenExpired, expired},
	{jwt.ErrTokenNotValidYet, notYetValid},
	{jwt.ErrTokenUsedBeforeIssued, notYetValid},
}

// explain makes a fault of what the library said.
func (v *JWT) explain(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return err
	case errors.Is(err, errUndecided):
		return v.unavailable(err)
	}
	for _, r := range reasons {
		if errors.Is(err, r.cause) {
			return refuse(r.reason, err)
		}
	}
	return refuse(malformed, err)
}

func refuse(r reason, cause error) error {
	return &fault.Error{
		Kind:      fault.Unauthenticated,
		Detail:    string(r),
		Challenge: `Bearer error="invalid_token", error_description="` + string(r) + `"`,
		Err:       cause,
	}
}

// unavailable is not the token's fault, and says nothing about the token.
func (v *JWT) unavailable(cause error) error {
	return &fault.Error{
		Kind:       fault.Unavailable,
		Detail:     "tokens cannot be verified at the moment",
		RetryAfter: max(v.cfg.RetryInterval, time.Second),
		Err:        cause,
	}
}
