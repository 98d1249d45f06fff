package policy

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/cache"
)

// An honest service says in its answer for whom it was made, and of which request. What it
// marks as everybody's has nobody's name in it; by what it names in Vary, its answers differ.
type honest struct {
	control, vary string
}

var credentials = []string{"Authorization", "Cookie", "X-Api-Key", "X-Session-Token"}

func caller(req *backend.Request) string {
	who := []string{req.Caller}
	for _, name := range credentials {
		who = append(who, fmt.Sprintf("%s=%q", name, req.Header[name]))
	}
	return strings.Join(who, " ")
}

// body is what the answer to a request has to be, whoever else has asked before.
func (s honest) body(req *backend.Request) string {
	says := cache.ReadFreshness(http.StatusOK, s.header(), time.Now())
	who := caller(req)
	if says.Shared {
		who = "everybody"
	}
	var differs []string
	for name := range req.Header {
		if s.varies(name) || !slices.Contains(credentials, name) && (!says.Explicit || !req.Stream) {
			differs = append(differs, fmt.Sprintf("%s=%q", name, req.Header[name]))
		}
	}
	slices.Sort(differs)
	return fmt.Sprintf("%s %s %s for %s by %s", req.Op, req.Path, req.Body, who, differs)
}

func (s honest) header() http.Header {
	h := headers("Cache-Control", s.control)
	if s.control == "" {
		h = http.Header{}
	}
	if s.vary != "" {
		h.Set("Vary", s.vary)
	}
	return h
}

func (s honest) varies(name string) bool {
	return slices.ContainsFunc(strings.Split(s.vary, ","), func(v string) bool { return strings.EqualFold(strings.TrimSpace(v), name) })
}

func (s honest) send(_ context.Context, req *backend.Request) (*backend.Response, error) {
	res := &backend.Response{Status: http.StatusOK, Header: s.header(), Body: []byte(s.body(req))}
	if req.Stream {
		res.Stream, res.Size, res.Body = &body{Reader: strings.NewReader(string(res.Body))}, int64(len(res.Body)), nil
	}
	return res, nil
}

var (
	controls = []string{
		"", "max-age=60", "public", "public, max-age=60", "s-maxage=60", "must-revalidate, max-age=60", "must-revalidate",
		"private", "private, max-age=60", "no-store", "no-cache", "max-age=0", "max-age=60, stale-while-revalidate=60",
	}
	varieties = []string{"", "Accept-Language", "Authorization", "Cookie", "X-Plain, Accept-Language", "*"}
)

// randomRequest has few values for each part, so that many requests differ in one only.
func randomRequest(r *rand.Rand) *backend.Request {
	pick := func(values ...string) string { return values[r.IntN(len(values))] }
	req := get()
	req.Op, req.Path = pick("product", "named"), pick("/p/1", "/p/1?x=1", "/p/2")
	req.Caller = pick("", "", "alice", "bob")
	req.Stream = r.IntN(2) == 0
	req.Header = http.Header{}
	for _, name := range append([]string{"Accept-Language", "X-Plain"}, credentials...) {
		if value := pick("", "", "", "a", "b"); value != "" {
			req.Header.Set(name, value)
		}
	}
	return req
}

// Whatever the service says of being kept, and whoever asks in whatever order, nobody ever
// gets what was made for somebody else, or of another request.
func TestNobodyGetsWhatWasMadeForAnother(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	hits := 0
	for range 250 {
		s := honest{controls[r.IntN(len(controls))], varieties[r.IntN(len(varieties))]}
		hits += converse(t, r, s)
	}
	if hits < 600 {
		t.Errorf("only %d answers were kept ones", hits)
	}
}

func FuzzNobodyGetsWhatWasMadeForAnother(f *testing.F) {
	f.Add(uint64(1), "public, max-age=60", "Cookie")
	f.Add(uint64(2), "max-age=60", "Authorization, X-Plain")
	f.Fuzz(func(t *testing.T, seed uint64, control, vary string) {
		if cache.ReadFreshness(http.StatusOK, headers("Cache-Control", control), time.Now()).TTL > 1<<60 {
			return
		}
		converse(t, rand.New(rand.NewPCG(seed, 0)), honest{control, vary})
	})
}

// converse sends many requests to s through the cache, and counts the kept answers.
func converse(t *testing.T, r *rand.Rand, s honest) (hits int) {
	t.Helper()
	asked := 0
	config := CacheConfig{TTL: time.Minute, MaxEntry: 1 << 20, Ops: only("named", time.Minute)}
	refresher := NewRefresher()
	defer refresher.Close()
	answer, fill := Cache(config, nil, Shared{Store: newStore(t), Refresher: refresher, Metrics: metrics()})
	send := backend.Chain(func(ctx context.Context, req *backend.Request) (*backend.Response, error) {
		asked++
		return s.send(ctx, req)
	}, answer, Collapse(nil), fill)
	const requests = 40
	for range requests {
		req := randomRequest(r)
		want := s.body(req)
		res, err := send(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		if got := read(t, res); got != want {
			t.Fatalf("with %q, Vary %q:\n got %s\nwant %s", s.control, s.vary, got, want)
		}
	}
	return requests - asked
}

// Two hundred callers, by all kinds of credentials, at the same time.
func TestCallersDoNotMix(t *testing.T) {
	const callers, requests = 200, 1000
	s := honest{"max-age=60", "Accept-Language"}
	config := CacheConfig{TTL: time.Minute, MaxEntry: 1 << 20, Ops: only("named", time.Minute)}
	r := NewRefresher()
	defer r.Close()
	answer, fill := Cache(config, nil, Shared{Store: newStore(t), Refresher: r, Metrics: metrics()})
	send := backend.Chain(s.send, answer, Collapse(nil), fill)
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			var mine [6]*backend.Request
			var want [6]string
			for n := range mine {
				mine[n] = of(i, n)
				want[n] = s.body(mine[n])
			}
			for n := range requests {
				res, err := send(t.Context(), mine[n%6])
				if err != nil {
					t.Error(err)
					return
				}
				if got := read(t, res); got != want[n%6] {
					t.Errorf("got %s, want %s", got, want[n%6])
					return
				}
			}
		})
	}
	wg.Wait()
}

