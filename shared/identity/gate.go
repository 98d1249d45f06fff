package identity

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/golang-jwt/jwt/v5"
)

const (
	maxTokenBytes = 8 << 10
	maxKeyIDBytes = 255
	maxJSONDepth  = 16
)

// inspect reads a token, and refuses what could be read in more than one way or is not for
// us: sizes, encodings, JSON, and header parameters that change what the signature means.
// Nothing of what it returns is verified yet. Its errors never quote the token.
func inspect(token string, algorithms []string) (*jwt.Token, error) {
	if len(token) > maxTokenBytes {
		return nil, errors.New("the token is too long")
	}
	parts := strings.SplitN(token, ".", 4)
	if len(parts) != 3 {
		return nil, errors.New("the token has not three parts")
	}
	header, err := decodeObject(parts[0])
	if err != nil {
		return nil, err
	}
	method, err := inspectHeader(header, algorithms)
	if err != nil {
		return nil, err
	}
	claims, err := decodeObject(parts[1])
	if err != nil {
		return nil, err
	}
	signature, err := decodeSegment(parts[2])
	if err != nil {
		return nil, err
	}
	return &jwt.Token{Raw: token, Method: method, Header: header, Claims: jwt.MapClaims(claims), Signature: signature}, nil
}

var base64url = base64.RawURLEncoding.Strict()

// decodeSegment accepts one spelling of each value: no padding, no stray bits at the end,
// and none of the line breaks that package base64 skips.
func decodeSegment(s string) ([]byte, error) {
	if s == "" || strings.ContainsAny(s, "\r\n") {
		return nil, errors.New("a part of the token is not base64url")
	}
	b, err := base64url.DecodeString(s)
	if err != nil {
		return nil, errors.New("a part of the token is not base64url")
	}
	return b, nil
}

// decodeObject accepts one object, of bounded depth, that every JSON parser reads alike:
// no name twice, no invalid UTF-8, nothing after it.
func decodeObject(part string) (map[string]any, error) {
	b, err := decodeSegment(part)
	if err != nil {
		return nil, err
	}
	if isDeep(b) {
		return nil, errors.New("a part of the token is nested too deeply")
	}
	var v any
	if json.Unmarshal(b, &v) != nil {
		return nil, errors.New("a part of the token is not strict JSON")
	}
	object, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("a part of the token is not a JSON object")
	}
	return object, nil
}

// isDeep reports whether JSON is nested deeper than allowed. What is no JSON it may judge
// either way.
func isDeep(b []byte) bool {
	depth, quoted := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > maxJSONDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}

// inspectHeader checks the JOSE header (RFC 7515, 4) and returns how the token is signed. Keys
// that the header itself offers (jwk, jku, x5c, x5u) are nobody's keys: they are not looked at.
func inspectHeader(h map[string]any, algorithms []string) (jwt.SigningMethod, error) {
	for _, name := range []string{"crit", "zip", "b64"} {
		if _, ok := h[name]; ok {
			return nil, errors.New("the header has an extension that is not supported")
		}
	}
	alg, _ := h["alg"].(string)
	switch {
	case !slices.Contains(algorithms, alg):
		return nil, errors.New("the algorithm is not accepted")
	case !mayHave(h, "typ", isTokenType):
		return nil, errors.New("the type is not that of an access token")
	case !mayHave(h, "kid", isKeyID):
		return nil, errors.New("the key id is not acceptable")
	}
	return methodOf(alg), nil
}

// methodOf is a method of the library. It makes the PS* methods hold to the one salt length
// that RFC 7518, 3.5 allows: the library's own accept any.
func methodOf(alg string) jwt.SigningMethod {
	method := jwt.GetSigningMethod(alg)
	if pss, ok := method.(*jwt.SigningMethodRSAPSS); ok {
		strict := *pss
		strict.VerifyOptions = nil
		return &strict
	}
	return method
}

// mayHave reports whether a member is absent, or a string of the right kind.
func mayHave(h map[string]any, name string, is func(string) bool) bool {
	v, present := h[name]
	s, isText := v.(string)
	return !present || isText && is(s)
}

// isTokenType knows the media types of a JWT and of an access token (RFC 9068, 2.1).
func isTokenType(typ string) bool {
	switch strings.ToLower(typ) {
	case "jwt", "at+jwt", "application/at+jwt":
		return true
	}
	return false
}

// isKeyID accepts visible ASCII without quotes, so that an id is safe in a log line.
func isKeyID(id string) bool {
	unsafe := func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '"' || r == '\\' }
	return id != "" && len(id) <= maxKeyIDBytes && !strings.ContainsFunc(id, unsafe)
}
