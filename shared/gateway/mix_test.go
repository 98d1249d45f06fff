package gateway_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/facet-bff/facet/shared/gateway"
)

const personal = `
services:
  legacy: {url: '%s', cache: {ttl: 1m}, connections: {max_conns: 64}, limit: {concurrent: 64, queue: 1000, max_wait: 20s}, timeout: {default: 20s}}
routes:
  - name: everything
    service: legacy
    match: {prefix: /, methods: [GET]}
    access: public
    query: ["*"]
    request: {allow: [Authorization, Cookie, X-Api-Key]}
`

// A teller is a service that says in its answers for whom they are, and at some paths how
// they may be kept.
type teller struct{ asked atomic.Int64 }

func (s *teller) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.asked.Add(1)
	for path, control := range map[string]string{
		"/fresh": "max-age=60", "/private": "private, max-age=60", "/never": "no-store", "/vary": "max-age=60",
	} {
		if r.URL.Path == path {
			w.Header().Set("Cache-Control", control)
		}
	}
	if r.URL.Path == "/vary" {
		w.Header().Set("Vary", "*")
	}
	_, _ = io.WriteString(w, r.URL.RequestURI()+" for "+said(r.Header))
}

// said is who a request says that it is of.
func said(h http.Header) string {
	var who []string
	for _, name := range []string{"Authorization", "Cookie", "X-Api-Key", "X-User-Id"} {
		who = append(who, h[name]...)
	}
	return strings.Join(who, ",")
}

// personally is a gateway over real connections, to it and to its service.
func personally(t *testing.T, service http.Handler) (url string) {
	t.Helper()
	server := httptest.NewServer(service)
	t.Cleanup(server.Close)
	def := define(fmt.Sprintf(personal, server.URL))
	c, err := gateway.Load(def, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	g, err := gateway.New(def, c, gateway.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	front := httptest.NewServer(g.Handler())
	t.Cleanup(front.Close)
	return front.URL
}

// Two hundred people, who say in different ways who they are or only pretend to, ask for the
// same at the same time. Each gets what is theirs.
func TestEachAnswerIsItsAskers(t *testing.T) {
	const people, requests = 200, 10
	url := personally(t, &teller{})
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: people}, Timeout: 3 * soon}
	defer client.CloseIdleConnections()
	var all sync.WaitGroup
	var wrong atomic.Int64
	for i := range people {
		name := []string{"Authorization", "Cookie", "X-Api-Key", "X-User-Id"}[i%4]
		me := []string{"Basic user%d", "session=user%d", "user%d", "user%d"}[i%4]
		me = fmt.Sprintf(me, i)
		all.Go(func() {
			for n := range requests {
				path := []string{"/silent", "/fresh", "/private", "/never", "/vary"}[(n+i)%5]
				r, _ := http.NewRequest(http.MethodGet, url+path, http.NoBody)
				r.Header.Set(name, me)
				want := path + " for " + me
				if name == "X-User-Id" { // which says nothing: the gateway takes it away
					want = path + " for "
				}
				res, err := client.Do(r)
				if err != nil {
					t.Error(err)
					return
				}
				body, err := io.ReadAll(res.Body)
				if _ = res.Body.Close(); err != nil || string(body) != want {
					if wrong.Add(1) < 5 {
						t.Errorf("%s: %s got %q, %v", path, me, body, err)
					}
				}
			}
		})
	}
	all.Wait()
}

// Web cache deception: nothing of Alice's is kept for having a path like a file's.
func TestAliceIsNotKeptForMallory(t *testing.T) {
	for _, path := range []string{"/me/x.css", "/me;x.js", "/me%2f.css", "/me?.js", "/me.css", "/me/%2e%2e/x.css"} {
		for _, control := range []string{"", "max-age=60", "private"} {
			for _, name := range []string{"Authorization", "Cookie", "X-Api-Key"} {
				asked := 0
				h := cached(t, fmt.Sprintf(personal, "http://l"), map[string]http.HandlerFunc{"legacy": func(w http.ResponseWriter, r *http.Request) {
					asked++
					if control != "" {
						w.Header().Set("Cache-Control", control)
					}
					_, _ = io.WriteString(w, "for "+said(r.Header))
				}})
				alice := do(h, "GET", path, name, "Basic alice")
				mallory, nobody := do(h, "GET", path, name, "Basic mallory"), do(h, "GET", path)
				if strings.Contains(mallory.Body.String()+nobody.Body.String(), "alice") {
					t.Errorf("%s, %q by %s: %s, %s", path, control, name, mallory.Body, nobody.Body)
				}
				if alice.Code == http.StatusOK && (asked != 3 || alice.Body.String() != "for Basic alice") || alice.Code != http.StatusOK && alice.Code != http.StatusBadRequest {
					t.Errorf("%s, %q by %s: %d %s, asked %d times", path, control, name, alice.Code, alice.Body, asked)
				}
			}
		}
	}
}

// Cache poisoning: whatever comes before, the next client gets what it would have got without.
func TestNothingSpoilsWhatIsKept(t *testing.T) {
	const clean = "/x?a=1"
	fresh := func() http.Handler {
		return cached(t, cachedRoutes, map[string]http.HandlerFunc{"legacy": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "public, max-age=60")
			for _, name := range []string{"X-Request-Id", "Traceparent", "X-Request-Timeout"} {
				r.Header.Del(name) // which are of each request
			}
			_, _ = fmt.Fprintf(w, "%s %s %v, body: %v", r.Method, r.URL.RequestURI(), r.Header, r.Body != nil && r.Body != http.NoBody)
		}})
	}
	want := do(fresh(), "GET", clean).Body.String()
	if !strings.HasPrefix(want, "GET "+clean+" ") {
		t.Fatal(want)
	}
	attack := func(target, body string, pairs ...string) *http.Request {
		r := httptest.NewRequest("GET", target, strings.NewReader(body))
		for i := 0; i < len(pairs); i += 2 {
			r.Header.Add(pairs[i], pairs[i+1])
		}
		return r
	}
	host := attack(clean, "")
	host.Host = "evil.example"
	for _, r := range []*http.Request{
		host,
		attack(clean, "a=evil"), attack(clean, "", "X-Original-Url", "/evil"), attack(clean, "", "X-Rewrite-Url", "/evil"),
		attack(clean, "", "X-Forwarded-Host", "evil.example"), attack(clean, "", "X-Forwarded-Proto", "evil"),
		attack(clean, "", "X-Forwarded-Prefix", "/evil"), attack(clean, "", "X-Forwarded-For", "6.6.6.6"),
		attack(clean, "", "Forwarded", "host=evil.example"), attack(clean, "", "X-Http-Method-Override", "DELETE"),
		attack(clean+";a=evil", ""), attack(clean+"&a=evil", ""), attack(clean+"&%61=evil", ""), attack(clean+"%26a=evil", ""),
		attack(clean+"&utm=1;a=evil", ""), attack(clean+"&utm=evil", ""), attack("/x?utm=1&a=1&a=evil", ""), attack("/x?A=evil&a=1", ""),
		attack("/x?a=evil&a=1", ""), attack("/x?a=1&b", ""), attack("/x?a=1&&b=evil", ""), attack("/X?a=1", ""), attack("/x/?a=1", ""),
	} {
		h := fresh()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if got := do(h, "GET", clean).Body.String(); got != want {
			t.Errorf("after %s %v: %s\nwant %s", r.URL, r.Header, got, want)
		}
		if w.Code != http.StatusOK && w.Code != http.StatusBadRequest {
			t.Errorf("%s %v: %d", r.URL, r.Header, w.Code)
		}
	}
}
