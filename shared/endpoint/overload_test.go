package endpoint

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/facet-bff/facet/shared/cache"
	"github.com/facet-bff/facet/shared/compose"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/identity/access"
	"github.com/facet-bff/facet/shared/overload"
)

const millis = time.Millisecond

// A pressed gateway works on ten requests at a time, and they take longer than usual.
type pressed struct {
	env   Env
	log   bytes.Buffer
	gate  *overload.Gate
	holds []overload.Place
}

func press(t *testing.T) *pressed {
	t.Helper()
	p := &pressed{}
	p.env = testEnv(&p.log)
	p.env.Overload = overload.New(&overload.Config{Min: 10, Max: 10, Initial: 10, Tolerance: 1.5}, p.env.Metrics)
	p.gate = p.env.Overload.NewGate(Critical)
	for i := range 80 {
		place, err := p.gate.Enter(get("/"))
		if err != nil {
			t.Fatal(err)
		}
		if time.Sleep(10 * millis); i >= 40 {
			time.Sleep(20 * millis)
		}
		place.Leave(overload.Whole)
	}
	return p
}

// hold has n other requests under way.
func (p *pressed) hold(n int) {
	for ; len(p.holds) > n; p.holds = p.holds[1:] {
		p.holds[0].Leave(overload.Untold)
	}
	for len(p.holds) < n {
		place, _ := p.gate.Enter(get("/"))
		p.holds = append(p.holds, place)
	}
}

func (p *pressed) ask(e Endpoint[none], r *http.Request) (*httptest.ResponseRecorder, *fault.Error) {
	var failed error
	w := httptest.NewRecorder()
	serveWith(p.env, e, &failed).ServeHTTP(w, r)
	return w, fault.From(failed)
}

// parts is a graph of a required and an optional step, which count their runs.
func parts(ran map[string]int) Build[none, struct{}, string] {
	return func(none) *compose.Graph[struct{}, string] {
		return compose.Define("parts", func(in compose.Node[struct{}]) compose.Node[string] {
			run := func(name string) func(context.Context, struct{}) (string, error) {
				return func(context.Context, struct{}) (string, error) { ran[name]++; return name, nil }
			}
			first := compose.Step("first", in, run("first"))
			second := compose.Step("second", compose.Map(first, func(string) struct{} { return struct{}{} }), run("second")).Or("-")
			return compose.Join2(first, second, func(a, b string) string { return a + b })
		})
	}
}

func TestOptionalStepsAreShedFirst(t *testing.T) {
	for _, c := range []struct {
		name  string
		e     func(Build[none, struct{}, string]) Endpoint[none]
		r     *http.Request
		holds int
		shed  bool
	}{
		{"a read", func(b Build[none, struct{}, string]) Endpoint[none] { return GET("/", access.Public, b) }, get("/"), 4, true},
		{"a read, with room", func(b Build[none, struct{}, string]) Endpoint[none] { return GET("/", access.Public, b) }, get("/"), 2, false},
		{"a write", func(b Build[none, struct{}, string]) Endpoint[none] { return POST("/", access.Public, b) }, post("{}"), 8, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ran := map[string]int{}
				p := press(t)
				p.hold(c.holds)
				w, f := p.ask(c.e(parts(ran)), c.r)
				header, body := "", `"firstsecond"`
				if c.shed {
					header, body = "second;reason=shed", `"first-"`
				}
				if f != nil || w.Code != http.StatusOK || w.Header().Get(DegradedHeader) != header || w.Body.String() != body {
					t.Errorf("got %d %q %s, %v", w.Code, w.Header().Get(DegradedHeader), w.Body, f)
				}
				if ran["first"] != 1 || (ran["second"] == 0) != c.shed {
					t.Errorf("ran %v", ran)
				}
				if p.log.Len() > 0 {
					t.Errorf("each shed step is logged: %s", &p.log)
				}
				p.hold(0)
				time.Sleep(2 * time.Second)
			})
		})
	}
}

