package e2e_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestWhatIsNotThere(t *testing.T) {
	mobile, web, admin := start(t, "bff-mobile"), start(t, "bff-web"), start(t, "bff-admin")
	ada, support := as(t, "user=u1"), as(t, "user=u2&role=support")
	for _, test := range []struct {
		url  string
		user option
	}{
		{mobile.url + "/v1/products/p99999", ada}, {mobile.url + "/v1/orders/o99999", ada},
		{web.url + "/api/products/nope", ada}, {web.url + "/api/orders/nope", ada},
		{admin.url + "/v1/customers/u99999", support},
		{mobile.url + "/", ada}, {mobile.url + "/v1/nope", ada}, {web.url + "/v1/home", ada}, {admin.url + "/api/home", support},
	} {
		if a := get(t, test.url, test.user); a.status != 404 {
			t.Errorf("GET %s: status %d", test.url, a.status)
		} else {
			a.problem(t)
		}
	}
}

// Nobody learns from the answer whether an order that is not theirs exists.
func TestOthersOrdersAreNotThere(t *testing.T) {
	for name, base := range map[string]string{"bff-mobile": "/v1/orders/", "bff-web": "/api/orders/"} {
		g := start(t, name)
		stranger := as(t, "user=u33")
		others, missing := get(t, g.url+base+"o200", stranger), get(t, g.url+base+"o99999", stranger)
		a, b := others.problem(t), missing.problem(t)
		a.Instance, b.Instance = "", ""
		if others.status != 404 || fmt.Sprint(a) != fmt.Sprint(b) {
			t.Errorf("%s: another's order is %+v, a missing one %+v", name, a, b)
		}
	}
}

func TestUnauthenticated(t *testing.T) {
	mobile := start(t, "bff-mobile")
	valid := token(t, "user=u1")
	tests := []struct {
		name, authorization string
		challenge           string // in WWW-Authenticate
	}{
		{"missing", "", `Bearer realm="facet"`},
		{"another scheme", "Basic dTE6ZGVtbw==", `Bearer realm="facet"`},
		{"malformed", "Bearer nonsense", "the token is malformed"},
		{"tampered with", "Bearer " + valid[:len(valid)-8] + "AAAAAAAA", "the signature is not valid"},
		{"expired", "Bearer " + token(t, "user=u1&ttl=-1h"), "the token has expired"},
		{"wrong audience", "Bearer " + token(t, "user=u1&aud=other"), "the audience is not accepted"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var options []option
			if test.authorization != "" {
				options = append(options, header("Authorization", test.authorization))
			}
			a := get(t, mobile.url+"/v1/cart", options...)
			a.problem(t)
			if got := a.header.Get("WWW-Authenticate"); a.status != 401 || !strings.HasPrefix(got, "Bearer ") || !strings.Contains(got, test.challenge) {
				t.Errorf("status %d, WWW-Authenticate %q, want %q", a.status, got, test.challenge)
			}
			if strings.Contains(a.body, valid[:20]) {
				t.Errorf("the answer has the token: %s", a.body)
			}
		})
	}
	for _, algorithm := range []string{"RS256", "ES256", "EdDSA"} {
		ok(t, mobile.url+"/v1/cart", as(t, "user=u1&alg="+algorithm))
	}
	if a := get(t, mobile.url+"/v1/products/p1", bearer(token(t, "ttl=-1h"))); a.status != 401 {
		t.Errorf("an expired token where none is needed: status %d", a.status)
	}
}

func TestForbidden(t *testing.T) {
	mobile, admin := start(t, "bff-mobile"), start(t, "bff-admin")
	for _, test := range []struct{ method, url, token string }{
		{"POST", mobile.url + "/v1/orders", "user=u1"},
		{"POST", mobile.url + "/v1/orders", "user=u1&scope=orders:read"},
		{"GET", admin.url + "/v1/customers/u1", "user=u1"},
		{"GET", admin.url + "/v1/orders", "user=u1&scope=support&role=admin"},
	} {
		a := send(t, test.method, test.url, as(t, test.token))
		a.problem(t)
		if a.status != 403 {
			t.Errorf("%s %s as %s: status %d", test.method, test.url, test.token, a.status)
		}
	}
	wantCalls(t, map[string]int{})
}

