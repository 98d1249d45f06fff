package guard

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/identity"
	"github.com/facet-bff/facet/shared/identity/access"
)

// keySet answers every request with a set of one key (RFC 8037).
type keySet struct{ public ed25519.PublicKey }

func (k keySet) RoundTrip(r *http.Request) (*http.Response, error) {
	set := fmt.Sprintf(`{"keys":[{"kty":"OKP","crv":"Ed25519","use":"sig","alg":"EdDSA","kid":"k","x":%q}]}`,
		base64.RawURLEncoding.EncodeToString(k.public))
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(set)), Request: r}, nil
}

func newVerifier(t *testing.T) (v *identity.JWT, bearer func(scope string, roles ...string) string) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	v, err = identity.New(t.Context(), identity.Config{
		Issuer: "https://issuer.test", Audience: []string{"facet"}, JWKSURL: "https://issuer.test/keys",
		Algorithms: []string{"EdDSA"}, RolesClaim: "roles", RefreshInterval: time.Hour, RetryInterval: time.Second,
		FetchTimeout: time.Second, MaxStale: time.Hour,
	}, &http.Client{Transport: keySet{public}}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	for deadline := time.Now().Add(5 * time.Second); v.Ready() != nil && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	return v, func(scope string, roles ...string) string {
		token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, jwt.MapClaims{
			"iss": "https://issuer.test", "aud": "facet", "sub": "u1", "scope": scope, "roles": roles,
			"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
		})
		token.Header["kid"] = "k"
		signed, err := token.SignedString(private)
		if err != nil {
			t.Fatal(err)
		}
		return "Bearer " + signed
	}
}

func TestAuthorize(t *testing.T) {
	v, bearer := newVerifier(t)
	const passes = 0
	for _, tt := range []struct {
		rule          access.Rule
		authorization string
		want          int
	}{
		{access.Public, "", passes}, {access.Public, bearer(""), passes},
		{access.Public, "Bearer x.y.z", 401}, {access.Public, "Basic dTpw", 401}, // verified although nobody asks
		{access.User, "", 401}, {access.User, "Bearer x", 401}, {access.User, bearer(""), passes},
		{access.Scope("a"), "", 401}, {access.Scope("a"), bearer("b"), 403}, {access.Scope("a"), bearer("b a"), passes},
		{access.Role("r"), "", 401}, {access.Role("r"), bearer("r"), 403}, {access.Role("r"), bearer("", "r"), passes},
		{access.Rule{}, "", 403}, {access.Rule{}, bearer("a", "r"), 403},
	} {
		var reached bool
		r := get()
		if tt.authorization != "" {
			r.Header.Set("Authorization", tt.authorization)
		}
		c := echo.New().NewContext(r, nil)
		err := Authorize(v, tt.rule)(func(echo.Context) error { reached = true; return nil })(c)
		status := passes
		if err != nil {
			status = fault.From(err).HTTPStatus()
		}
		if status != tt.want || reached != (tt.want == passes) {
			t.Errorf("%s with %.20q: got %d, %v", tt.rule, tt.authorization, status, err)
		}
		seen := identity.From(c.Request().Context())
		if known := tt.authorization != "" && tt.want != 401; known != (seen != nil) || known && seen.Subject != "u1" {
			t.Errorf("%s with %.20q: the context has %v", tt.rule, tt.authorization, seen)
		}
	}
}

func TestAuthorizeWithoutVerifier(t *testing.T) {
	_, bearer := newVerifier(t)
	for rule, pass := range map[string]bool{"public": true, "user": false} {
		var parsed access.Rule
		if err := parsed.UnmarshalText([]byte(rule)); err != nil {
			t.Fatal(err)
		}
		r := get()
		r.Header.Set("Authorization", bearer(""))
		err := through(Authorize(nil, parsed), r, func(c echo.Context) error {
			if p := identity.From(c.Request().Context()); p != nil {
				t.Errorf("%s: somebody is %v", rule, p)
			}
			return nil
		})
		if pass != (err == nil) {
			t.Errorf("%s: got %v", rule, err)
		}
	}
}
