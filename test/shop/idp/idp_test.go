package idp_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"
	"go.uber.org/goleak"

	"github.com/facet-bff/facet/test/shop/idp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start serves a provider with one account and returns its issuer.
func start(t *testing.T) string {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	issuer := "http://" + server.Listener.Addr().String()
	provider, err := idp.New(issuer, []idp.Account{
		{ID: "u2", FirstName: "Grace", LastName: "Hopper", Email: "grace@example.com", Roles: []string{"support"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = provider
	server.Start()
	t.Cleanup(server.Close)
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	return issuer
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	return read(t, response)
}

func read(t *testing.T, response *http.Response) (int, string) {
	t.Helper()
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func decode[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return v
}

type claims struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Audience []string `json:"aud"`
	Expires  int64    `json:"exp"`
	IssuedAt int64    `json:"iat"`
	ID       string   `json:"jti"`
	ClientID string   `json:"client_id"`
	Scope    string   `json:"scope"`
	Roles    []string `json:"roles"`
	Nonce    string   `json:"nonce"`
}

// verify checks a token as a gateway does: by the key that the provider publishes.
func verify(t *testing.T, issuer, token string) (claims, jose.Header) {
	t.Helper()
	_, discovery := get(t, issuer+"/.well-known/openid-configuration")
	jwksURI, _ := decode[map[string]any](t, discovery)["jwks_uri"].(string)
	_, text := get(t, jwksURI)
	published := decode[jose.JSONWebKeySet](t, text)
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256, jose.ES256, jose.EdDSA})
	if err != nil {
		t.Fatal(err)
	}
	header := signed.Signatures[0].Header
	keys := published.Key(header.KeyID)
	if header.KeyID == "" || len(keys) != 1 {
		t.Fatalf("kid %q names %d published keys", header.KeyID, len(keys))
	}
	payload, err := signed.Verify(keys[0])
	if err != nil {
		t.Fatal(err)
	}
	return decode[claims](t, string(payload)), header
}

func TestDemoToken(t *testing.T) {
	issuer := start(t)
	now := time.Now().Unix()
	for _, algorithm := range []string{"RS256", "ES256", "EdDSA"} {
		_, token := get(t, issuer+"/demo/token?user=u7&scope=orders:write,cart&scope=a%20b&role=support&role=x&alg="+algorithm)
		got, header := verify(t, issuer, token)
		if header.Algorithm != algorithm || header.ExtraHeaders["typ"] != "at+jwt" {
			t.Errorf("%s: header %+v", algorithm, header)
		}
		lifetime := got.Expires - now
		if got.Issuer != issuer || got.Subject != "u7" || got.ClientID != "demo" || got.ID == "" ||
			got.Scope != "orders:write cart a b" || !slices.Equal(got.Roles, []string{"support", "x"}) ||
			!slices.Equal(got.Audience, []string{"facet"}) || lifetime < 3600 || lifetime > 3610 {
			t.Errorf("%s: claims %+v", algorithm, got)
		}
	}
}

func TestDemoTokenVariants(t *testing.T) {
	issuer := start(t)
	_, token := get(t, issuer+"/demo/token?ttl=-1m&aud=other")
	got, _ := verify(t, issuer, token)
	if now := time.Now().Unix(); got.Expires >= now || got.IssuedAt >= got.Expires {
		t.Errorf("now %d: claims %+v, want an expired token", now, got)
	}
	if got.Subject != "u1" || !slices.Equal(got.Audience, []string{"other"}) {
		t.Errorf("claims %+v", got)
	}
	for _, query := range []string{"ttl=soon", "alg=none", "alg=HS256"} {
		if status, body := get(t, issuer+"/demo/token?"+query); status != 400 || !strings.HasPrefix(body, `{"error"`) {
			t.Errorf("%s: %d %s", query, status, body)
		}
	}
}
