package identity

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// size counts what v remembers.
func size(v *JWT) int {
	m := v.keys.known
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.young) + len(m.old)
}

// TestRememberedAndVerifiedAgree asks a verifier that remembers and one that does not, at
// every moment at which something may change.
func TestRememberedAndVerifiedAgree(t *testing.T) {
	after := func(seconds float64) string { return fmt.Sprintf("%f", float64(time.Now().Unix())+seconds) }
	for name, changes := range map[string]func() []string{
		"exp":          func() []string { return []string{"exp", after(60)} },
		"exp fraction": func() []string { return []string{"exp", after(60.9)} },
		"nbf":          func() []string { return []string{"nbf", after(45), "exp", after(60)} },
		"nbf fraction": func() []string { return []string{"nbf", after(45.9), "exp", after(60)} },
		"nbf 0":        func() []string { return []string{"nbf", "0", "exp", after(60)} },
		"iat":          func() []string { return []string{"iat", after(45), "exp", after(60)} },
		"iat and nbf":  func() []string { return []string{"iat", after(40), "nbf", after(50), "exp", after(60)} },
		"no iat":       func() []string { return []string{"iat", "", "exp", after(60)} },
		"never valid":  func() []string { return []string{"nbf", after(90), "exp", after(20)} },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := newIssuer(published())
				cfg := testConfig("https://idp.example/keys")
				cfg.Cache.MaxTokens = 0
				remembers, verifies := inBubble(t, i), start(t, cfg, &http.Client{Transport: i})
				synctest.Wait()
				token := signed(claims(changes()...))
				for range 95 {
					for _, step := range []time.Duration{0, 1, time.Second - 2, 1} {
						time.Sleep(step)
						_, got := remembers.Verify(t.Context(), token)
						_, want := verifies.Verify(t.Context(), token)
						if fmt.Sprint(got) != fmt.Sprint(want) {
							t.Fatalf("at %v: %v, and without a memory %v", time.Now(), got, want)
						}
					}
				}
			})
		})
	}
}

func TestWhenATokenHolds(t *testing.T) {
	cfg := testConfig("https://idp.example/keys")
	for _, tt := range []struct {
		claims      jwt.MapClaims
		from, until int64
	}{
		{jwt.MapClaims{"exp": 500.0, "nbf": 300.9}, 270, 530},
		{jwt.MapClaims{"exp": 500.9, "iat": 200.0, "nbf": 300.0}, 270, 530},
		{jwt.MapClaims{"exp": 500.0, "iat": 400.0, "nbf": 300.0}, 370, 530},
	} {
		tt.claims["sub"] = "u1"
		got, err := cfg.read(tt.claims)
		if err != nil || got.from.Unix() != tt.from || got.until.Unix() != tt.until {
			t.Errorf("%v: %v, %v", tt.claims, got, err)
		}
	}
}

// TestClockSetBack cannot be asked of a verifier: its clock is the system's.
func TestClockSetBack(t *testing.T) {
	m, now := newMemory(10), time.Unix(1000, 0)
	d, _ := m.recall("t", now)
	m.remember(d, &verified{from: now, until: now.Add(time.Second)})
	for _, tt := range []struct {
		at   time.Duration
		want bool
	}{{-1, false}, {0, true}, {time.Second - 1, true}, {time.Second, false}, {0, true}} {
		if _, v := m.recall("t", now.Add(tt.at)); (v != nil) != tt.want {
			t.Errorf("after %v: recalled %v", tt.at, v != nil)
		}
	}
}

