package facettest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/facet-bff/facet/shared/identity"
)

// An issuer signs the tokens of a test, and serves its key set.
type issuer struct {
	config identity.Config
	key    *ecdsa.PrivateKey
}

func newIssuer(t *testing.T, c identity.Config) *issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &issuer{config: c, key: key}
}

// ServeHTTP answers with the key set (RFC 7517), whatever is asked.
func (i *issuer) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	point, err := i.key.PublicKey.Bytes() // 4, X, Y
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	x, y := point[1:33], point[33:]
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"keys":[{"kty":"EC","crv":"P-256","use":"sig","alg":"ES256","kid":"test","x":%q,"y":%q}]}`,
		base64.RawURLEncoding.EncodeToString(x), base64.RawURLEncoding.EncodeToString(y))
}

func (i *issuer) token(t *testing.T, r Request) string {
	t.Helper()
	if i == nil {
		t.Fatal("facettest: the request has a User, and the gateway's configuration has no identity")
	}
	now := time.Now()
	token := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{
		"iss": i.config.Issuer, "aud": i.config.Audience, "sub": r.User,
		"iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
		"scope": strings.Join(r.Scopes, " "), "roles": r.Roles,
	})
	token.Header["kid"] = "test"
	signed, err := token.SignedString(i.key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}
