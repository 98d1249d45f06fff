package identity

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const (
	maxTokenBytes = 8 << 10
	maxKeyIDBytes = 255
	maxJSONDepth  = 16
)

// inspect refuses, before any cryptography, what the JWT library lets pass or leaves to
// whoever reads the claims later: sizes, ambiguous encodings, ambiguous JSON, and header
// parameters that change what the signature means. Its errors never quote the token.
func inspect(token string, algorithms []string) error {
	if len(token) > maxTokenBytes {
		return errors.New("the token is too long")
	}
	parts := strings.SplitN(token, ".", 4)
	if len(parts) != 3 {
		return errors.New("the token has not three parts")
	}
	var decoded [3][]byte
	for i, part := range parts {
		var err error
		if decoded[i], err = decodeSegment(part); err != nil {
			return err
		}
	}
	if err := inspectJSON(decoded[0]); err != nil {
		return err
	}
	if err := inspectHeader(decoded[0], algorithms); err != nil {
		return err
	}
	return inspectJSON(decoded[1])
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

// inspectJSON accepts one object, of bounded depth, that every JSON parser reads alike:
// no name twice, no invalid UTF-8, nothing after it.
func inspectJSON(b []byte) error {
	switch v := jsontext.Value(b); {
	case v.Kind() != '{':
		return errors.New("a part of the token is not a JSON object")
	case isDeep(b):
		return errors.New("a part of the token is nested too deeply")
	case !v.IsValid():
		return errors.New("a part of the token is not strict JSON")
	}
	return nil
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

// inspectHeader checks the JOSE header (RFC 7515, 4). Keys that the header itself offers
// (jwk, jku, x5c, x5u) are nobody's keys: they are not looked at.
func inspectHeader(b []byte, algorithms []string) error {
	var h struct {
		Alg  string         `json:"alg"`
		Typ  *string        `json:"typ"`
		Kid  *string        `json:"kid"`
		Crit jsontext.Value `json:"crit"`
		Zip  jsontext.Value `json:"zip"`
		B64  jsontext.Value `json:"b64"`
	}
	switch err := json.Unmarshal(b, &h); {
	case err != nil:
		return errors.New("the header has a member of the wrong type")
	case !slices.Contains(algorithms, h.Alg):
		return errors.New("the algorithm is not accepted")
	case h.Crit != nil || h.Zip != nil || h.B64 != nil:
		return errors.New("the header has an extension that is not supported")
	case h.Typ != nil && !isTokenType(*h.Typ):
		return errors.New("the type is not that of an access token")
	case h.Kid != nil && !isKeyID(*h.Kid):
		return errors.New("the key id is not acceptable")
	}
	return nil
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
