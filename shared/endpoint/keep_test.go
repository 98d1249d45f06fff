package endpoint

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/cache"
	"github.com/facet-bff/facet/shared/compose"
	"github.com/facet-bff/facet/shared/identity"
	"github.com/facet-bff/facet/shared/identity/access"
	"github.com/facet-bff/facet/shared/observe"
)

// A part is an operation whose answer says how long it may be kept.
type part struct {
	ttl  time.Duration // negative: it is past its time; 0: it has no end
	says observe.Keeping
	fail bool
	runs int
}

func (*part) Backend() string { return "service" }

func (p *part) Call(ctx context.Context, _ none) (string, error) {
	p.runs++
	if p.fail {
		return "", errors.New("down")
	}
	k := p.says
	if p.ttl != 0 {
		k.Until = time.Now().Add(p.ttl)
	}
	if p.ttl < 0 {
		observe.StepFrom(ctx).Stale()
	}
	observe.FromContext(ctx).Narrow(k)
	return "x", nil
}

// made is an endpoint of two parts, the second of which may fail. Its graph may have a step
// that is no call of a service.
func made(a, b *part, step bool, opts ...Option) Endpoint[none] {
	return GET("/", access.Public, func(none) *compose.Graph[none, string] {
		return compose.Define("made", func(in compose.Node[none]) compose.Node[string] {
			first, second := compose.Call("a", in, a), compose.Call("b", in, b).Or("")
			out := compose.Join2(first, second, func(a, b string) string { return a + b })
			if step {
				out = compose.Step("c", out, func(_ context.Context, s string) (string, error) { return s, nil })
			}
			return out
		})
	}, opts...)
}

// noted is a request with notes, as the gateway makes it.
func noted(r *http.Request) *http.Request {
	return r.WithContext(observe.NewContext(r.Context(), observe.NewRequest(r.Header)))
}

// The answer's Cache-Control is the strictest of its parts'.
func TestTheStrictestPartSaysHowLongAnAnswerIsKept(t *testing.T) {
	silent := observe.Keeping{Silent: true}
	for _, c := range []struct {
		name         string
		a, b         part
		step, person bool
		want, stale  string
	}{
		{name: "both say", a: part{ttl: time.Minute}, b: part{ttl: 30 * time.Second}, want: "max-age=30"},
		{name: "for somebody", a: part{ttl: time.Minute}, b: part{ttl: 30 * time.Second}, person: true, want: "private, max-age=30"},
		{name: "one is private", a: part{ttl: time.Minute}, b: part{ttl: 9 * time.Second, says: observe.Keeping{Private: true}}, want: "private, max-age=9"},
		{name: "one is silent", a: part{ttl: time.Minute}, b: part{says: silent}, want: "no-cache"},
		{name: "one is kept by configuration", a: part{ttl: time.Minute}, b: part{ttl: 9 * time.Second, says: silent}, want: "no-cache"},
		{name: "both are silent, for somebody", a: part{says: silent}, b: part{says: silent}, person: true, want: "private, no-cache"},
		{name: "one must not be kept", a: part{ttl: time.Minute}, b: part{says: observe.Keeping{Never: true}}, want: "no-store"},
		{name: "one lacks", a: part{ttl: time.Minute}, b: part{fail: true}, want: "no-store"},
		{name: "one is stale", a: part{ttl: time.Minute}, b: part{ttl: -time.Second}, want: "no-cache", stale: "b"},
		{name: "less than a second", a: part{ttl: time.Minute}, b: part{ttl: time.Second - 1}, want: "no-cache"},
		{name: "another step", a: part{ttl: time.Minute}, b: part{ttl: time.Minute}, step: true, want: "no-cache"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := get("/")
				if c.person {
					r = as(r, &identity.Principal{Subject: "ada"})
				}
				w, wrong := ask(made(&c.a, &c.b, c.step), noted(r))
				if wrong != nil {
					t.Fatal(wrong)
				}
				if got := w.Header().Get("Cache-Control"); got != c.want || w.Header().Get(StaleHeader) != c.stale {
					t.Errorf("Cache-Control: %s, %s: %s", got, StaleHeader, w.Header().Get(StaleHeader))
				}
			})
		})
	}
}

// No view outlives the first of its parts, or its own time.
func TestAViewIsKeptAsLongAsItsParts(t *testing.T) {
	for _, c := range []struct {
		name string
		keep time.Duration
		b    part
		want time.Duration
	}{
		{"its own time", 30 * time.Second, part{ttl: time.Minute}, 30 * time.Second},
		{"a part's", time.Minute, part{ttl: 30 * time.Second}, 30 * time.Second},
		{"a part that is kept by configuration", time.Minute, part{ttl: 30 * time.Second, says: observe.Keeping{Silent: true}}, 30 * time.Second},
		{"a part that has no end", time.Minute, part{says: observe.Keeping{Silent: true}}, time.Minute},
		{"a stale part", time.Minute, part{ttl: -time.Second}, 0},
		{"somebody's part", time.Minute, part{ttl: time.Minute, says: observe.Keeping{Private: true}}, 0},
		{"a part that must not be kept", time.Minute, part{says: observe.Keeping{Never: true}}, 0},
		{"a part that lacks", time.Minute, part{fail: true}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				views, err := NewViews(true, cache.Config{MaxBytes: 1 << 20}, cache.Shared{})
				if err != nil {
					t.Fatal(err)
				}
				defer views.Close()
				env := testEnv(io.Discard)
				env.Views = views
				a, failed := part{ttl: time.Hour}, error(nil)
				serve := serveWith(env, made(&a, &c.b, false, Cached(c.keep)), &failed)
				look := func() *httptest.ResponseRecorder {
					w := httptest.NewRecorder()
					serve.ServeHTTP(w, noted(get("/")))
					return w
				}
				first := look()
				time.Sleep(max(0, c.want-2*time.Second))
				second := look()
				if kept := a.runs == 1; kept != (c.want > 0) {
					t.Fatalf("kept: %v", kept)
				}
				if explicit := c.want > 0 && !c.b.says.Silent; explicit && c.b.ttl < c.keep {
					if a, b := first.Header().Get("Cache-Control"), second.Header().Get("Cache-Control"); a != "max-age=30" || b != "max-age=2" {
						t.Errorf("Cache-Control: %s, and later %s", a, b)
					}
				}
				time.Sleep(2*time.Second + 1)
				if look(); c.want > 0 && a.runs != 2 {
					t.Errorf("kept longer than %v", c.want)
				}
			})
		})
	}
}
