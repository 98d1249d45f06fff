package endpoint

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/cache"
	"github.com/facet-bff/facet/shared/compose"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/identity"
	"github.com/facet-bff/facet/shared/identity/access"
)

type article struct {
	ID   string   `param:"id"`
	Tags []string `query:"tag"`
	Lang string   `header:"Accept-Language"`
}

// A kept is an endpoint that keeps its answers, which say for whom and how often it ran.
type kept struct {
	http.Handler
	runs   atomic.Int64
	fail   atomic.Bool // the required step fails
	lack   atomic.Bool // the optional step fails
	failed error
}

func newKept(t *testing.T, d time.Duration) *kept {
	t.Helper()
	views, err := NewViews(true, cache.Config{MaxBytes: 1 << 20}, cache.Shared{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(views.Close)
	env := testEnv(io.Discard)
	env.Views = views
	k := &kept{}
	required := func(ctx context.Context, p article) (string, error) {
		n := k.runs.Add(1)
		if k.fail.Load() {
			return "", &fault.Error{Kind: fault.Broken}
		}
		who := "nobody"
		if p := identity.From(ctx); p != nil {
			who = p.Issuer + "/" + p.Subject + "/" + p.Token()
		}
		return fmt.Sprintf("%s %s %s for %s, run %d %s", p.ID, p.Tags, p.Lang, who, n, strings.Repeat("x", 400)), nil
	}
	optional := func(context.Context, article) (string, error) {
		if k.lack.Load() {
			return "", errors.New("down")
		}
		return "all", nil
	}
	k.Handler = serveWith(env, GET("/pages/{id}", access.Public, func(none) *compose.Graph[article, string] {
		return compose.Define("page", func(in compose.Node[article]) compose.Node[string] {
			a, b := compose.Step("a", in, required), compose.Step("b", in, optional).Or("part")
			return compose.Join2(a, b, func(a, b string) string { return a + b })
		})
	}, Cached(d)), &k.failed)
	return k
}

func (k *kept) ask(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	k.ServeHTTP(w, r)
	return w
}

func TestViewsAreKeptForTheirTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newKept(t, time.Minute)
		first := k.ask(get("/pages/1"))
		time.Sleep(59 * time.Second)
		second := k.ask(get("/pages/1"))
		if first.Body.String() != second.Body.String() || k.runs.Load() != 1 {
			t.Errorf("%d runs; %s", k.runs.Load(), second.Body)
		}
		for _, name := range []string{"ETag", "Cache-Control", "Vary", "Content-Type", "Content-Length"} {
			if a, b := first.Header().Get(name), second.Header().Get(name); a != b || a == "" {
				t.Errorf("%s is %q, and from the cache %q", name, a, b)
			}
		}
		time.Sleep(2 * time.Second)
		if k.ask(get("/pages/1")); k.runs.Load() != 2 {
			t.Errorf("%d runs after its time", k.runs.Load())
		}
	})
}

func TestViewsAreSeparatedByWhatTheyDependOn(t *testing.T) {
	k := newKept(t, time.Hour)
	speaking := func(lang string) *http.Request {
		r := get("/pages/1")
		r.Header.Set("Accept-Language", lang)
		return r
	}
	person := func(issuer, subject, token string) *http.Request {
		return as(get("/pages/1"), (&identity.Principal{Issuer: issuer, Subject: subject}).WithToken(token))
	}
	requests := []func() *http.Request{
		func() *http.Request { return get("/pages/1") },
		func() *http.Request { return get("/pages/2") },
		func() *http.Request { return get("/pages/1?tag=a") },
		func() *http.Request { return get("/pages/1?tag=a&tag=b") },
		func() *http.Request { return get("/pages/1?tag=ab") },
		func() *http.Request { return get("/pages/1?tag=") },
		func() *http.Request { return speaking("en") },
		func() *http.Request { return speaking("nl") },
		func() *http.Request { return person("i", "ada", "t") },
		func() *http.Request { return person("i", "bob", "t") },
		func() *http.Request { return person("j", "ada", "t") },
		func() *http.Request { return person("i", "ada", "u") },
	}
	seen := make(map[string]int)
	for i, request := range requests {
		body := k.ask(request()).Body.String()
		if other, ok := seen[body]; ok {
			t.Errorf("requests %d and %d share %s", other, i, body)
		}
		seen[body] = i
		if again := k.ask(request()).Body.String(); again != body {
			t.Errorf("request %d again: %s", i, again)
		}
	}
	// What the input does not read makes no difference.
	if body := k.ask(get("/pages/1?utm_source=mail")).Body.String(); seen[body] != 0 {
		t.Errorf("another view for a parameter that nobody reads: %s", body)
	}
	if got := k.ask(person("i", "ada", "t")).Header().Get("Cache-Control"); got != "private, no-cache" {
		t.Errorf("the view of somebody is %q", got)
	}
}

