package access

import (
	"testing"

	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/identity"
)

func TestCheck(t *testing.T) {
	alice := &identity.Principal{Subject: "alice", Scopes: []string{"a", "b"}, Roles: []string{"support"}}
	const missing = identity.Challenge
	for _, tt := range []struct {
		rule      Rule
		p         *identity.Principal
		want      fault.Kind // Bug: passes
		challenge string
	}{
		{Rule{}, nil, fault.Forbidden, ""},
		{Rule{}, alice, fault.Forbidden, ""},
		{Public, nil, fault.Bug, ""},
		{Public, alice, fault.Bug, ""},
		{User, nil, fault.Unauthenticated, missing},
		{User, alice, fault.Bug, ""},
		{User, &identity.Principal{}, fault.Bug, ""},
		{Scope("a"), nil, fault.Unauthenticated, missing},
		{Scope("a"), alice, fault.Bug, ""},
		{Scope("A"), alice, fault.Forbidden, `Bearer error="insufficient_scope", scope="A"`},
		{Scope("support"), alice, fault.Forbidden, `Bearer error="insufficient_scope", scope="support"`},
		{Role("support"), alice, fault.Bug, ""},
		{Role("support"), nil, fault.Unauthenticated, missing},
		{Role("a"), alice, fault.Forbidden, ""},
		{All(Scope("a"), Role("support")), alice, fault.Bug, ""},
		{All(Scope("a"), Role("boss")), alice, fault.Forbidden, ""},
		{All(Scope("a"), Scope("c"), Scope("a")), alice, fault.Forbidden, `Bearer error="insufficient_scope", scope="a c"`},
		{All(Public, User), nil, fault.Unauthenticated, missing},
		{All(Public, Rule{}), alice, fault.Forbidden, ""},
		{Any(Scope("x"), Role("support")), alice, fault.Bug, ""},
		{Any(Scope("x"), Scope("y")), alice, fault.Forbidden, `Bearer error="insufficient_scope", scope="x"`},
		{Any(User, Public), nil, fault.Bug, ""},
		{Any(Rule{}), alice, fault.Forbidden, ""},
	} {
		f := fault.From(tt.rule.Check(tt.p))
		if tt.want == fault.Bug {
			if f != nil {
				t.Errorf("%s refuses %v: %v", tt.rule, tt.p, f)
			}
			continue
		}
		if f == nil || f.Kind != tt.want || f.Challenge != tt.challenge {
			t.Errorf("%s for %v: got %+v, want %v %q", tt.rule, tt.p, f, tt.want, tt.challenge)
		}
	}
}

func TestNeedsUser(t *testing.T) {
	for _, tt := range []struct {
		rule Rule
		want bool
	}{
		{Rule{}, true}, {Public, false}, {User, true}, {Scope("a"), true}, {Role("r"), true},
		{All(Public, Public), false}, {All(Public, User), true}, {Any(Public, User), false}, {Any(User), true},
	} {
		if got := tt.rule.NeedsUser(); got != tt.want {
			t.Errorf("%s: %v", tt.rule, got)
		}
	}
}

func TestText(t *testing.T) {
	for text, want := range map[string]string{
		"public": "public", "user": "user", "nobody": "nobody", "scope:orders:write": "scope orders:write",
		"role:support": "role support", "scope a": "scope a",
	} {
		var r, again Rule
		if err := r.UnmarshalText([]byte(text)); err != nil || r.String() != want {
			t.Errorf("%q: got %v, %v", text, r, err)
			continue
		}
		out, err := r.MarshalText()
		if err != nil || again.UnmarshalText(out) != nil || again.String() != want {
			t.Errorf("%q does not survive a round trip: %q, %v", text, out, again)
		}
	}
	for _, text := range []string{
		"", "PUBLIC", "users", "scope", "scope:", "scope: a", "scope:a b", `scope:a"b`, "role:", "role:a\r\nb",
		"admin:x", ":x", "all(user)",
	} {
		r := User
		if err := r.UnmarshalText([]byte(text)); err == nil || r.String() != "user" {
			t.Errorf("%q is accepted, or changed the rule: %v, %v", text, r, err)
		}
	}
	if s := All(Role("x"), Any(Public, Scope("y"))).String(); s != "all(role x, any(public, scope y))" {
		t.Error(s)
	}
}

func TestMistakesPanic(t *testing.T) {
	for name, mistake := range map[string]func(){
		"All": func() { All() }, "Any": func() { Any() }, "Scope": func() { Scope("") },
		"quote": func() { Scope(`a"`) }, "Role": func() { Role("a\r\n") },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s does not panic", name)
				}
			}()
			mistake()
		}()
	}
}

func TestRulesAreNotShared(t *testing.T) {
	rules := []Rule{User}
	r := All(rules...)
	rules[0] = Public
	if r.Check(nil) == nil {
		t.Error("a rule changed after it was made")
	}
}
