package idp

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// keyring holds one private key for each algorithm. It never changes.
type keyring struct {
	byAlgorithm map[jose.SignatureAlgorithm]jose.JSONWebKey
}

// newKeyring adds the other algorithms to a provider's RSA key. All keys are new, under new
// ids, so that no verifier takes them for keys that it remembers from the last start.
func newKeyring(rsaKey op.SigningKey) (*keyring, error) {
	ecKey, ecErr := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	_, edKey, edErr := ed25519.GenerateKey(rand.Reader)
	if err := errors.Join(ecErr, edErr); err != nil {
		return nil, fmt.Errorf("generate signing keys: %w", err)
	}
	return &keyring{byAlgorithm: map[jose.SignatureAlgorithm]jose.JSONWebKey{
		jose.RS256: newKey(jose.RS256, rsaKey.ID(), rsaKey.Key()),
		jose.ES256: newKey(jose.ES256, rand.Text(), ecKey),
		jose.EdDSA: newKey(jose.EdDSA, rand.Text(), edKey),
	}}, nil
}

func newKey(algorithm jose.SignatureAlgorithm, id string, private any) jose.JSONWebKey {
	return jose.JSONWebKey{Key: private, KeyID: id, Algorithm: string(algorithm), Use: "sig"}
}

// public returns what the JWKS publishes.
func (k *keyring) public() []op.Key {
	var keys []op.Key
	for _, algorithm := range []jose.SignatureAlgorithm{jose.RS256, jose.ES256, jose.EdDSA} {
		private := k.byAlgorithm[algorithm]
		keys = append(keys, publicKey{private.Public()})
	}
	return keys
}

// publicKey is a JWK as the library publishes it.
type publicKey struct{ jwk jose.JSONWebKey }

func (k publicKey) ID() string { return k.jwk.KeyID }
func (k publicKey) Algorithm() jose.SignatureAlgorithm {
	return jose.SignatureAlgorithm(k.jwk.Algorithm)
}
func (k publicKey) Use() string { return k.jwk.Use }
func (k publicKey) Key() any    { return k.jwk.Key }