func TestOnlyWholeSuccessesAreKept(t *testing.T) {
	k := newKept(t, time.Hour)
	k.fail.Store(true)
	if k.ask(get("/pages/1")); fault.From(k.failed).Kind != fault.Broken {
		t.Fatalf("%v", k.failed)
	}
	k.fail.Store(false)
	k.lack.Store(true)
	if w := k.ask(get("/pages/1")); w.Header().Get(DegradedHeader) == "" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("degraded: %v", w.Header())
	}
	k.lack.Store(false)
	if w := k.ask(get("/pages/1")); w.Header().Get(DegradedHeader) != "" || k.runs.Load() != 3 {
		t.Errorf("after %d runs: %v", k.runs.Load(), w.Header())
	}
	if k.ask(get("/pages/1?tag=%zz")); fault.From(k.failed).HTTPStatus() != http.StatusBadRequest {
		t.Errorf("a malformed query: %v", k.failed)
	}
}

func TestViewsInEveryForm(t *testing.T) {
	k := newKept(t, time.Hour)
	plain := k.ask(get("/pages/1"))
	for accept, want := range map[string]string{"": "", "gzip": "gzip", "zstd, gzip;q=0.5": "zstd", "identity": ""} {
		r := get("/pages/1")
		if accept != "" {
			r.Header.Set("Accept-Encoding", accept)
		}
		w := k.ask(r)
		if got := w.Header().Get("Content-Encoding"); got != want || w.Header().Get("ETag") != plain.Header().Get("ETag") {
			t.Errorf("%q: %v", accept, w.Header())
		}
		if (w.Body.String() == plain.Body.String()) != (want == "") {
			t.Errorf("%q: %d bytes", accept, w.Body.Len())
		}
	}
	r := get("/pages/1")
	r.Header.Set("If-None-Match", plain.Header().Get("ETag"))
	if w := k.ask(r); w.Code != http.StatusNotModified || w.Body.Len() != 0 || w.Header().Get("Content-Type") != "" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	head := k.ask(httptest.NewRequest(http.MethodHead, "/pages/1", nil))
	if head.Body.Len() != 0 || head.Header().Get("Content-Length") != plain.Header().Get("Content-Length") {
		t.Errorf("HEAD: %v", head.Header())
	}
	if k.runs.Load() != 1 {
		t.Errorf("%d runs", k.runs.Load())
	}
}

// Nobody ever gets what was made for somebody else.
func TestViewsDoNotMix(t *testing.T) {
	k := newKept(t, time.Hour)
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			who := fmt.Sprintf("u%d", i%8)
			for n := range 200 {
				path := fmt.Sprintf("/pages/%d", n%5)
				r := as(get(path), (&identity.Principal{Issuer: "i", Subject: who}).WithToken("t"+who))
				want := fmt.Sprintf("%d []  for i/%s/t%s,", n%5, who, who)
				if body := k.ask(r).Body.String(); !strings.Contains(body, want) {
					t.Errorf("%s got %s", who, body)
				}
			}
		})
	}
	wg.Wait()
}

func TestWhatCannotBeKept(t *testing.T) {
	for name, declare := range map[string]func(){
		"no time": func() { Cached(0) },
		"a POST":  func() { POST("/", access.Public, always(1), Cached(time.Second)) },
		"a 201":   func() { GET("/", access.Public, always(1), Cached(time.Second), Status(http.StatusCreated)) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if p := recover(); p == nil || !strings.Contains(fmt.Sprint(p), "kept") && !strings.Contains(fmt.Sprint(p), "keep") {
					t.Errorf("panic %v", p)
				}
			}()
			declare()
		})
	}
}

// FuzzViewKey holds that requests which differ in anything that the input reads, or in who
// asks, have different keys.
func FuzzViewKey(f *testing.F) {
	f.Add("1", "a", "en", "ada", "t", "1", "a", "en", "ada", "t")
	f.Add("1", "1:a", "", "", "", "11", ":a", "", "", "")
	d, err := newDecoder[article](http.MethodGet, "/pages/{id}", access.Public)
	if err != nil {
		f.Fatal(err)
	}
	type view struct{ id, tag, lang, subject, token string }
	router := echo.New()
	key := func(v view) string {
		r := as(get("/"), (&identity.Principal{Subject: v.subject}).WithToken(v.token))
		r.URL.RawQuery = "tag=" + url.QueryEscape(v.tag)
		r.Header["Accept-Language"] = []string{v.lang}
		c := router.NewContext(r, httptest.NewRecorder())
		c.SetParamNames("id")
		c.SetParamValues(v.id)
		return d.key(c, "page")
	}
	f.Fuzz(func(t *testing.T, id1, tag1, lang1, sub1, tok1, id2, tag2, lang2, sub2, tok2 string) {
		a, b := view{id1, tag1, lang1, sub1, tok1}, view{id2, tag2, lang2, sub2, tok2}
		if ka, kb := key(a), key(b); ka != "" && (ka == kb) != (a == b) {
			t.Errorf("%q and %q of %+v and %+v", ka, kb, a, b)
		}
	})
}
