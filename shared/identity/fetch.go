package identity

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const (
	maxKeysBytes = 1 << 20
	maxKeys      = 100
	maxRedirects = 3
)

// A source is where an issuer publishes its keys.
type source struct {
	url        string
	timeout    time.Duration
	algorithms []string
	client     *http.Client
}

// newSource uses a copy of client, which carries no cookies and stays on its host.
func newSource(cfg *Config, client *http.Client) source {
	c := *client
	c.Jar = nil
	c.CheckRedirect = sameHost
	return source{cfg.JWKSURL, cfg.FetchTimeout, cfg.Algorithms, &c}
}

// sameHost refuses a redirect that would let somebody else say what the keys are.
func sameHost(next *http.Request, via []*http.Request) error {
	first := via[0].URL
	if next.URL.Host != first.Host || next.URL.Scheme != first.Scheme || len(via) > maxRedirects {
		return errors.New("refusing to follow a redirect away from the configured host")
	}
	return nil
}

// fetch returns the keys that may verify a token, and an error rather than none.
func (s source) fetch(ctx context.Context) ([]jwkset.JWK, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	body, err := s.get(ctx)
	if err != nil {
		return nil, err
	}
	return s.parse(body)
}

func (s source) get(ctx context.Context) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/jwk-set+json, application/json")
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET %s: %s", s.url, resp.Status)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxKeysBytes+1))
	if err != nil {
		return nil, fmt.Errorf("GET %s: %w", s.url, err)
	}
	if len(body) > maxKeysBytes {
		return nil, fmt.Errorf("GET %s: the answer is longer than %d bytes", s.url, maxKeysBytes)
	}
	return body, nil
}

// parse leaves out each key that it does not understand or that is not for verifying
// tokens: issuers publish keys for other purposes in the same set.
func (s source) parse(body []byte) ([]jwkset.JWK, error) {
	var doc struct {
		Keys []jsontext.Value `json:"keys"`
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		return nil, fmt.Errorf("%s is not a JWK set: %w", s.url, err)
	}
	if len(doc.Keys) > maxKeys {
		return nil, fmt.Errorf("%s has more than %d keys", s.url, maxKeys)
	}
	var set []jwkset.JWK
	last := errors.New("the set is empty")
	for _, raw := range doc.Keys {
		key, err := s.parseKey(raw)
		if err != nil {
			last = err
			continue
		}
		set = append(set, key)
	}
	if len(set) == 0 {
		return nil, fmt.Errorf("%s has %d keys, none of them usable: %w", s.url, len(doc.Keys), last)
	}
	return set, nil
}

func (s source) parseKey(raw jsontext.Value) (jwkset.JWK, error) {
	var m jwkset.JWKMarshal
	if err := json.Unmarshal(raw, &m); err != nil {
		return jwkset.JWK{}, err
	}
	key, err := jwkset.NewJWKFromMarshal(m, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
	if err != nil {
		return jwkset.JWK{}, err
	}
	switch {
	case m.USE != "" && m.USE != jwkset.UseSig:
		return key, fmt.Errorf("a key is for %q, not for signatures", m.USE)
	case len(m.KEYOPS) > 0 && !slices.Contains(m.KEYOPS, jwkset.KeyOpsVerify):
		return key, errors.New("a key is not for verifying")
	case m.D+m.P+m.Q+m.DP+m.DQ+m.QI != "":
		return key, errors.New("a key is published with its private part, so that anybody can sign")
	case !slices.ContainsFunc(s.algorithms, func(alg string) bool { return fits(key, alg) }):
		return key, errors.New("a key fits none of the accepted algorithms")
	}
	return key, nil
}

// fits reports whether the key may verify this algorithm: it says so itself, or says
// nothing and suits it.
func fits(key jwkset.JWK, alg string) bool {
	own := key.Marshal().ALG.String()
	return (own == "" || own == alg) && suits(key.Key(), alg)
}

const minRSABits, maxRSABits = 2048, 8192 // RFC 7518, 3.3; beyond, verifying costs too much

var curves = map[string]string{"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}

// suits reports whether the key has the type, size and curve that the algorithm asks for.
func suits(key any, alg string) bool {
	switch key := key.(type) {
	case *rsa.PublicKey:
		bits := key.N.BitLen()
		return (strings.HasPrefix(alg, "RS") || strings.HasPrefix(alg, "PS")) &&
			bits >= minRSABits && bits <= maxRSABits
	case *ecdsa.PublicKey:
		return key.Params().Name == curves[alg]
	case ed25519.PublicKey:
		return alg == "EdDSA"
	}
	return false
}
