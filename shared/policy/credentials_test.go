package policy

import (
	"net/http"
	"testing"

	"github.com/facet-bff/facet/shared/identity"
)

func principal(issuer, subject, token string) *identity.Principal {
	return (&identity.Principal{Issuer: issuer, Subject: subject}).WithToken(token)
}

func TestCallerCredentials(t *testing.T) {
	alice := principal("https://id", "alice", "t0k3n")
	for _, c := range []struct {
		name   string
		caller *identity.Principal
		want   string
	}{
		{"anonymous", nil, "constant"},
		{"no token", &identity.Principal{Subject: "job"}, "constant"},
		{"caller", alice, "Bearer t0k3n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			service := &stub{}
			req := get()
			req.Header = http.Header{"Authorization": {"constant"}, "Accept": {"text/plain"}}
			_, err := CallerCredentials()(service.send)(identity.NewContext(t.Context(), c.caller), req)
			if err != nil {
				t.Fatal(err)
			}
			got := service.asked[0]
			if v := got.Header.Get("Authorization"); v != c.want {
				t.Errorf("Authorization: %q, want %q", v, c.want)
			}
			if got.Header.Get("Accept") != "text/plain" {
				t.Error("another header was lost")
			}
			if withToken := c.want != "constant"; (got.Caller != "") != withToken {
				t.Errorf("Caller is %q", got.Caller)
			}
			if req.Header.Get("Authorization") != "constant" || req.Caller != "" {
				t.Error("the request itself was changed")
			}
		})
	}
}

func TestCallersAreToldApart(t *testing.T) {
	seen := map[string]int{}
	for i, p := range []*identity.Principal{
		principal("https://id", "alice", "t"),
		principal("https://id", "bob", "t"),
		principal("https://other", "alice", "t"),
		principal("https://id", "alice", "u"),
		principal("https://ida", "lice", "t"),
		principal("https://id", "alicet", ""+"x"),
	} {
		id := callerID(p)
		if other, twice := seen[id]; twice {
			t.Errorf("callers %d and %d have the same id", i, other)
		}
		seen[id] = i
	}
	if i, known := seen[callerID(principal("https://id", "alice", "t"))]; !known || i != 0 {
		t.Error("one caller has two ids")
	}
}
