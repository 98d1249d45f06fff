package token

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

func TestTokensVerifyWithTheWrittenKeys(t *testing.T) {
	issuer, err := NewIssuer()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := issuer.Write(dir); err != nil {
		t.Fatal(err)
	}
	rsaPEM, ecPEM := read(t, dir, RSAFile), read(t, dir, ECFile)
	for algorithm, parse := range map[string]func() (any, error){
		"RS256": func() (any, error) { return jwt.ParseRSAPublicKeyFromPEM(rsaPEM) },
		"ES256": func() (any, error) { return jwt.ParseECPublicKeyFromPEM(ecPEM) },
	} {
		first, err := issuer.Sign(algorithm, 1)
		if err != nil {
			t.Fatal(err)
		}
		second, _ := issuer.Sign(algorithm, 2)
		if first == second {
			t.Errorf("%s: two tokens are the same", algorithm)
		}
		_, err = jwt.Parse(first, func(*jwt.Token) (any, error) { return parse() },
			jwt.WithIssuer(Name), jwt.WithAudience(Audience), jwt.WithValidMethods([]string{algorithm}))
		if err != nil {
			t.Errorf("%s: %v", algorithm, err)
		}
	}
}

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