func TestMemoryEndsWithItsKeys(t *testing.T) {
	for name, tt := range map[string]struct {
		next string // the keys that are published later
		want reason // empty where the token is still good
	}{
		"withdrawn":            {keySet(jwk("next", "", otherEd().Public())), unknownKey},
		"another with its id":  {keySet(jwk("ed", "", otherEd().Public())), badSignature},
		"for other algorithms": {strings.ReplaceAll(published(), `"EdDSA"`, `"ES256"`), unknownKey},
		"one more":             {keySet(jwk("ed", "", edKey().Public()), jwk("next", "", otherEd().Public())), ""},
		"the same":             {published(), ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := newIssuer(published())
				v := inBubble(t, i)
				synctest.Wait()
				token, former := signed(claims()), v.keys.known
				if _, err := v.Verify(t.Context(), token); err != nil || size(v) != 1 {
					t.Fatalf("%v; %d remembered", err, size(v))
				}
				i.publish(tt.next)
				time.Sleep(10 * time.Second) // retry_interval
				_, _ = v.Verify(t.Context(), renewed("unknown"))
				if kept := v.keys.known == former; kept != (name == "the same") {
					t.Errorf("kept: %v", kept)
				}
				p, err := v.Verify(t.Context(), token)
				if tt.want != "" {
					wantRefused(t, p, err, tt.want, token)
				} else if err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// TestKeysChangeDuringVerification stands between the lookup and what follows it.
func TestKeysChangeDuringVerification(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(published())
		v := inBubble(t, i)
		synctest.Wait()
		token := signed(claims())
		known, _ := v.keys.usable(time.Now())
		id, _ := known.recall(token, time.Now())
		found, err := v.verify(t.Context(), made(inspect(token, v.cfg.Algorithms)))
		if err != nil {
			t.Fatal(err)
		}
		i.publish(keySet(jwk("next", "", otherEd().Public())))
		time.Sleep(5 * time.Minute) // refresh_interval
		synctest.Wait()
		known.remember(id, found)
		p, err := v.Verify(t.Context(), token)
		wantRefused(t, p, err, unknownKey, token)
	})
}

func TestNothingIsRecalledWithStaleKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(published())
		cfg := testConfig("https://idp.example/keys")
		cfg.MaxStale = 10 * time.Minute
		v := start(t, cfg, &http.Client{Transport: i})
		synctest.Wait()
		token := signed(claims())
		i.publish("")
		for _, tt := range []struct {
			after time.Duration
			good  bool
		}{{0, true}, {10 * time.Minute, true}, {1, false}} {
			time.Sleep(tt.after)
			p, err := v.Verify(t.Context(), token)
			if !tt.good {
				wantUnavailable(t, p, err)
			} else if err != nil {
				t.Errorf("after %v: %v", tt.after, err)
			}
		}
		i.publish(published())
		time.Sleep(15 * time.Second)
		if _, err := v.Verify(t.Context(), token); err != nil {
			t.Errorf("no recovery: %v", err)
		}
	})
}

func TestMemoryIsBounded(t *testing.T) {
	for _, most := range []int{0, 1, 2, 3, 100, 101} {
		m, now := newMemory(most), time.Unix(1000, 0)
		keep := func(token string) {
			d, found := m.recall(token, now)
			if found == nil {
				m.remember(d, &verified{until: now.Add(time.Hour)})
			}
		}
		keep("wanted")
		lost := 0
		for n := range 20_000 {
			keep(strconv.Itoa(n))
			if _, found := m.recall("wanted", now); found == nil {
				lost++
			}
			if m != nil && len(m.young)+len(m.old) > most {
				t.Fatalf("%d of %d", len(m.young)+len(m.old), most)
			}
		}
		if off := most < 2; off != (m == nil) || off != (lost > 0) {
			t.Errorf("of %d: a token in use was lost %d times", most, lost)
		}
	}
}

func TestOnlySuccessesAreRemembered(t *testing.T) {
	v := awaitReady(t, overLoopback(t, newIssuer(published()), nil))
	for _, tt := range append(append(forgeries(), encodings()...), badClaims()...) {
		for range 2 {
			p, err := v.Verify(t.Context(), tt.token)
			wantRefused(t, p, err, tt.want, tt.token)
		}
	}
	if n := size(v); n != 0 {
		t.Errorf("%d remembered", n)
	}
}

