package identity

import (
	"crypto/ed25519"
	"encoding/base64"
	"reflect"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

// FuzzInspect holds the gate to what it promises about a token that it lets through.
func FuzzInspect(f *testing.F) {
	good := signed(claims())
	f.Add(good)
	f.Add(good + "=")
	f.Add("e30.e30.AA")
	f.Add(encode(`{"alg":"EdDSA","alg":"none"}`) + "." + encode(`{"a":[[[[]]]]}`) + ".AA")
	f.Add(encode(`{"alg":"EdDSA","kid":"\u0000"}`) + ".e30.AA")
	parser := jwt.NewParser(jwt.WithStrictDecoding())
	f.Fuzz(func(t *testing.T, token string) {
		read, err := inspect(token, []string{"EdDSA"})
		if err != nil {
			if len(token) > 60 && strings.Contains(err.Error(), token) {
				t.Errorf("the error quotes the token: %v", err)
			}
			return
		}
		parsed, _, err := parser.ParseUnverified(token, jwt.MapClaims{})
		if err != nil {
			t.Fatalf("let through, but the library refuses it: %v", err)
		}
		if !reflect.DeepEqual(read, parsed) {
			t.Errorf("read %v, and the library reads %v", read, parsed)
		}
		h := parsed.Header
		if len(token) > maxTokenBytes || h["alg"] != "EdDSA" || h["crit"] != nil || h["zip"] != nil {
			t.Errorf("let through: %q", h)
		}
		if id, ok := h["kid"].(string); ok && strings.ContainsAny(id, "\r\n\x00 \"") {
			t.Errorf("let through: kid %q", id)
		}
	})
}

// FuzzVerify signs whatever it is given, and has the library's own parser, with the same keys,
// say what must not be accepted. The edit is made after signing.
func FuzzVerify(f *testing.F) {
	for _, tt := range append(headers(), badClaims()...) {
		parts := strings.Split(tt.token, ".")
		f.Add(decoded(parts[0]), decoded(parts[1]), byte(0), 0, "")
	}
	good := claims("aud", `["bank","shop"]`, "scope", `"a b"`, "roles", `["r"]`, "nbf", "1e9", "exp", "4102444800.5")
	for i, header := range []string{`{"alg":"EdDSA"}`, `{"alg":"ES256","kid":"ec"}`, `{"alg":"RS256","kid":"rsa"}`, `{"alg":"PS256"}`, `{"alg":"HS256"}`} {
		f.Add(header, good, byte(i), 0, "")
		f.Add(header, good, byte(i), 5, "=")
		f.Add(header, good, byte(i), 40, ".")
	}
	v := awaitReady(f, overLoopback(f, newIssuer(published()), nil))
	library := jwt.NewParser(jwt.WithValidMethods(v.cfg.Algorithms), jwt.WithIssuer(testIssuer),
		jwt.WithAudience(v.cfg.Audience...), jwt.WithExpirationRequired(), jwt.WithIssuedAt(),
		jwt.WithLeeway(v.cfg.Leeway), jwt.WithStrictDecoding())
	signers := []struct {
		method jwt.SigningMethod
		key    any
	}{
		{jwt.SigningMethodEdDSA, edKey()}, {jwt.SigningMethodES256, ecKey()}, {jwt.SigningMethodRS256, rsaKey()},
		{jwt.SigningMethodPS256, rsaKey()}, {jwt.SigningMethodHS256, []byte(edKey().Public().(ed25519.PublicKey))},
	}
	f.Fuzz(func(t *testing.T, header, claims string, signer byte, at int, edit string) {
		s := signers[int(signer)%len(signers)]
		token := sign(s.method, s.key, header, claims)
		if edit != "" && at >= 0 && at <= len(token) {
			token = token[:at] + edit + token[at:]
		}
		for range 2 { // the second time it may be remembered
			p, err := v.Verify(t.Context(), token)
			if err != nil {
				continue
			}
			parsed, err := library.Parse(token, v.byID.Keyfunc)
			if err != nil {
				t.Fatalf("%s %s is accepted: %v", header, claims, err)
			}
			if sub, _ := parsed.Claims.GetSubject(); p.Subject != sub || sub == "" {
				t.Errorf("%s is for %q: %v", claims, sub, p)
			}
		}
	})
}

func decoded(part string) string { return string(made(base64.RawURLEncoding.DecodeString(part))) }
