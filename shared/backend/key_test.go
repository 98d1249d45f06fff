package backend_test

import (
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"

	"github.com/facet-bff/facet/shared/backend"
)

// sameView reports whether the service sees the same, for the same caller: this is what
// equal keys must mean, in both directions.
func sameView(a, b *backend.Request) bool {
	lines := func(h http.Header) http.Header {
		h = maps.Clone(h)
		maps.DeleteFunc(h, func(_ string, values []string) bool { return len(values) == 0 })
		return h
	}
	return a.Service == b.Service && a.Method == b.Method && a.Path == b.Path && a.Caller == b.Caller &&
		string(a.Body) == string(b.Body) && maps.EqualFunc(lines(a.Header), lines(b.Header), slices.Equal)
}

// random makes requests of so few parts that many are equal, and parts of such text that
// they could run together.
func random(r *rand.Rand) *backend.Request {
	pick := func() string { return []string{"", "A", "B", "1:A", "A1:B", "0:"}[r.IntN(6)] }
	req := &backend.Request{Service: pick(), Method: pick(), Path: pick(), Caller: pick(), Body: []byte(pick())}
	if r.IntN(3) > 0 { // most differ in their headers only
		req = &backend.Request{Path: pick()}
	}
	req.Header = http.Header{}
	for range r.IntN(3) {
		values := make([]string, r.IntN(3))
		for i := range values {
			values[i] = pick()
		}
		req.Header[pick()] = values
	}
	return req
}

func TestKeysAreEqualIffTheServiceSeesTheSame(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	equal := 0
	for range 20_000 {
		a, b := random(r), random(r)
		same := sameView(a, b)
		if same {
			equal++
		}
		if (a.Key() == b.Key()) != same {
			t.Fatalf("keys %q and %q of\n%+v\n%+v", a.Key(), b.Key(), a, b)
		}
	}
	if equal < 10 {
		t.Errorf("only %d pairs were equal", equal)
	}
}

// What the service does not see is not in the key: another instance's answer is as good.
func TestKeyLeavesOutWhatTheServiceDoesNotSee(t *testing.T) {
	a := &backend.Request{Service: "s", Op: "a", Base: "http://one", Path: "/", Safe: true}
	b := &backend.Request{Service: "s", Op: "a", Base: "http://two", Path: "/"}
	if a.Key() != b.Key() {
		t.Errorf("%q and %q", a.Key(), b.Key())
	}
}

// An operation cuts an answer to what it reads, so another's is not good enough.
func TestKeySeparatesOperations(t *testing.T) {
	a := &backend.Request{Service: "s", Op: "a", Path: "/", Safe: true}
	b := &backend.Request{Service: "s", Op: "b", Path: "/", Safe: true}
	if a.Key() == b.Key() {
		t.Errorf("both are %q", a.Key())
	}
}

func FuzzKey(f *testing.F) {
	f.Add("s", "/a", "c", "{}", "X-A", "v", "s", "/a", "c", "{}", "X-A", "v")
	f.Add("", "1:A", "", "", "A", "B", "", "", "1:A", "", "A1:B", "")
	f.Add("a", "", "", "", "", "", "", "a", "", "", "", "")
	f.Fuzz(func(t *testing.T, s1, p1, c1, b1, n1, v1, s2, p2, c2, b2, n2, v2 string) {
		a := &backend.Request{Service: s1, Path: p1, Caller: c1, Body: []byte(b1), Header: http.Header{n1: {v1}}}
		b := &backend.Request{Service: s2, Path: p2, Caller: c2, Body: []byte(b2), Header: http.Header{n2: {v2}}}
		if (a.Key() == b.Key()) != sameView(a, b) {
			t.Errorf("%q and %q", a.Key(), b.Key())
		}
		changed := *b // a copy has a key of its own
		changed.Header = http.Header{n2: {v2, v1}}
		if (a.Key() == changed.Key()) != sameView(a, &changed) {
			t.Errorf("%q and %q", a.Key(), changed.Key())
		}
	})
}