func TestMemoryHoldsNoToken(t *testing.T) {
	v := awaitReady(t, overLoopback(t, newIssuer(published()), nil))
	token := rsToken()
	if _, err := v.Verify(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	for d, found := range v.keys.known.young {
		if d != sha256.Sum256([]byte(token)) || found.principal.token != nil {
			t.Errorf("%x: %v", d, found)
		}
		dump := fmt.Sprintf("%s %q %+v %#v", d[:], d[:], *found, *found)
		for part := range strings.SplitSeq(token, ".") {
			if strings.Contains(dump, part[:8]) {
				t.Errorf("the token is in %s", dump)
			}
		}
	}
	if size(v) != 1 {
		t.Errorf("%d remembered", size(v))
	}
}

func TestEveryByteOfATokenCounts(t *testing.T) {
	m, now, token := newMemory(10), time.Unix(1000, 0), rsToken()
	d, _ := m.recall(token, now)
	m.remember(d, &verified{until: now.Add(time.Second)})
	for i := range token {
		if _, found := m.recall(token[:i]+"~"+token[i+1:], now); found != nil {
			t.Errorf("byte %d of %d does not count", i, len(token))
		}
	}
	for _, other := range []string{"", token[:len(token)-1], token + "A", token + token} {
		if _, found := m.recall(other, now); found != nil {
			t.Errorf("%q is recalled", other)
		}
	}
	if _, found := m.recall(token, now); found == nil {
		t.Error("the token is not recalled")
	}
}

func TestPrincipalsAreApart(t *testing.T) {
	v := awaitReady(t, overLoopback(t, newIssuer(published()), nil))
	token := signed(claims("scope", `"a b c"`, "scp", `["d"]`, "roles", `["r"]`))
	for range 3 {
		p, err := v.Verify(t.Context(), token)
		if err != nil || p.Token() != token || p.Subject != "u1" {
			t.Fatalf("%v, %v", p, err)
		}
		p.Subject = "root"
		if cap(p.Scopes) != 4 || cap(p.Roles) != 1 { // appending would write where others read
			t.Errorf("%v has room for %d, %v for %d", p.Scopes, cap(p.Scopes), p.Roles, cap(p.Roles))
		}
	}
}

func TestVerifyConcurrently(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(published())
		cfg := testConfig("https://idp.example/keys")
		cfg.RetryInterval, cfg.RefreshInterval, cfg.Cache.MaxTokens = time.Second, time.Second, 8
		v := start(t, cfg, &http.Client{Transport: i})
		synctest.Wait()
		tokens := make([]string, 20)
		for n := range tokens {
			tokens[n] = signed(claims("sub", fmt.Sprintf(`"u%d"`, n)))
		}
		var wg sync.WaitGroup
		for n := range 8 {
			wg.Go(func() {
				for k := range 200 {
					at := (n + k) * k % len(tokens)
					p, err := v.Verify(t.Context(), tokens[at])
					if err != nil || p.Subject != fmt.Sprintf("u%d", at) || p.Token() != tokens[at] {
						t.Errorf("%v, %v", p, err)
					}
					time.Sleep(10 * time.Millisecond)
				}
			})
		}
		for range 5 { // each time, the set is another
			time.Sleep(300 * time.Millisecond)
			i.publish(keySet(jwk("ed", "", edKey().Public()), jwk("new", "", newEdKey().Public())))
		}
		wg.Wait()
	})
}

func TestRecallAllocates(t *testing.T) {
	v := awaitReady(t, overLoopback(t, newIssuer(published()), nil))
	h := http.Header{"Authorization": {"Bearer " + rsToken()}}
	n := testing.AllocsPerRun(100, func() {
		if _, err := v.Authenticate(t.Context(), h); err != nil {
			t.Fatal(err)
		}
	})
	if n > 1 { // the principal, with this request's token
		t.Errorf("%v allocations", n)
	}
}

func rsToken() string {
	return sign(jwt.SigningMethodRS256, rsaKey(), `{"alg":"RS256","kid":"rsa"}`,
		claims("scope", `"a b c"`, "roles", `["support"]`, "sid", `"`+strings.Repeat("s", 150)+`"`))
}

func BenchmarkRecall(b *testing.B) {
	v := awaitReady(b, overLoopback(b, newIssuer(published()), nil))
	h := http.Header{"Authorization": {"Bearer " + rsToken()}}
	b.ReportAllocs()
	for b.Loop() {
		_, _ = v.Authenticate(b.Context(), h)
	}
}
