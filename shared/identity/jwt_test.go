package identity

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/fault"
	"github.com/golang-jwt/jwt/v5"
)

func TestGoodTokens(t *testing.T) {
	v := awaitReady(t, overLoopback(t, newIssuer(published()), nil))
	rs, ps, es, ed := jwt.SigningMethodRS256, jwt.SigningMethodPS256, jwt.SigningMethodES256, jwt.SigningMethodEdDSA
	for name, token := range map[string]string{
		"RS256":               sign(rs, rsaKey(), `{"alg":"RS256","kid":"rsa"}`, claims()),
		"PS256":               sign(ps, rsaKey(), `{"alg":"PS256","kid":"rsa"}`, claims()),
		"ES256":               sign(es, ecKey(), `{"alg":"ES256","kid":"ec","typ":"JWT"}`, claims()),
		"EdDSA":               sign(ed, edKey(), `{"alg":"EdDSA","kid":"ed","typ":"at+jwt"}`, claims()),
		"long typ":            sign(ed, edKey(), `{"alg":"EdDSA","kid":"ed","typ":"Application/AT+JWT"}`, claims()),
		"no key id":           sign(ed, edKey(), `{"alg":"EdDSA"}`, claims()),
		"unknown headers":     sign(ed, edKey(), `{"alg":"EdDSA","kid":"ed","x":{"y":[1]}}`, claims()),
		"one aud of many":     signed(claims("aud", `["bank","shop"]`)),
		"exp within leeway":   signed(claims("exp", unix(time.Now().Add(-20*time.Second)))),
		"nbf within leeway":   signed(claims("nbf", unix(time.Now().Add(20*time.Second)))),
		"space after claims":  signed(claims() + "\n"),
		"the longest allowed": longest(),
	} {
		p, err := v.Verify(t.Context(), token)
		if err != nil || p.Subject != "u1" || p.Token() != token {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
}

// longest is a good token that is as long as the limit allows.
func longest() string {
	good := ""
	for n := 5900; ; n++ {
		token := signed(claims("x", `"`+strings.Repeat("a", n)+`"`))
		if len(token) > maxTokenBytes {
			return good
		}
		good = token
	}
}

func TestPrincipalOfClaims(t *testing.T) {
	v := awaitReady(t, overLoopback(t, newIssuer(published()), func(c *Config) {
		c.RolesClaim, c.TenantClaim = "realm_access.roles", "https://example.com/tenant"
	}))
	for _, tt := range []struct {
		name   string
		claims string
		want   Principal
	}{
		{"bare", claims(), Principal{}},
		{"scope string", claims("scope", `"a b:c  d"`), Principal{Scopes: []string{"a", "b:c", "d"}}},
		{"scope array", claims("scope", `["a","b"]`), Principal{Scopes: []string{"a", "b"}}},
		{"scp", claims("scp", `["a"]`), Principal{Scopes: []string{"a"}}},
		{"nested roles", claims("realm_access", `{"roles":["x","y"]}`), Principal{Roles: []string{"x", "y"}}},
		{"one role", claims("realm_access", `{"roles":"x"}`), Principal{Roles: []string{"x"}}},
		{"roles claim with a dot", claims("realm_access.roles", `["x"]`), Principal{Roles: []string{"x"}}},
		{"path ends early", claims("realm_access", `"roles"`), Principal{}},
		{"tenant is a URL", claims("https://example.com/tenant", `"t1"`), Principal{Tenant: "t1"}},
		{"client", claims("client_id", `"app"`, "azp", `"other"`), Principal{Client: "app"}},
		{"azp", claims("azp", `"app"`), Principal{Client: "app"}},
	} {
		p, err := v.Verify(t.Context(), signed(tt.claims))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if left := time.Until(p.Expires); left < 59*time.Minute || left > time.Hour {
			t.Errorf("%s: expires in %v", tt.name, left)
		}
		got := Principal{Client: p.Client, Tenant: p.Tenant, Scopes: p.Scopes, Roles: p.Roles}
		if p.Issuer != testIssuer || p.Subject != "u1" || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

func TestAuthenticate(t *testing.T) {
	v := awaitReady(t, overLoopback(t, newIssuer(published()), nil))
	good := signed(claims())
	for _, tt := range []struct {
		name   string
		values []string
		want   string // the challenge; empty where the token is accepted
	}{
		{"bearer", []string{"Bearer " + good}, ""},
		{"any case", []string{"bEARER  " + good}, ""},
		{"basic", []string{"Basic dTpw"}, Challenge},
		{"no scheme", []string{good}, Challenge},
		{"empty header", []string{""}, Challenge},
		{"empty token", []string{"Bearer"}, malformedChallenge},
		{"blank token", []string{"Bearer  "}, malformedChallenge},
		{"two headers", []string{"Bearer " + good, "Bearer " + good}, malformedChallenge},
		{"two in one", []string{"Bearer " + good + ", Bearer " + good}, malformedChallenge},
		{"tab", []string{"Bearer\t" + good}, Challenge},
	} {
		p, err := v.Authenticate(t.Context(), http.Header{"Authorization": tt.values})
		if tt.want == "" {
			if err != nil || p.Token() != good {
				t.Errorf("%s: %v, %v", tt.name, p, err)
			}
			continue
		}
		if f := fault.From(err); f == nil || f.Kind != fault.Unauthenticated || f.Challenge != tt.want {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
	if p, err := v.Authenticate(t.Context(), http.Header{"X-Api-Key": {"k"}}); p != nil || err != nil {
		t.Errorf("anonymous: %v, %v", p, err)
	}
}

const malformedChallenge = `Bearer error="invalid_token", error_description="the token is malformed"`

func TestClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := inBubble(t, newIssuer(published()))
		synctest.Wait()
		now := time.Now()
		token := signed(claims("nbf", unix(now.Add(time.Minute)), "exp", unix(now.Add(2*time.Minute))))
		for _, tt := range []struct {
			after time.Duration
			want  reason
		}{
			{29 * time.Second, notYetValid}, {30 * time.Second, ""},
			{149 * time.Second, ""}, {150 * time.Second, expired},
		} {
			time.Sleep(tt.after - time.Since(now))
			p, err := v.Verify(t.Context(), token)
			if tt.want != "" {
				wantRefused(t, p, err, tt.want, token)
			} else if err != nil {
				t.Errorf("after %v: %v", tt.after, err)
			}
		}
	})
}

func TestNewRefusesConfig(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"issuer":           func(c *Config) { c.Issuer = "" },
		"audience":         func(c *Config) { c.Audience = []string{""} },
		"HS256":            func(c *Config) { c.Algorithms = []string{"RS256", "HS256"} },
		"none":             func(c *Config) { c.Algorithms = []string{"none"} },
		"algorithms":       func(c *Config) { c.Algorithms = nil },
		"leeway":           func(c *Config) { c.Leeway = 61 * time.Second },
		"retry_interval":   func(c *Config) { c.RetryInterval = 0 },
		"fetch_timeout":    func(c *Config) { c.FetchTimeout = 0 },
		"refresh_interval": func(c *Config) { c.RefreshInterval = time.Second },
		"max_stale":        func(c *Config) { c.MaxStale = time.Second },
		"max_tokens":       func(c *Config) { c.Cache.MaxTokens = -1 },
		"jwks_url":         func(c *Config) { c.JWKSURL = "http://idp.example/keys" },
		"absolute":         func(c *Config) { c.JWKSURL = "/keys" },
		"must be https":    func(c *Config) { c.JWKSURL = "file://idp.example/keys" },
		"credentials":      func(c *Config) { c.JWKSURL = "https://u:p@idp.example/keys" },
	} {
		cfg := testConfig("https://idp.example/keys")
		change(&cfg)
		if _, err := New(t.Context(), cfg, nil, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", want, err)
		}
	}
	for _, url := range []string{"http://localhost:7020/keys", "http://[::1]/keys", "https://idp.example/keys"} {
		if err := testConfig(url).Validate(); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
	open := testConfig("http://idp:7020/keys")
	open.AllowHTTP = true
	if err := open.Validate(); err != nil {
		t.Error(err)
	}
}

func TestSuits(t *testing.T) {
	for alg, keys := range map[string][]any{
		"RS256": {rsaKey().Public()}, "PS512": {rsaKey().Public()}, "EdDSA": {edKey().Public()},
		"ES256": {ecKey().Public()}, "ES384": {ec384Key().Public()}, "ES512": nil, "HS256": nil, "": nil,
	} {
		for _, key := range []any{rsaKey().Public(), ecKey().Public(), ec384Key().Public(), edKey().Public(), []byte("k")} {
			want := slices.ContainsFunc(keys, func(k any) bool { return reflect.DeepEqual(k, key) })
			if got := suits(key, alg); got != want {
				t.Errorf("%s with %T: %v", alg, key, got)
			}
		}
	}
}

func TestVerifyEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(published())
		v := inBubble(t, i)
		time.Sleep(11 * time.Second)
		i.serve(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		began := time.Now()
		_, err := v.Verify(ctx, sign(jwt.SigningMethodEdDSA, otherEd(), `{"alg":"EdDSA","kid":"new"}`, claims()))
		if !errors.Is(err, context.DeadlineExceeded) || fault.From(err).Kind != fault.TooSlow {
			t.Errorf("got %v", err)
		}
		if took := time.Since(began); took != 100*time.Millisecond {
			t.Errorf("took %v", took)
		}
	})
}

// BenchmarkVerify is of tokens that are seen for the first time: there are more than are
// remembered.
func BenchmarkVerify(b *testing.B) {
	v := awaitReady(b, overLoopback(b, newIssuer(published()), func(c *Config) { c.Cache.MaxTokens = 2 }))
	rs := func(claims string) string {
		return sign(jwt.SigningMethodRS256, rsaKey(), `{"alg":"RS256","kid":"rsa"}`, claims)
	}
	es := func(claims string) string {
		return sign(jwt.SigningMethodES256, ecKey(), `{"alg":"ES256","kid":"ec"}`, claims)
	}
	few := []string{"scope", `"a b c"`, "roles", `["support"]`}
	for _, bb := range []struct {
		name  string
		issue func(claims string) string
		more  []string
	}{
		{"RS256", rs, few}, {"RS256 many claims", rs, many}, {"ES256", es, few}, {"ES256 many claims", es, many}, {"EdDSA", signed, few},
		{"gate", func(claims string) string { return "e30." + signed(claims) }, few},
		{"oversize", func(string) string { return strings.Repeat("a", maxTokenBytes+1) }, nil},
	} {
		var tokens [4]string
		for i := range tokens {
			tokens[i] = bb.issue(claims(append([]string{"jti", strconv.Itoa(i)}, bb.more...)...))
		}
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				_, _ = v.Verify(b.Context(), tokens[i%len(tokens)])
			}
		})
	}
}

// many is what providers that say much put into a token.
var many = []string{
	"auth_time", "1780000000", "typ", `"Bearer"`, "acr", `"1"`, "azp", `"mobile"`, "scope", `"openid profile email"`,
	"sid", `"0e9e5c7e-6d8b-4a8e-9d9a-3c1f0a0b1c2d"`, "allowed-origins", `["https://shop.example"]`,
	"realm_access", `{"roles":["default-roles-shop","offline_access","customer"]}`,
	"resource_access", `{"account":{"roles":["manage-account","manage-account-links","view-profile"]}}`,
	"email_verified", "true", "name", `"Ada Lovelace"`, "preferred_username", `"ada"`, "given_name", `"Ada"`,
	"family_name", `"Lovelace"`, "email", `"ada@shop.example"`, "locale", `"en"`,
}
