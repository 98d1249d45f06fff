package identity

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
)

func TestTokenIsNeverPrinted(t *testing.T) {
	p := (&Principal{Subject: "u1", Issuer: "i", Client: "app", Tenant: "t"}).WithToken("eyJsecret")
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "principal", p, "value", *p)
	out := log.String() + string(made(json.Marshal(p))) + //nolint:musttag // whatever is printed, the token is not
		fmt.Sprintf("%v %+v %#v %v %+v %#v", p, p, p, *p, *p, *p)
	if strings.Contains(out, "eyJ") {
		t.Error(out)
	}
	if !strings.Contains(out, "principal.subject=u1") || !strings.Contains(out, "principal.tenant=t") {
		t.Errorf("the log does not name the caller: %s", log.String())
	}
	if p.Token() != "eyJsecret" {
		t.Errorf("Token: %q", p.Token())
	}
}

func TestAnonymous(t *testing.T) {
	p := From(t.Context())
	if p != nil || p.HasScope("") || p.HasRole("") || p.Token() != "" || p.LogValue().String() != "anonymous" {
		t.Errorf("got %v", p)
	}
	if got := From(NewContext(t.Context(), &Principal{Subject: "u1"})); got == nil || got.Subject != "u1" {
		t.Errorf("got %v", got)
	}
}

func TestWithTokenCopies(t *testing.T) {
	p := &Principal{Subject: "u1"}
	if q := p.WithToken("a").WithToken("b"); q.Token() != "b" || p.Token() != "" || q.Subject != "u1" {
		t.Errorf("%q, %q", p.Token(), q.Token())
	}
}

func TestIsIdentityHeader(t *testing.T) {
	stripped := strings.FieldsSeq(`X-User-Id X-User X-User-Anything X-Roles X-Role X-Scopes X-Tenant X-Tenant-Id
		X-Auth-Request-User X-Authenticated-Userid X-Remote-User Remote-User X-Forwarded-User X-Forwarded-Email
		X-Forwarded-Groups X-Forwarded-Preferred-Username X-Forwarded-Access-Token X-Internal-Token X-Client-Cert
		X-Forwarded-Client-Cert SSL-Client-Verify X-SSL-Client-DN X-WebAuth-User X-Principal X-Principal-Name
		X-Subject X-Identity X-Identity-Id X-Consumer-Custom-Id Client-Cert X-Goog-IAP-JWT-Assertion
		X-MS-Client-Principal-Id CF-Access-JWT-Assertion OIDC-Claim-Sub Impersonate-User X-Scope-OrgID`)
	for name := range stripped {
		for _, spelling := range []string{
			name, strings.ToLower(name), strings.ToUpper(name), strings.ReplaceAll(name, "-", "_"),
			strings.ToLower(strings.ReplaceAll(name, "-", "_")), strings.ReplaceAll(name, "-", "."),
			http.CanonicalHeaderKey(name), strings.Replace(name, "-", "_", 1),
		} {
			if !IsIdentityHeader(spelling) {
				t.Errorf("%s passes", spelling)
			}
		}
	}
	for name := range strings.FieldsSeq(`Authorization Accept Cookie User-Agent X-Request-Id X-Forwarded-For
		X-Forwarded-Host X-Forwarded-Proto Traceparent Content-Type If-None-Match Idempotency-Key X-Users`) {
		if IsIdentityHeader(name) {
			t.Errorf("%s is stripped", name)
		}
	}
	if IsIdentityHeader("") || IsIdentityHeader(strings.Repeat("a", 1<<16)) {
		t.Error("an odd name is stripped")
	}
	if n := testing.AllocsPerRun(100, func() { IsIdentityHeader("X-Forwarded-Preferred-Username") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
