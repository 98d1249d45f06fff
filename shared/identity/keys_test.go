package identity

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/golang-jwt/jwt/v5"
)

// renewed is a good token of a key that the issuer publishes only later.
func renewed(id string) string {
	return sign(jwt.SigningMethodEdDSA, otherEd(), `{"alg":"EdDSA","kid":"`+id+`"}`, claims())
}

func wantUnavailable(t *testing.T, p *Principal, err error) {
	t.Helper()
	f := fault.From(err)
	if p != nil || f == nil || f.Kind != fault.Unavailable || f.RetryAfter <= 0 || f.Challenge != "" {
		t.Fatalf("got %v, %v; want unavailable", p, err)
	}
}

func TestRotation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(published())
		v := inBubble(t, i)
		synctest.Wait()
		old, next := signed(claims()), renewed("next")
		p, err := v.Verify(t.Context(), next)
		wantRefused(t, p, err, unknownKey, next)

		i.publish(keySet(jwk("next", "", otherEd().Public())))
		time.Sleep(10 * time.Second) // retry_interval
		if _, err := v.Verify(t.Context(), next); err != nil {
			t.Fatalf("the new key is not accepted: %v", err)
		}
		p, err = v.Verify(t.Context(), old)
		wantRefused(t, p, err, unknownKey, old)
	})
}

func TestWithdrawnKeyIsRefusedAfterRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(published())
		v := inBubble(t, i)
		synctest.Wait()
		i.publish(keySet(jwk("next", "", otherEd().Public())))
		token := signed(claims())
		if _, err := v.Verify(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Minute) // refresh_interval
		synctest.Wait()
		p, err := v.Verify(t.Context(), token)
		wantRefused(t, p, err, unknownKey, token)
	})
}

func TestUnknownKeyFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(published())
		v := inBubble(t, i)
		synctest.Wait()
		good := signed(claims())
		for second := range 60 {
			var wg sync.WaitGroup
			for n := range 15 {
				wg.Go(func() {
					token := renewed(fmt.Sprintf("k%d-%d", second, n))
					p, err := v.Verify(t.Context(), token)
					wantRefused(t, p, err, unknownKey, token)
				})
			}
			began := time.Now()
			if _, err := v.Verify(t.Context(), good); err != nil || time.Since(began) != 0 {
				t.Errorf("a good token took %v: %v", time.Since(began), err)
			}
			wg.Wait()
			time.Sleep(time.Second)
		}
		if hits := i.hits.Load(); hits > 7 { // the first, and one in each ten seconds
			t.Errorf("%d fetches in a minute", hits)
		}
	})
}

func TestIssuerDownAtStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer("")
		v := inBubble(t, i)
		synctest.Wait()
		if err := v.Ready(); err == nil || !strings.Contains(err.Error(), "https://idp.example/keys") {
			t.Errorf("Ready: %v", err)
		}
		token := signed(claims())
		p, err := v.Verify(t.Context(), token)
		wantUnavailable(t, p, err)
		p, err = v.Verify(t.Context(), "x")
		wantRefused(t, p, err, malformed, "x")

		i.publish(published())
		time.Sleep(time.Second)
		synctest.Wait()
		if err := v.Ready(); err != nil {
			t.Errorf("not ready after recovery: %v", err)
		}
		if _, err := v.Verify(t.Context(), token); err != nil {
			t.Error(err)
		}
	})
}

func TestRetriesAreSpaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer("")
		inBubble(t, i)
		time.Sleep(time.Minute)
		if hits := i.hits.Load(); hits < 8 || hits > 12 { // 0, 1, 3, 7, 15 and each ten seconds
			t.Errorf("%d fetches in a minute", hits)
		}
	})
}

func TestLastGoodKeysUntilStale(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"500":       func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"HTML":      func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>welcome</html>") },
		"empty set": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"keys":[]}`) },
		"no set":    func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{}`) },
		"hangs":     func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"oversize": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, strings.Repeat(" ", maxKeysBytes)+published())
		},
		"101 keys": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"keys":[{}`+strings.Repeat(",{}", maxKeys)+`]}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := newIssuer(published())
				cfg := testConfig("https://idp.example/keys")
				cfg.MaxStale = 10 * time.Minute
				v := start(t, cfg, &http.Client{Transport: i})
				synctest.Wait()
				i.serve(h)
				time.Sleep(9 * time.Minute)
				if _, err := v.Verify(t.Context(), signed(claims())); err != nil {
					t.Fatalf("the last good keys are not used: %v", err)
				}
				p, err := v.Verify(t.Context(), renewed("unknown"))
				wantUnavailable(t, p, err)
				time.Sleep(2 * time.Minute)
				p, err = v.Verify(t.Context(), signed(claims()))
				wantUnavailable(t, p, err)

				i.publish(published())
				time.Sleep(15 * time.Second)
				if _, err := v.Verify(t.Context(), signed(claims())); err != nil {
					t.Errorf("no recovery: %v", err)
				}
			})
		})
	}
}

