package identity

import (
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
		err := inspect(token, []string{"EdDSA"})
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
		h := parsed.Header
		if len(token) > maxTokenBytes || h["alg"] != "EdDSA" || h["crit"] != nil || h["zip"] != nil {
			t.Errorf("let through: %q", h)
		}
		if id, ok := h["kid"].(string); ok && strings.ContainsAny(id, "\r\n\x00 \"") {
			t.Errorf("let through: kid %q", id)
		}
	})
}
