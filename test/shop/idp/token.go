package idp

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"

	"github.com/facet-bff/facet/test/shop/internal/rest"
)

// demoTokens hands out access tokens to whoever asks.
type demoTokens struct {
	issuer string
	keys   *keyring
}

// accessToken is the payload of RFC 9068.
type accessToken struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Audience []string `json:"aud"`
	Expires  int64    `json:"exp"` // Unix seconds, as the two below
	IssuedAt int64    `json:"iat"`
	After    int64    `json:"nbf"`
	ID       string   `json:"jti"`
	ClientID string   `json:"client_id"`
	Scope    string   `json:"scope"`
	Roles    []string `json:"roles"`
}

// issue reads user (u1), scope, role, aud (facet), ttl (1h, may be negative) and alg
// (RS256, ES256 or EdDSA); lists are repeated or separated by commas or blanks.
func (d demoTokens) issue(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	ttl, err := time.ParseDuration(cmp.Or(q.Get("ttl"), "1h"))
	if err != nil {
		return rest.BadRequest("ttl is %q, want a duration such as 15m or -1h", q.Get("ttl"))
	}
	algorithm := jose.SignatureAlgorithm(cmp.Or(q.Get("alg"), "RS256"))
	key, ok := d.keys.byAlgorithm[algorithm]
	if !ok {
		return rest.BadRequest("alg is %q, want RS256, ES256 or EdDSA", algorithm)
	}
	signed, err := sign(algorithm, key, d.payload(q, ttl))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = io.WriteString(w, signed)
	return nil
}

// payload was issued a ttl ago if the ttl is negative, so that only exp is wrong with it.
func (d demoTokens) payload(q url.Values, ttl time.Duration) accessToken {
	now := time.Now()
	issued := now.Add(min(ttl, 0) * 2)
	token := accessToken{
		Issuer:   d.issuer,
		Subject:  cmp.Or(q.Get("user"), "u1"),
		Audience: list(q["aud"]),
		Expires:  now.Add(ttl).Unix(),
		IssuedAt: issued.Unix(),
		After:    issued.Unix(),
		ID:       rand.Text(),
		ClientID: demoClient,
		Scope:    strings.Join(list(q["scope"]), " "),
		Roles:    list(q["role"]),
	}
	if token.Audience == nil {
		token.Audience = []string{Audience}
	}
	return token
}

func list(values []string) []string {
	var items []string
	for _, value := range values {
		items = append(items, strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })...)
	}
	return items
}

func sign(algorithm jose.SignatureAlgorithm, key jose.JSONWebKey, token accessToken) (string, error) {
	payload, err := json.Marshal(token)
	if err != nil {
		return "", fmt.Errorf("encode the token: %w", err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key},
		new(jose.SignerOptions).WithType("at+jwt"))
	if err != nil {
		return "", fmt.Errorf("use the %s key: %w", algorithm, err)
	}
	signature, err := signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("sign with %s: %w", algorithm, err)
	}
	return signature.CompactSerialize()
}