func TestHungIssuerDelaysOnlyABit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(published())
		v := inBubble(t, i)
		time.Sleep(11 * time.Second)
		i.serve(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		began := time.Now()
		p, err := v.Verify(t.Context(), renewed("unknown"))
		wantUnavailable(t, p, err)
		if took := time.Since(began); took > patience {
			t.Errorf("took %v", took)
		}
	})
}

func TestAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(published())
		v := inBubble(t, i)
		synctest.Wait()
		v.Close()
		time.Sleep(time.Hour)
		if _, err := v.Verify(t.Context(), signed(claims())); err != nil {
			t.Errorf("the keys are lost: %v", err)
		}
		began := time.Now()
		token := renewed("unknown")
		p, err := v.Verify(t.Context(), token)
		wantRefused(t, p, err, unknownKey, token)
		if time.Since(began) != 0 || i.hits.Load() != 1 {
			t.Errorf("waited %v, %d fetches", time.Since(began), i.hits.Load())
		}
	})
}

func TestCloseEndsAFetch(t *testing.T) {
	i := newIssuer("")
	reached := make(chan struct{})
	i.serve(func(_ http.ResponseWriter, r *http.Request) { close(reached); <-r.Context().Done() })
	v := overLoopback(t, i, func(c *Config) { c.FetchTimeout = time.Minute })
	<-reached
	v.Close()
	if v.Ready() == nil {
		t.Error("ready without keys")
	}
}

func TestUnusableKeysAreLeftOut(t *testing.T) {
	weak := made(rsa.GenerateKey(rand.Reader, 1024))
	enc := jwk("enc", "", otherEd().Public())
	enc.USE = jwkset.UseEnc
	ops := jwk("ops", "", otherEd().Public())
	ops.KEYOPS = []jwkset.KEYOPS{jwkset.KeyOpsSign}
	secret := jwkset.JWKMarshal{KTY: "oct", KID: "oct", K: encode("secret")}
	other := jwk("alg", "", otherEd().Public())
	other.ALG = "ES256"
	private := jwk("private", "", otherEd().Public())
	private.D = encode(string(otherEd().Seed()))
	set := keySet(jwk("weak", "", weak.Public()), enc, ops, secret, other, private, jwk("ed", "", edKey().Public()))
	set = strings.Replace(set, `{"keys":[`, `{"keys":[7,{"kty":"lattice"},`, 1)
	v := awaitReady(t, overLoopback(t, newIssuer(set), nil))

	if _, err := v.Verify(t.Context(), signed(claims())); err != nil {
		t.Error(err)
	}
	tokens := []string{
		sign(jwt.SigningMethodRS256, weak, `{"alg":"RS256","kid":"weak"}`, claims()),
		renewed("enc"), renewed("ops"), renewed("alg"), renewed("private"),
	}
	for _, token := range tokens {
		p, err := v.Verify(t.Context(), token)
		wantRefused(t, p, err, unknownKey, token)
	}
}

// TestKeysAreForOneAlgorithm is of signatures that are right, by an algorithm that the key is
// not for. The library minds neither what the key says of itself nor, for ES*, its curve.
func TestKeysAreForOneAlgorithm(t *testing.T) {
	set := keySet(jwk("ec", "", ecKey().Public()), jwk("rsa", "RS256", rsaKey().Public()))
	v := awaitReady(t, overLoopback(t, newIssuer(set), func(c *Config) {
		c.Algorithms = []string{"RS256", "RS512", "PS256", "ES256", "ES512"}
	}))
	wide := func(header string) string {
		text := encode(header) + "." + encode(claims())
		s := made((&jwt.SigningMethodECDSA{Name: "ES512", Hash: crypto.SHA512, KeySize: 66, CurveBits: 256}).Sign(text, ecKey()))
		zeros := strings.Repeat("\x00", 66-32)
		return text + "." + encode(zeros+string(s[:32])+zeros+string(s[32:]))
	}
	for want, tokens := range map[reason][]string{
		badSignature: {
			wide(`{"alg":"ES512","kid":"ec"}`),
			sign(jwt.SigningMethodRS512, rsaKey(), `{"alg":"RS512","kid":"rsa"}`, claims()),
			sign(jwt.SigningMethodPS256, rsaKey(), `{"alg":"PS256","kid":"rsa"}`, claims()),
		},
		unknownKey: { // of no key that there is, for no id is named
			wide(`{"alg":"ES512"}`),
			sign(jwt.SigningMethodRS512, rsaKey(), `{"alg":"RS512"}`, claims()),
			sign(jwt.SigningMethodPS256, rsaKey(), `{"alg":"PS256"}`, claims()),
		},
	} {
		for _, token := range tokens {
			p, err := v.Verify(t.Context(), token)
			wantRefused(t, p, err, want, token)
		}
	}
}

