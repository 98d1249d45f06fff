package identity

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/fault"
	"github.com/go-json-experiment/json"
	"github.com/golang-jwt/jwt/v5"
)

type hostile struct {
	name, token string
	want        reason
}

func TestHostileTokens(t *testing.T) {
	var stolen atomic.Int64
	attacker := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		stolen.Add(1)
		fmt.Fprint(w, keySet(jwk("evil", "", otherRSA().Public()), jwk("ed", "", otherEd().Public())))
	}))
	defer attacker.Close()
	v := awaitReady(t, overLoopback(t, newIssuer(published()), nil))

	tests := append(forgeries(), confusions()...)
	tests = append(tests, foreignKeys(attacker.URL)...)
	tests = append(tests, headers()...)
	tests = append(tests, encodings()...)
	tests = append(tests, badClaims()...)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := v.Verify(t.Context(), tt.token)
			wantRefused(t, p, err, tt.want, tt.token)
		})
	}
	if n := stolen.Load(); n != 0 {
		t.Errorf("the attacker's keys were fetched %d times", n)
	}
}

// longNumber is more than a float64 holds, and more than a log should.
var longNumber = strings.Repeat("1234567890", 40)

// wantRefused checks the whole contract of a refusal, also that it quotes nothing.
func wantRefused(t *testing.T, p *Principal, err error, want reason, token string) {
	t.Helper()
	f := fault.From(err)
	if p != nil || f == nil || f.Kind != fault.Unauthenticated {
		t.Fatalf("got %v, %v; want refused", p, err)
	}
	challenge := `Bearer error="invalid_token", error_description="` + string(want) + `"`
	if f.Detail != string(want) || f.Challenge != challenge {
		t.Errorf("got %q, %q (%v); want %q", f.Detail, f.Challenge, err, want)
	}
	for part := range strings.SplitSeq(token, ".") {
		if len(part) > 8 && strings.Contains(f.Error()+f.Challenge, part) || strings.Contains(f.Error(), longNumber) {
			t.Errorf("the error quotes the token: %v", f)
		}
	}
}

func forgeries() []hostile {
	good := signed(claims())
	cut := strings.LastIndex(good, ".")
	other := strings.Split(signed(claims("sub", `"root"`)), ".")
	parts := strings.Split(good, ".")
	return []hostile{
		{"alg none", encode(`{"alg":"none"}`) + "." + encode(claims()) + ".", malformed},
		{"alg none, some signature", encode(`{"alg":"none","kid":"ed"}`) + "." + encode(claims()) + ".AAAA", malformed},
		{"alg None", encode(`{"alg":"nOnE","kid":"ed"}`) + "." + encode(claims()) + ".AAAA", malformed},
		{"no signature", good[:cut+1], malformed},
		{"zero signature", good[:cut+1] + encode(strings.Repeat("\x00", 64)), badSignature},
		{"short signature", good[:cut+1] + encode("x"), badSignature},
		{"another's signature", parts[0] + "." + other[1] + "." + parts[2], badSignature},
		{"zero ES256 signature", encode(`{"alg":"ES256","kid":"ec"}`) + "." + encode(claims()) + "." +
			encode(strings.Repeat("\x00", 64)), badSignature},
	}
}

func confusions() []hostile {
	der := made(x509.MarshalPKIXPublicKey(rsaKey().Public()))
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	wideSalt := *jwt.SigningMethodPS256
	wideSalt.Options = &rsa.PSSOptions{SaltLength: 64, Hash: crypto.SHA256}
	return []hostile{
		{"HS256 with the public key", sign(jwt.SigningMethodHS256, public, `{"alg":"HS256","kid":"rsa"}`, claims()), malformed},
		{"RS256 for an EC key", sign(jwt.SigningMethodRS256, rsaKey(), `{"alg":"RS256","kid":"ec"}`, claims()), badSignature},
		{"ES256 for an RSA key", sign(jwt.SigningMethodES256, ecKey(), `{"alg":"ES256","kid":"rsa"}`, claims()), badSignature},
		{"ES256 for a P-384 key", sign(jwt.SigningMethodES256, ecKey(), `{"alg":"ES256","kid":"ec384"}`, claims()), unknownKey},
		{"ES384 is not accepted", sign(jwt.SigningMethodES384, ec384Key(), `{"alg":"ES384","kid":"ec384"}`, claims()), malformed},
		{"RS512 is not accepted", sign(jwt.SigningMethodRS512, rsaKey(), `{"alg":"RS512","kid":"rsa"}`, claims()), malformed},
		{"PS256 with a long salt", sign(&wideSalt, rsaKey(), `{"alg":"PS256","kid":"rsa"}`, claims()), badSignature},
		{"RS256 as PS256", sign(jwt.SigningMethodRS256, rsaKey(), `{"alg":"PS256","kid":"rsa"}`, claims()), badSignature},
		{"no key id, foreign key", sign(jwt.SigningMethodEdDSA, otherEd(), `{"alg":"EdDSA"}`, claims()), badSignature},
	}
}

