// Package token issues the access tokens of the load test, with throw-away keys.
package token

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// What the tokens say, and gateways are configured to accept.
const (
	Name     = "https://issuer.example" // the iss claim
	Audience = "facet"
)

// An Issuer signs tokens with RS256 (2048 bits) and ES256. It is safe for concurrent use.
type Issuer struct {
	rsa *rsa.PrivateKey
	ec  *ecdsa.PrivateKey
}

// NewIssuer makes new keys.
func NewIssuer() (*Issuer, error) {
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	e, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return &Issuer{rsa: r, ec: e}, err
}

// Sign returns a token that differs from those of any other serial number. It is valid for
// a day. The algorithm is RS256 or ES256.
func (i *Issuer) Sign(algorithm string, serial int) (string, error) {
	now := time.Now()
	t := jwt.NewWithClaims(jwt.GetSigningMethod(algorithm), jwt.MapClaims{
		"iss": Name, "aud": Audience, "sub": "42", "jti": strconv.Itoa(serial),
		"iat": now.Unix(), "exp": now.Add(24 * time.Hour).Unix(),
		"roles": []string{"customer", "reviewer"}, "scope": "read write",
	})
	t.Header["kid"] = algorithm
	var key any = i.rsa
	if algorithm == "ES256" {
		key = i.ec
	}
	return t.SignedString(key)
}

// The files that Write makes.
const (
	KeySetFile = "jwks.json"
	RSAFile    = "RS256.pem"
	ECFile     = "ES256.pem"
)

// Write puts the public keys into a directory: a key set (RFC 7517), and PEM for gateways
// that cannot fetch one.
func (i *Issuer) Write(dir string) error {
	set, err := i.KeySet()
	if err != nil {
		return err
	}
	files := map[string][]byte{KeySetFile: set}
	for name, key := range map[string]any{RSAFile: &i.rsa.PublicKey, ECFile: &i.ec.PublicKey} {
		der, err := x509.MarshalPKIXPublicKey(key)
		if err != nil {
			return err
		}
		files[name] = pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// KeySet is the public keys as a JWK set.
func (i *Issuer) KeySet() ([]byte, error) {
	point, err := i.ec.PublicKey.Bytes() // 4, X, Y
	if err != nil {
		return nil, err
	}
	text := base64.RawURLEncoding.EncodeToString
	return fmt.Appendf(nil, `{"keys":[{"kty":"RSA","alg":"RS256","use":"sig","kid":"RS256","n":%q,"e":%q},`+
		`{"kty":"EC","alg":"ES256","use":"sig","kid":"ES256","crv":"P-256","x":%q,"y":%q}]}`,
		text(i.rsa.N.Bytes()), text(big.NewInt(int64(i.rsa.E)).Bytes()), text(point[1:33]), text(point[33:])), nil
}
