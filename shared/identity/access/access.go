// Package access says who may use an endpoint or a route. A [Rule] is declared next to
// the path it guards, in Go or in YAML:
//
//	access: user
//	access: scope:orders:write
//	access: role:support
package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/identity"
)

// A Rule decides whether a principal may pass. It is immutable and safe for concurrent
// use. The zero Rule lets nobody pass: access that nobody has thought about is denied.
type Rule struct {
	kind  kind
	name  string // of the scope or role
	rules []Rule // of All and Any
}

type kind uint8

const (
	nobody kind = iota
	public
	user
	scope
	role
	all
	anyOf
)

var (
	// Public lets everybody pass, also without credentials.
	Public = Rule{kind: public}
	// User lets every verified principal pass.
	User = Rule{kind: user}
)

// Scope lets a principal pass whose client was granted the scope. It panics when the name
// is not a scope-token (RFC 6749, 3.3).
func Scope(name string) Rule { return must(named(scope, name)) }

// Role lets a principal pass that has the role. It panics when the name is empty or not
// printable ASCII.
func Role(name string) Rule { return must(named(role, name)) }

// All lets a principal pass that every rule lets pass. It panics without rules, for that
// would let everybody pass.
func All(rules ...Rule) Rule { return combine(all, rules) }

// Any lets a principal pass that one of the rules lets pass. It panics without rules.
func Any(rules ...Rule) Rule { return combine(anyOf, rules) }

func combine(k kind, rules []Rule) Rule {
	if len(rules) == 0 {
		panic("access: All and Any need at least one rule")
	}
	return Rule{kind: k, rules: slices.Clone(rules)}
}

// named allows what can stand in a quoted string of a header without being escaped.
func named(k kind, name string) (Rule, error) {
	bad := func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '"' || r == '\\' }
	if name == "" || strings.ContainsFunc(name, bad) {
		return Rule{}, fmt.Errorf("access: %q cannot be the name of a scope or role", name)
	}
	return Rule{kind: k, name: name}, nil
}

func must(r Rule, err error) Rule {
	if err != nil {
		panic(err)
	}
	return r
}

// Check returns nil when p, which may be nil, may pass. Otherwise the error is a
// [*fault.Error]: Unauthenticated when p is anonymous and credentials could help, else
// Forbidden, with the challenge of RFC 6750, 3.1 where a scope is missing.
func (r Rule) Check(p *identity.Principal) error {
	switch {
	case r.allows(p):
		return nil
	case r.kind == nobody:
		return &fault.Error{Kind: fault.Forbidden}
	case p == nil:
		return &fault.Error{
			Kind:      fault.Unauthenticated,
			Detail:    "credentials are required",
			Challenge: identity.Challenge,
		}
	}
	err := &fault.Error{Kind: fault.Forbidden, Detail: "requires " + r.String()}
	if scopes := r.scopes(); !hasAll(p, scopes) {
		err.Challenge = `Bearer error="insufficient_scope", scope="` + strings.Join(scopes, " ") + `"`
	}
	return err
}

func (r Rule) allows(p *identity.Principal) bool {
	switch r.kind {
	case public:
		return true
	case user:
		return p != nil
	case scope:
		return p.HasScope(r.name)
	case role:
		return p.HasRole(r.name)
	case all:
		return !slices.ContainsFunc(r.rules, func(r Rule) bool { return !r.allows(p) })
	case anyOf:
		return slices.ContainsFunc(r.rules, func(r Rule) bool { return r.allows(p) })
	}
	return false
}

// scopes are what a client should ask for: of alternatives, the first.
func (r Rule) scopes() []string {
	switch r.kind {
	case scope:
		return []string{r.name}
	case anyOf:
		return r.rules[0].scopes()
	}
	var out []string
	for _, r := range r.rules {
		for _, s := range r.scopes() {
			if !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out
}

func hasAll(p *identity.Principal, scopes []string) bool {
	return !slices.ContainsFunc(scopes, func(s string) bool { return !p.HasScope(s) })
}

// NeedsUser reports whether nobody passes without credentials.
func (r Rule) NeedsUser() bool { return !r.allows(nil) }