// foreignKeys are tokens whose header brings the key that verifies them.
func foreignKeys(attacker string) []hostile {
	own := string(made(json.Marshal(jwk("ed", "", otherEd().Public()))))
	cert := base64.StdEncoding.EncodeToString(made(x509.CreateCertificate(
		rand.Reader, &x509.Certificate{}, &x509.Certificate{}, otherRSA().Public(), otherRSA())))
	with := func(extra string) string {
		return sign(jwt.SigningMethodEdDSA, otherEd(), `{"alg":"EdDSA","kid":"ed",`+extra+`}`, claims())
	}
	return []hostile{
		{"jku", with(`"jku":"` + attacker + `"`), badSignature},
		{"x5u", with(`"x5u":"` + attacker + `"`), badSignature},
		{"jwk", with(`"jwk":` + own), badSignature},
		{"x5c", sign(jwt.SigningMethodRS256, otherRSA(),
			`{"alg":"RS256","kid":"rsa","x5c":["`+cert+`"]}`, claims()), badSignature},
		{"jku and an unknown key id", sign(jwt.SigningMethodRS256, otherRSA(),
			`{"alg":"RS256","kid":"evil","jku":"`+attacker+`"}`, claims()), unknownKey},
		{"key id is a URL", sign(jwt.SigningMethodRS256, otherRSA(),
			`{"alg":"RS256","kid":"`+attacker+`"}`, claims()), unknownKey},
	}
}

// headers are correctly signed by the issuer.
func headers() []hostile {
	with := func(header string) string { return sign(jwt.SigningMethodEdDSA, edKey(), header, claims()) }
	var out []hostile
	for name, extra := range map[string]string{
		"crit": `"crit":["exp"]`, "crit b64": `"crit":["b64"],"b64":true`, "b64": `"b64":false`,
		"empty crit": `"crit":[]`, "zip": `"zip":"DEF"`, "zip null": `"zip":null`,
		"typ of an ID token": `"typ":"id+jwt"`, "typ logout": `"typ":"logout+jwt"`, "typ number": `"typ":1`,
		"two algs": `"alg":"EdDSA"`, "two kids": `"kid":"ed"`, "two unknown": `"x":1,"x":2`,
		"two nested": `"x":{"y":1,"y":2}`, "deep": `"x":` + strings.Repeat("[", 40) + strings.Repeat("]", 40),
		"invalid UTF-8": "\"x\":\"\xff\"", "long number": `"x":` + longNumber, "typ null": `"typ":null`,
	} {
		out = append(out, hostile{"header " + name, with(`{"alg":"EdDSA","kid":"ed",` + extra + `}`), malformed})
	}
	for name, id := range map[string]string{
		"empty": `""`, "number": `7`, "control": `"a\u0000b"`, "line break": `"a\r\nb"`, "space": `"a b"`,
		"long": `"` + strings.Repeat("k", 256) + `"`, "quote": `"a\"b"`, "not ASCII": `"é"`,
	} {
		out = append(out, hostile{"kid " + name, with(`{"alg":"EdDSA","kid":` + id + `}`), malformed})
	}
	return append(out,
		hostile{"kid null", with(`{"alg":"EdDSA","kid":null}`), malformed},
		hostile{"header array", with(`["alg","EdDSA"]`), malformed},
		hostile{"header null", with(`null`), malformed},
		hostile{"header with trailing bytes", with(`{"alg":"EdDSA","kid":"ed"}{}`), malformed},
		hostile{"header ALG", with(`{"ALG":"EdDSA","kid":"ed"}`), malformed},
	)
}

func encodings() []hostile {
	good := signed(claims())
	parts := strings.Split(good, ".")
	padded := base64.URLEncoding.EncodeToString([]byte(`{"alg":"EdDSA","kid":"ed"}`))
	last := parts[2][:len(parts[2])-1]
	return []hostile{
		{"oversize", signed(claims("x", `"`+strings.Repeat("a", maxTokenBytes)+`"`)), malformed},
		{"64 KiB of dots", strings.Repeat(".", 64<<10), malformed},
		{"padding", padded + "." + parts[1] + "." + parts[2], malformed},
		{"standard alphabet", parts[0] + "." + parts[1] + "." + strings.Repeat("+/", 43), malformed},
		{"line break in base64", parts[0][:4] + "\n" + parts[0][4:] + "." + parts[1] + "." + parts[2], malformed},
		{"stray bits", parts[0] + "." + parts[1] + "." + last + "B", malformed},
		{"four parts", good + ".AAAA", malformed},
		{"two parts", parts[0] + "." + parts[1], malformed},
		{"five parts, as a JWE", good + ".AAAA.AAAA", malformed},
		{"trailing space", good + " ", malformed},
		{"trailing NUL", good + "\x00", malformed},
		{"two tokens", good + "," + good, malformed},
		{"empty", "", malformed},
		{"JSON serialization", `{"payload":"` + parts[1] + `"}`, malformed},
	}
}

