package policy

import (
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"

	"github.com/facet-bff/facet/shared/backend"
)

// alike are requests of so few parts that many are equal, and parts of such text that they
// could run together.
func alike(r *rand.Rand) *backend.Request {
	pick := func() string { return []string{"", "A", "B", "1:A", "A1:B", "0:"}[r.IntN(6)] }
	req := &backend.Request{Method: http.MethodGet, Safe: true, Path: pick()}
	if r.IntN(4) == 0 {
		req.Service, req.Op, req.Caller, req.Body = pick(), pick(), pick(), []byte(pick())
	}
	req.Header = http.Header{}
	for range r.IntN(3) {
		name := []string{"Accept-Language", "X-Plain", "Cookie", "Authorization", "X-Api-Key", "X-Forwarded-Host"}[r.IntN(6)]
		req.Header[name] = append(req.Header[name], pick())
	}
	return req
}

// part is what of the headers f names.
func part(h http.Header, f func(string) bool) http.Header {
	h = maps.Clone(h)
	maps.DeleteFunc(h, func(name string, _ []string) bool { return !f(name) })
	return h
}

// Two requests of an operation have the same places exactly if nothing that the service sees
// tells them apart: shared if nothing but the credentials does, own if those do not either.
func TestPlacesAreTheSameIffTheServiceSeesTheSame(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	k, same := &keeper{}, 0
	plain := func(name string) bool { return !credential(name) }
	for range 50_000 {
		a, b := alike(r), alike(r)
		inA, okA := k.keys(a)
		inB, okB := k.keys(b)
		if !okA || !okB {
			t.Fatalf("%+v or %+v has no keys", a, b)
		}
		asked := a.Service == b.Service && a.Op == b.Op && a.Path == b.Path && string(a.Body) == string(b.Body) &&
			maps.EqualFunc(part(a.Header, plain), part(b.Header, plain), slices.Equal)
		who := a.Caller == b.Caller && maps.EqualFunc(part(a.Header, credential), part(b.Header, credential), slices.Equal)
		anonymous := func(req *backend.Request) bool { return req.Caller == "" && len(part(req.Header, credential)) == 0 }
		if (inA.shared == inB.shared) != asked {
			t.Fatalf("shared keys %q and %q of\n%+v\n%+v", inA.shared, inB.shared, a, b)
		}
		if (inA.own == "") != anonymous(a) || !anonymous(a) && (inA.own == inB.own) != (asked && who) {
			t.Fatalf("own keys %q and %q of\n%+v\n%+v", inA.own, inB.own, a, b)
		}
		if asked && who {
			same++
		}
	}
	if same < 100 {
		t.Errorf("only %d pairs were equal", same)
	}
}

func TestWhichHeadersAreCredentials(t *testing.T) {
	for name, want := range map[string]bool{
		"Authorization": true, "Proxy-Authorization": true, "Cookie": true, "X-Api-Key": true, "Apikey": true,
		"X-Auth-Request-Email": true, "X-Csrf-Token": true, "X-Session-Id": true, "X-Amz-Security-Token": true,
		"X-Signature": true, "X-Tenant": true, "X-Org-Id": true, "X-User-Id": true, "X-Account": true, "X-Jwt-Payload": true,

		"Accept": false, "Accept-Language": false, "User-Agent": false, "Content-Type": false, "If-None-Match": false,
		"X-Request-Id": false, "X-Device": false, "X-App-Version": false, "Traceparent": false,
	} {
		if got := credential(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
