package identity

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/golang-jwt/jwt/v5"
)

const maxNameBytes = 255

// lastDate is the end of the year 9999. Beyond it a number of seconds is no date, and
// converting one may wrap around to the past.
const lastDate = 253402300799

// read reads claims whose signature, issuer, audience and dates were verified.
func (c *Config) read(claims jwt.MapClaims) (*verified, error) {
	r := reader{claims: claims}
	p := Principal{
		Subject: r.name("sub"),
		Issuer:  c.Issuer,
		Client:  r.name("client_id"),
		Tenant:  r.name(c.TenantClaim),
		Scopes:  slices.Clip(append(r.words("scope"), r.words("scp")...)), // many share it
		Roles:   r.names(c.RolesClaim),
		Expires: r.date("exp"),
	}
	if p.Client == "" {
		p.Client = r.name("azp")
	}
	from := r.date("nbf")
	if issued := r.date("iat"); issued.After(from) {
		from = issued
	}
	if r.err == nil && p.Subject == "" {
		return nil, fmt.Errorf("sub: %w", jwt.ErrTokenRequiredClaimMissing)
	}
	return &verified{principal: p, from: from.Add(-c.Leeway), until: p.Expires.Add(c.Leeway)}, r.err
}

// A reader reads claims and keeps the first error. Its errors name the claim and never
// quote its value.
type reader struct {
	claims jwt.MapClaims
	err    error
}

func (r *reader) fail(claim, want string) {
	if r.err == nil {
		r.err = fmt.Errorf("claim %s: %s", claim, want)
	}
}

// lookup finds a claim by its name, which may itself contain dots, and else by its path.
func (r *reader) lookup(claim string) any {
	if v, ok := r.claims[claim]; ok {
		return v
	}
	var v any = map[string]any(r.claims)
	for step := range strings.SplitSeq(claim, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[step]
	}
	return v
}

// name is a claim that is one name; empty when it is absent.
func (r *reader) name(claim string) string {
	switch v := r.lookup(claim).(type) {
	case nil:
	case string:
		if v == "" || isName(v) {
			return v
		}
		r.fail(claim, "must be printable and not longer than 255 bytes")
	default:
		r.fail(claim, "must be a string")
	}
	return ""
}

// names is a claim that is one name or a list of names.
func (r *reader) names(claim string) []string {
	switch v := r.lookup(claim).(type) {
	case nil:
	case string:
		if name := r.name(claim); name != "" {
			return []string{name}
		}
	case []any:
		out := make([]string, len(v))
		for i := range v {
			name, ok := v[i].(string)
			if !ok || !isName(name) {
				r.fail(claim, "must be a list of printable strings")
				return nil
			}
			out[i] = name
		}
		return out
	default:
		r.fail(claim, "must be a string or a list of strings")
	}
	return nil
}

// words is a claim whose string, if it is one, is a list separated by spaces
// (RFC 8693, 4.2).
func (r *reader) words(claim string) []string {
	v, ok := r.lookup(claim).(string)
	if !ok {
		return r.names(claim)
	}
	words := strings.FieldsFunc(v, func(r rune) bool { return r == ' ' })
	for _, w := range words {
		if !isName(w) {
			r.fail(claim, "must be a list of printable strings")
			return nil
		}
	}
	return words
}

// date is a claim that is a NumericDate (RFC 7519, 2); zero when it is absent.
func (r *reader) date(claim string) time.Time {
	switch v := r.claims[claim].(type) {
	case nil:
	case float64:
		if v >= 0 && v <= lastDate {
			return time.Unix(int64(v), 0)
		}
		r.fail(claim, "is out of range")
	default:
		r.fail(claim, "must be a number")
	}
	return time.Time{}
}

// isName refuses what could start a new line, reorder a log or overflow a key.
func isName(s string) bool {
	unsafe := func(r rune) bool { return !unicode.IsPrint(r) }
	return s != "" && len(s) <= maxNameBytes && !strings.ContainsFunc(s, unsafe)
}
