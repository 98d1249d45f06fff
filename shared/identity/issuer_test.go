package identity

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/go-json-experiment/json"
	"github.com/golang-jwt/jwt/v5"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// The keys of the tests: made once, for RSA keys take long to make.
var (
	rsaKey    = sync.OnceValue(func() *rsa.PrivateKey { return made(rsa.GenerateKey(rand.Reader, 2048)) })
	otherRSA  = sync.OnceValue(func() *rsa.PrivateKey { return made(rsa.GenerateKey(rand.Reader, 2048)) })
	ecKey     = sync.OnceValue(func() *ecdsa.PrivateKey { return made(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) })
	ec384Key  = sync.OnceValue(func() *ecdsa.PrivateKey { return made(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)) })
	edKey     = sync.OnceValue(newEdKey)
	otherEd   = sync.OnceValue(newEdKey)
	published = sync.OnceValue(func() string {
		return keySet(
			jwk("rsa", "", rsaKey().Public()), jwk("ec", "ES256", ecKey().Public()),
			jwk("ec384", "", ec384Key().Public()), jwk("ed", "", edKey().Public()))
	})
)

func newEdKey() ed25519.PrivateKey {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	return made(key, err)
}

func made[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func jwk(id, alg string, key crypto.PublicKey) jwkset.JWKMarshal {
	meta := jwkset.JWKMetadataOptions{KID: id, ALG: jwkset.ALG(alg), USE: jwkset.UseSig}
	return made(jwkset.NewJWKFromKey(key, jwkset.JWKOptions{Metadata: meta})).Marshal()
}

func keySet(keys ...jwkset.JWKMarshal) string {
	return string(made(json.Marshal(jwkset.JWKSMarshal{Keys: keys})))
}

// An issuer publishes keys over HTTP, and counts how often it is asked.
type issuer struct {
	answer atomic.Pointer[http.HandlerFunc]
	hits   atomic.Int64
}

func newIssuer(keys string) *issuer {
	i := &issuer{}
	i.publish(keys)
	return i
}

func (i *issuer) publish(keys string) {
	i.serve(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, keys) })
}

func (i *issuer) serve(h http.HandlerFunc) { i.answer.Store(&h) }

func (i *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.hits.Add(1)
	(*i.answer.Load())(w, r)
}

// RoundTrip lets an issuer be asked without a network, inside a synctest bubble.
func (i *issuer) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	i.ServeHTTP(w, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	resp := w.Result()
	resp.Request = r
	return resp, nil
}

const (
	testIssuer   = "https://idp.example"
	testAudience = "shop"
)

func testConfig(url string) Config {
	return Config{
		Issuer: testIssuer, Audience: []string{"other", testAudience}, JWKSURL: url,
		Algorithms: []string{"RS256", "PS256", "ES256", "EdDSA"},
		Leeway:     30 * time.Second, RolesClaim: "roles", TenantClaim: "tenant",
		RefreshInterval: 5 * time.Minute, RetryInterval: 10 * time.Second,
		FetchTimeout: 2 * time.Second, MaxStale: 24 * time.Hour,
		Cache: CacheConfig{MaxTokens: 1000},
	}
}

// overLoopback starts a verifier that fetches from i through a real server.
func overLoopback(t testing.TB, i http.Handler, change func(*Config)) *JWT {
	t.Helper()
	server := httptest.NewServer(i)
	t.Cleanup(server.Close)
	cfg := testConfig(server.URL)
	if change != nil {
		change(&cfg)
	}
	return start(t, cfg, server.Client())
}

// inBubble starts a verifier that fetches from i without a network.
func inBubble(t *testing.T, i *issuer) *JWT {
	t.Helper()
	return start(t, testConfig("https://idp.example/keys"), &http.Client{Transport: i})
}

func start(t testing.TB, cfg Config, client *http.Client) *JWT {
	t.Helper()
	v, err := New(t.Context(), cfg, client, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	return v
}

func awaitReady(t testing.TB, v *JWT) *JWT {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); v.Ready() != nil; {
		if time.Now().After(deadline) {
			t.Fatal(v.Ready())
		}
		time.Sleep(5 * time.Millisecond)
	}
	return v
}

// sign makes a token of exactly these bytes.
func sign(method jwt.SigningMethod, key any, header, claims string) string {
	text := encode(header) + "." + encode(claims)
	return text + "." + encode(string(made(method.Sign(text, key))))
}

func unix(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

func encode(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// claims are good claims, changed by pairs of a name and a raw JSON value; an empty value
// leaves the claim out.
func claims(changes ...string) string {
	now := time.Now()
	all := []string{
		"iss", `"` + testIssuer + `"`, "aud", `"` + testAudience + `"`, "sub", `"u1"`,
		"exp", unix(now.Add(time.Hour)), "iat", unix(now),
	}
	for i := 0; i < len(changes); i += 2 {
		all = put(all, changes[i], changes[i+1])
	}
	var members []string
	for i := 0; i < len(all); i += 2 {
		if all[i+1] != "" {
			members = append(members, `"`+all[i]+`":`+all[i+1])
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

func put(pairs []string, name, value string) []string {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i] == name {
			pairs[i+1] = value
			return pairs
		}
	}
	return append(pairs, name, value)
}

// signed is a token of the Ed25519 key with these claims.
func signed(claims string) string {
	return sign(jwt.SigningMethodEdDSA, edKey(), `{"alg":"EdDSA","kid":"ed"}`, claims)
}