// of is a request of a caller, of whom there are four kinds.
func of(i, n int) *backend.Request {
	req := get()
	req.Op, req.Path, req.Stream = "named", fmt.Sprintf("/p/%d", n%3), n%2 == 0
	req.Header = headers("Accept-Language", []string{"en", "de"}[n%2])
	switch who := fmt.Sprintf("user-%d", i/4); i % 4 {
	case 0:
		req.Header.Set("Authorization", "Bearer "+who)
	case 1:
		req.Header.Set("Cookie", "session="+who)
	case 2:
		req.Header.Set("X-Api-Key", who)
	default:
		req.Caller = who
	}
	return req
}

// Web cache deception: a path that looks like a file's makes nothing of somebody's keepable.
func TestAPathMakesNothingKeepable(t *testing.T) {
	for _, path := range []string{"/me/x.css", "/me%3Bx.js", "/me%2Fx.css", "/me?x.js"} {
		for _, name := range credentials {
			for _, control := range []string{"", "max-age=60", "private", "no-store"} {
				calls := 0
				send := caching(t, cacheDefaults, metrics(), func(ctx context.Context, req *backend.Request) (*backend.Response, error) {
					calls++
					return honest{control: control}.send(ctx, req)
				})
				for _, who := range []string{"alice", "alice", "mallory", ""} {
					req := streamed()
					req.Path, req.Header = path, http.Header{}
					if who != "" {
						req.Header.Set(name, who)
					}
					res, err := send(t.Context(), req)
					if err != nil {
						t.Fatal(err)
					}
					if got := read(t, res); strings.Contains(got, "alice") != (who == "alice") {
						t.Errorf("%s by %s, %q: %s", path, name, control, got)
					}
				}
				if calls != 4 {
					t.Errorf("%s by %s, %q: %d calls", path, name, control, calls)
				}
			}
		}
	}
}

// Cache poisoning: what one client can make a service put into an answer, without the service
// saying so in Vary, no other client gets.
func TestOneClientCannotSpoilTheAnswersOfOthers(t *testing.T) {
	for _, name := range []string{
		"X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix", "X-Forwarded-For", "X-Original-Url",
		"X-Rewrite-Url", "X-Http-Method-Override", "Forwarded", "X-Host", "Origin", "Accept-Encoding",
	} {
		send := caching(t, cacheDefaults, metrics(), func(_ context.Context, req *backend.Request) (*backend.Response, error) {
			return &backend.Response{
				Status: http.StatusOK, Header: headers("Cache-Control", "public, max-age=60"),
				Body: []byte("see " + strings.Join(req.Header[name], ",")),
			}, nil
		})
		for _, value := range []string{"evil.example", ""} {
			req := streamed()
			req.Header = http.Header{}
			if value != "" {
				req.Header.Set(name, value)
			}
			res, err := send(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			if got := read(t, res); got != "see "+value {
				t.Errorf("%s: %q got %q", name, value, got)
			}
		}
	}
}

// What a key does not tell cannot leak through it.
func TestKeysTellNoCredentials(t *testing.T) {
	k := &keeper{}
	for _, stream := range []bool{false, true} {
		req := get()
		req.Stream, req.Caller = stream, "caller-secret"
		req.Header = headers("Authorization", "Bearer secret", "Cookie", "a=secret", "X-Api-Key", "secret")
		at, ok := k.keys(req)
		names := variant([]string{"Cookie"}, req.Header) + variant([]string{everything}, req.Header)
		if all := at.shared + at.own + names; !ok || at.own == "" || strings.Contains(all, "secret") {
			t.Errorf("%q", all)
		}
	}
}

// Headers that differ without the service saying so do not keep an answer from being used.
func TestAnAnswerIsUsedWhateverTheHeadersThatItDoesNotDependOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			control, vary string
			differs       string
			want          int // calls
		}{
			{"max-age=60", "", "X-Plain", 1},
			{"max-age=60", "X-Other", "X-Plain", 1},
			{"max-age=60", "X-Plain", "X-Plain", 2},
			{"", "", "X-Plain", 2}, // kept by configuration alone
			{"", "X-Other", "X-Plain", 2},
			{"max-age=60", "*", "X-Other", 2},
		} {
			service := &stub{answer: func(context.Context, int) (*backend.Response, error) {
				h := headers("Vary", c.vary)
				if c.control != "" {
					h.Set("Cache-Control", c.control)
				}
				return &backend.Response{Status: http.StatusOK, Header: h, Body: []byte("x")}, nil
			}}
			send := caching(t, cacheDefaults, metrics(), service.send)
			for _, value := range []string{"1", "2", "1"} {
				req := streamed()
				req.Header = headers(c.differs, value)
				if _, err := send(t.Context(), req); err != nil {
					t.Fatal(err)
				}
			}
			if c.vary == "*" {
				c.want = 3
			}
			if service.calls() != c.want {
				t.Errorf("%+v: %d calls", c, service.calls())
			}
		}
	})
}