// badClaims are correctly signed by the issuer.
func badClaims() []hostile {
	at := func(d time.Duration) string { return unix(time.Now().Add(d)) }
	deep := strings.Repeat(`{"a":`, 1200) + "1" + strings.Repeat("}", 1200)
	tests := []hostile{
		{"no sub", claims("sub", ""), missingClaim},
		{"empty sub", claims("sub", `""`), missingClaim},
		{"sub null", claims("sub", `null`), missingClaim},
		{"sub number", claims("sub", `7`), malformed},
		{"CRLF in sub", claims("sub", `"u1\r\nX-Role: admin"`), malformed},
		{"NUL in sub", claims("sub", `"u1\u0000"`), malformed},
		{"C1 control in sub", claims("sub", `"u1\u0085"`), malformed},
		{"direction override in sub", claims("sub", `"u1\u202e"`), malformed},
		{"long sub", claims("sub", `"`+strings.Repeat("u", 256)+`"`), malformed},
		{"no exp", claims("exp", ""), missingClaim},
		{"exp 0", claims("exp", "0"), missingClaim},
		{"exp null", claims("exp", "null"), malformed},
		{"exp string", claims("exp", `"9999999999"`), malformed},
		{"exp beyond any date", claims("exp", "1e15"), malformed},
		{"exp beyond any number", claims("exp", "1e400"), malformed},
		{"exp negative", claims("exp", "-1"), expired},
		{"Exp for exp", claims("exp", "", "Exp", at(time.Hour)), missingClaim},
		{"exp of a part", claims("exp", "", "x", `{"exp":`+at(time.Hour)+`}`), missingClaim},
		{"expired", claims("exp", at(-31*time.Second)), expired},
		{"nbf in the future", claims("nbf", at(32*time.Second)), notYetValid},
		{"nbf string", claims("nbf", `"now"`), malformed},
		{"nbf that overflows", claims("nbf", "1e300"), malformed},
		{"nbf negative", claims("nbf", "-1"), malformed},
		{"iat in the future", claims("iat", at(32*time.Second)), notYetValid},
		{"iat that overflows", claims("iat", "1e300"), malformed},
		{"no iss", claims("iss", ""), missingClaim},
		{"foreign iss", claims("iss", `"https://evil.example"`), wrongIssuer},
		{"iss with a slash", claims("iss", `"`+testIssuer+`/"`), wrongIssuer},
		{"iss array", claims("iss", `["`+testIssuer+`"]`), malformed},
		{"no aud", claims("aud", ""), missingClaim},
		{"foreign aud", claims("aud", `"bank"`), wrongAudience},
		{"foreign auds", claims("aud", `["bank","SHOP"]`), wrongAudience},
		{"aud number", claims("aud", `[7]`), malformed},
		{"aud in aud", claims("aud", `[["shop"]]`), malformed},
		{"aud object", claims("aud", `{"shop":true}`), missingClaim},
		{"two subs", strings.Replace(claims(), "{", `{"sub":"root",`, 1), malformed},
		{"two subs, one escaped", strings.Replace(claims(), "{", `{"s\u0075b":"root",`, 1), malformed},
		{"deep claims", claims("x", deep), malformed},
		{"claims array", "[]", malformed},
		{"claims null", "null", malformed},
		{"no JSON", "sub=u1", malformed},
		{"a token in the token", signed(claims()), malformed},
		{"bytes after the claims", claims() + "x", malformed},
		{"a second object", claims() + `{"sub":"root"}`, malformed},
		{"NaN", claims("x", "NaN"), malformed},
		{"long number", claims("x", longNumber), malformed},
		{"scope number", claims("scope", "1"), malformed},
		{"scope with a line break", claims("scope", `"a\nb"`), malformed},
		{"scp of numbers", claims("scp", "[1]"), malformed},
		{"roles object", claims("roles", `{"admin":true}`), malformed},
		{"role with a line break", claims("roles", `["a\nb"]`), malformed},
		{"tenant array", claims("tenant", `["t1"]`), malformed},
		{"client with a line break", claims("client_id", `"a\nb"`), malformed},
	}
	for i := range tests {
		tests[i].token = signed(tests[i].token)
	}
	return tests
}