func TestWhoIsRefused(t *testing.T) {
	prefetch := get("/")
	prefetch.Header.Set("Sec-Purpose", "prefetch")
	read := func(opts ...Option) Endpoint[none] { return constant("ok", opts...) }
	write := POST("/", access.Public, always("ok"))
	for _, c := range []struct {
		name  string
		e     Endpoint[none]
		r     *http.Request
		holds int // with which it is let in, and with one more not; 0: always
	}{
		{"a read", read(), get("/"), 8},
		{"a write", write, post("{}"), 12},
		{"what a browser guesses", read(), prefetch, 4},
		{"in the background", read(Priority(Background)), get("/"), 4},
		{"a read like a write", read(Priority(Write)), get("/"), 12},
		{"critical", read(Priority(Critical)), get("/"), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := press(t)
				p.hold(c.holds)
				if _, f := p.ask(c.e, c.r); f != nil {
					t.Errorf("with %d others: %v", c.holds, f)
				}
				if c.holds == 0 {
					p.hold(100)
					if _, f := p.ask(c.e, c.r); f != nil {
						t.Errorf("got %v", f)
					}
					return
				}
				p.hold(c.holds + 1)
				_, f := p.ask(c.e, c.r)
				if f == nil || f.Kind != fault.Shed || f.HTTPStatus() != http.StatusServiceUnavailable || f.RetryAfter < time.Second {
					t.Errorf("with %d others: %v", c.holds+1, f)
				}
			})
		})
	}
}

// A finished answer costs nothing, so that it is given however much there is to do; and what
// is refused is no work for anybody.
func TestWhatNeedsNoPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := press(t)
		views, err := NewViews(true, cache.Config{MaxBytes: 1 << 20}, cache.Shared{})
		if err != nil {
			t.Fatal(err)
		}
		defer views.Close()
		p.env.Views = views
		ran := map[string]int{}
		var failed error
		h := serveWith(p.env, GET("/", access.Public, parts(ran), Cached(time.Hour)), &failed)
		h.ServeHTTP(httptest.NewRecorder(), get("/"))
		synctest.Wait()
		p.hold(100)
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, get("/")); w.Code != http.StatusOK || failed != nil {
			t.Errorf("from the cache: %d, %v", w.Code, failed)
		}
		if _, f := p.ask(GET("/", access.Public, parts(ran)), get("/")); f == nil || ran["first"] != 1 {
			t.Errorf("refused: %v, ran %v", f, ran)
		}
	})
}

// However a run ends, its place is given back.
func TestPlacesAreGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := press(t)
		for _, f := range []func(context.Context, struct{}) (string, error){
			func(context.Context, struct{}) (string, error) { panic("boom") },
			func(context.Context, struct{}) (string, error) { return "", errors.New("failed") },
			func(ctx context.Context, _ struct{}) (string, error) { <-ctx.Done(); return "", ctx.Err() },
		} {
			for range 20 {
				if _, failure := p.ask(step(f, Budget(10*millis)), get("/")); failure == nil || failure.Kind == fault.Shed {
					t.Fatalf("got %v", failure)
				}
			}
		}
		if _, f := p.ask(constant("ok"), get("/")); f != nil {
			t.Errorf("afterwards: %v", f)
		}
	})
}

func TestWhatARunTells(t *testing.T) {
	lacks := func(kinds ...fault.Kind) (out []*compose.StepError) {
		for _, kind := range kinds {
			out = append(out, &compose.StepError{Err: &fault.Error{Kind: kind}})
		}
		return out
	}
	for _, c := range []struct {
		lacking []*compose.StepError
		err     error
		want    overload.Run
	}{
		{nil, nil, overload.Whole},
		{lacks(fault.TooSlow), nil, overload.Whole},
		{lacks(fault.Shed), nil, overload.Spared},
		{lacks(fault.TooSlow, fault.Shed), nil, overload.Spared},
		{lacks(fault.Shed, fault.Broken), nil, overload.Untold},
		{lacks(fault.TooSlow, fault.Broken), nil, overload.Untold},
		{nil, context.DeadlineExceeded, overload.Whole},
		{nil, &fault.Error{Kind: fault.Broken}, overload.Untold},
		{nil, context.Canceled, overload.Untold},
	} {
		if got := told(c.lacking, c.err); got != c.want {
			t.Errorf("%v, %v: %v", c.lacking, c.err, got)
		}
	}
}

func TestThePriorityIsListed(t *testing.T) {
	for want, e := range map[string]Endpoint[none]{`"background"`: constant("ok", Priority(Background)), `""`: constant("ok")} {
		m := (Table[none]{e}).Mount(none{}, testEnv(io.Discard))
		if got, err := json.Marshal(m[0].Priority); err != nil || string(got) != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
}