func TestBadRequestsNameEachField(t *testing.T) {
	mobile, admin := start(t, "bff-mobile"), start(t, "bff-admin")
	user, support := as(t, "user=u1"), as(t, "user=u2&role=support")
	cart := mobile.url + "/v1/cart/items/p1"
	tests := []struct {
		name string
		send func() answer
		want []string // in and where
	}{
		{"unknown field", func() answer { return put(t, cart, user, `{"quantity":1,"colour":"red"}`) }, []string{"body /colour"}},
		{"wrong type", func() answer { return put(t, cart, user, `{"quantity":"two"}`) }, []string{"body /quantity"}},
		{"fraction", func() answer { return put(t, cart, user, `{"quantity":1.5}`) }, []string{"body /quantity"}},
		{"rule", func() answer { return put(t, cart, user, `{"quantity":100}`) }, []string{"body /quantity"}},
		{"missing", func() answer { return put(t, cart, user, `{}`) }, []string{"body /quantity"}},
		{"several", func() answer { return put(t, cart, user, `{"a":1,"quantity":[],"b":{}}`) }, []string{"body /a", "body /b", "body /quantity"}},
		{"given twice", func() answer { return put(t, cart, user, `{"quantity":1,"quantity":2}`) }, []string{"body /quantity"}},
		{"trailing garbage", func() answer { return put(t, cart, user, `{"quantity":1} x`) }, []string{"body "}},
		{"no JSON", func() answer { return put(t, cart, user, `quantity=1`) }, []string{"body "}},
		{"too deep", func() answer {
			return put(t, cart, user, `{"quantity":`+strings.Repeat("[", 100)+strings.Repeat("]", 100)+`}`)
		}, nil},
		{"query", func() answer { return get(t, mobile.url+"/v1/search?limit=51&offset=-1") }, []string{"query limit", "query offset"}},
		{"query of wrong type", func() answer { return get(t, mobile.url+"/v1/search?limit=x&offset=y") }, []string{"query limit", "query offset"}},
		{"query of wrong type and a rule", func() answer { return get(t, mobile.url+"/v1/search?limit=x&offset=-1") }, []string{"query limit", "query offset"}},
		{"path", func() answer { return get(t, mobile.url+"/v1/products/"+strings.Repeat("p", 33)) }, []string{"path sku"}},
		{"time", func() answer { return get(t, admin.url+"/v1/orders?from=yesterday&status=lost", support) }, []string{"query from", "query status"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := test.send()
			var got []string
			for _, e := range a.problem(t).Errors {
				got = append(got, e.place())
			}
			slices.Sort(got)
			if a.status != 400 || test.want != nil && !slices.Equal(got, test.want) || len(got) == 0 {
				t.Errorf("status %d, errors %q, want %q\n%s", a.status, got, test.want, a.body)
			}
		})
	}
	wantCalls(t, map[string]int{})
}

func put(t *testing.T, address string, user option, body string) answer {
	t.Helper()
	return send(t, http.MethodPut, address, user, jsonBody(body))
}

func TestRefusedBodiesAndMethods(t *testing.T) {
	mobile := start(t, "bff-mobile")
	user := as(t, "user=u1")
	cart := mobile.url + "/v1/cart/items/p1"
	large := `{"quantity":1,"note":"` + strings.Repeat("x", 1<<20) + `"}`
	chunked := func(r *http.Request) { r.ContentLength = -1 }
	tests := []struct {
		name string
		a    answer
		want int
	}{
		{"too large", put(t, cart, user, large), 413},
		{"too large, of unknown length", send(t, "PUT", cart, user, jsonBody(large), chunked), 413},
		{"not JSON by type", send(t, "PUT", cart, user, jsonBody(`{"quantity":1}`), func(r *http.Request) {
			r.Header.Set("Content-Type", "text/plain")
		}), 415},
		{"no type", send(t, "PUT", cart, user, jsonBody(`{"quantity":1}`), func(r *http.Request) { r.Header.Del("Content-Type") }), 415},
		{"compressed", send(t, "PUT", cart, user, jsonBody(`{"quantity":1}`), header("Content-Encoding", "gzip")), 415},
		{"wrong method", send(t, "DELETE", mobile.url+"/v1/products/p1"), 405},
	}
	for _, test := range tests {
		if test.a.problem(t); test.a.status != test.want {
			t.Errorf("%s: status %d, want %d", test.name, test.a.status, test.want)
		}
	}
	if allow := tests[5].a.header.Get("Allow"); !strings.Contains(allow, "GET") || strings.Contains(allow, "DELETE") {
		t.Errorf("Allow is %q", allow)
	}
	for method := range strings.SplitSeq(tests[5].a.header.Get("Allow"), ", ") {
		if a := send(t, method, mobile.url+"/v1/products/p1"); a.status >= 400 {
			t.Errorf("%s is in Allow: status %d", method, a.status)
		}
	}
}

// Whoever says in a header to be somebody is nobody.
func TestSpoofedIdentity(t *testing.T) {
	mobile := start(t, "bff-mobile")
	spoofed := []option{
		header("X-User-Id", "u1"), header("X-User", "u1"), header("X-Roles", "support"), header("X-Forwarded-User", "u1"),
		header("X-Authenticated-User", "u1"), header("Remote-User", "u1"),
	}
	if a := get(t, mobile.url+"/v1/cart", spoofed...); a.status != 401 {
		t.Errorf("status %d", a.status)
	}
	own, other := ok(t, mobile.url+"/v1/cart", as(t, "user=u3")), ok(t, mobile.url+"/v1/cart", append(spoofed, as(t, "user=u3"))...)
	if own.body != other.body {
		t.Errorf("the headers changed the answer:\n%s\n%s", own.body, other.body)
	}
}