func TestKeysMayShareAnID(t *testing.T) {
	v := awaitReady(t, overLoopback(t, newIssuer(keySet(
		jwk("k", "", edKey().Public()), jwk("k", "PS256", rsaKey().Public()), jwk("k", "RS256", rsaKey().Public()),
		jwk("k", "ES256", ecKey().Public()), jwk("other", "", otherEd().Public()))), nil))
	rs, ps, es, ed := jwt.SigningMethodRS256, jwt.SigningMethodPS256, jwt.SigningMethodES256, jwt.SigningMethodEdDSA
	for _, token := range []string{
		sign(ed, edKey(), `{"alg":"EdDSA","kid":"k"}`, claims()), sign(rs, rsaKey(), `{"alg":"RS256","kid":"k"}`, claims()),
		sign(ps, rsaKey(), `{"alg":"PS256","kid":"k"}`, claims()), sign(es, ecKey(), `{"alg":"ES256","kid":"k"}`, claims()),
	} {
		if _, err := v.Verify(t.Context(), token); err != nil {
			t.Errorf("%s: %v", decoded(token[:strings.IndexByte(token, '.')]), err)
		}
	}
	for _, token := range []string{
		sign(ed, otherEd(), `{"alg":"EdDSA","kid":"k"}`, claims()), sign(rs, otherRSA(), `{"alg":"RS256","kid":"k"}`, claims()),
		sign(rs, rsaKey(), `{"alg":"RS256","kid":"other"}`, claims()),
	} {
		p, err := v.Verify(t.Context(), token)
		wantRefused(t, p, err, badSignature, token)
	}
}

func TestRedirects(t *testing.T) {
	elsewhere := newIssuer(keySet(jwk("next", "", otherEd().Public())))
	attacker := httptest.NewServer(elsewhere)
	defer attacker.Close()
	i := newIssuer("")
	i.serve(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, attacker.URL, http.StatusFound) })
	away := overLoopback(t, i, nil)
	moved := newIssuer("")
	moved.serve(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/moved" {
			fmt.Fprint(w, published())
			return
		}
		http.Redirect(w, r, "/moved", http.StatusFound)
	})
	awaitReady(t, overLoopback(t, moved, nil))
	for i.hits.Load() < 2 && away.Ready() != nil { // until the first fetch has ended
		time.Sleep(10 * time.Millisecond)
	}
	if away.Ready() == nil || elsewhere.hits.Load() != 0 {
		t.Errorf("ready: %v; %d requests elsewhere", away.Ready(), elsewhere.hits.Load())
	}
}

func TestFetchFailureIsLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		i := newIssuer("")
		v, err := New(t.Context(), testConfig("https://idp.example/keys"),
			&http.Client{Transport: i}, slog.New(slog.NewTextHandler(&out, nil)))
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		i.publish(published())
		time.Sleep(time.Hour)
		v.Close()
		if n := strings.Count(out.String(), "\n"); n != 2 ||
			!strings.Contains(out.String(), "level=WARN") || !strings.Contains(out.String(), "level=INFO") {
			t.Errorf("want one failure and one success, got:\n%s", out.String())
		}
	})
}

// hungLog is a log whose lines nobody takes.
type hungLog struct {
	slog.Handler
	reached chan struct{}
	end     <-chan struct{}
}

func (h *hungLog) Enabled(context.Context, slog.Level) bool { return true }

func (h *hungLog) Handle(context.Context, slog.Record) error {
	h.reached <- struct{}{}
	<-h.end
	return nil
}

func TestHungLogDelaysNobody(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	log := &hungLog{slog.DiscardHandler, make(chan struct{}, 10), ctx.Done()}
	server := httptest.NewServer(newIssuer("no keys"))
	defer server.Close()
	v, err := New(ctx, testConfig(server.URL), server.Client(), slog.New(log))
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	defer end()
	<-log.reached
	answered := make(chan error, 1)
	go func() {
		_, err := v.Verify(ctx, signed(claims()))
		answered <- err
	}()
	select {
	case err := <-answered:
		wantUnavailable(t, nil, err)
	case <-time.After(10 * time.Second):
		t.Error("no answer while a line is being logged")
	}
}
