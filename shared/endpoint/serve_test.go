package endpoint

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dunglas/httpsfv"

	"github.com/facet-bff/facet/shared/compose"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/identity/access"
	"github.com/facet-bff/facet/shared/observe"
)

func TestBudget(t *testing.T) {
	for budget, want := range map[time.Duration]time.Duration{
		100 * time.Millisecond: 95 * time.Millisecond, time.Second: 990 * time.Millisecond, time.Minute: time.Minute - 10*time.Millisecond,
	} {
		synctest.Test(t, func(t *testing.T) {
			started := time.Now()
			_, f := ask(step(func(ctx context.Context, _ struct{}) (string, error) {
				<-ctx.Done()
				return "", ctx.Err()
			}, Budget(budget)), get("/"))
			if took := time.Since(started); took != want || f == nil || f.Kind != fault.TooSlow {
				t.Errorf("%s: took %s, %v", budget, took, f)
			}
		})
	}
	if m := (Table[none]{constant(1)}).Mount(none{}, testEnv(io.Discard)); m[0].Budget != time.Hour {
		t.Errorf("the configured budget: %s", m[0].Budget)
	}
}

func TestFailuresNameThePartAndNotTheCause(t *testing.T) {
	for kind, err := range map[fault.Kind]error{
		fault.Bug:    errors.New("secret: db-7 refused"),
		fault.Broken: fmt.Errorf("wrapped: %w", &fault.Error{Kind: fault.Broken, Err: errors.New("secret")}),
	} {
		_, f := ask(step(func(context.Context, struct{}) (string, error) { return "", err }), get("/"))
		want := fmt.Sprintf(`The part "part" is required, and it failed: %s.`, kind)
		if f == nil || f.Kind != kind || f.Detail != want || strings.Contains(fmt.Sprint(f.Problem("id")), "secret") {
			t.Errorf("got %+v", f)
		}
		if !errors.Is(f, err) {
			t.Errorf("the cause is lost for the log: %v", f)
		}
	}
	unknown := &fault.Error{Kind: fault.Rejected, Status: http.StatusNotFound, Err: errors.New("secret")}
	if _, f := ask(step(func(context.Context, struct{}) (string, error) { return "", unknown }), get("/")); f.Detail != "" || f.HTTPStatus() != 404 {
		t.Errorf("what was refused is explained: %+v", f)
	}
	own := &fault.Error{Kind: fault.Rejected, Status: http.StatusConflict, Detail: "The cart is empty."}
	if _, f := ask(step(func(context.Context, struct{}) (string, error) { return "", own }), get("/")); f.Detail != own.Detail || f.HTTPStatus() != 409 {
		t.Errorf("got %+v", f)
	}
}

// Only a client can go away: a step that says so of itself has a bug.
func TestCancellation(t *testing.T) {
	own := func(context.Context, struct{}) (string, error) { return "", context.Canceled }
	if _, f := ask(step(own), get("/")); f == nil || f.HTTPStatus() != http.StatusInternalServerError {
		t.Errorf("got %v", f)
	}
	for _, err := range []error{context.Canceled, &fault.Error{Kind: fault.Broken}} {
		ctx, cancel := context.WithCancel(t.Context())
		w, f := ask(step(func(context.Context, struct{}) (string, error) { cancel(); return "", err }), get("/").WithContext(ctx))
		if f == nil || f.Kind != fault.Gone || w.Body.Len() > 0 {
			t.Errorf("got %v, %s", f, w.Body)
		}
	}
}

func TestPanics(t *testing.T) {
	bad := func(context.Context, struct{}) (string, error) { panic("boom") }
	join := GET("/", access.Public, func(none) *compose.Graph[struct{}, string] {
		return compose.Define("joined", func(in compose.Node[struct{}]) compose.Node[string] {
			return compose.Map(in, func(struct{}) string { panic("boom") })
		})
	})
	for _, e := range []Endpoint[none]{step(bad), join} {
		var log bytes.Buffer
		var failed error
		serveWith(testEnv(&log), e, &failed).ServeHTTP(httptest.NewRecorder(), get("/"))
		f := fault.From(failed)
		if f.HTTPStatus() != http.StatusInternalServerError || strings.Contains(fmt.Sprint(f.Problem("")), "boom") {
			t.Errorf("got %v", f)
		}
		if got := log.String(); strings.Count(got, `"stack":"goroutine `) != 1 || !strings.Contains(got, `"value":"boom"`) {
			t.Errorf("the log: %s", got)
		}
		if strings.Contains(failed.Error(), "goroutine") {
			t.Errorf("the stack is in the error: %v", failed)
		}
	}
}

func twoOptional(none) *compose.Graph[struct{}, string] {
	return compose.Define("two", func(in compose.Node[struct{}]) compose.Node[string] {
		slow := compose.Step("promo.v2", in, func(context.Context, struct{}) (string, error) {
			return "", &fault.Error{Kind: fault.TooSlow, Err: errors.New("secret, \"quoted\"")}
		}).Or("-")
		bad := compose.Step("reviews", in, func(context.Context, struct{}) (string, error) { panic("boom") }).Or("-")
		return compose.Join2(slow, bad, func(a, b string) string { return a + b })
	})
}

func TestDegraded(t *testing.T) {
	var log bytes.Buffer
	var failed error
	w := httptest.NewRecorder()
	serveWith(testEnv(&log), GET("/", access.Public, twoOptional), &failed).ServeHTTP(w, get("/"))
	if failed != nil || w.Code != http.StatusOK || w.Body.String() != `"--"` || w.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("got %d %s %v, %v", w.Code, w.Body, w.Header(), failed)
	}
	list, err := httpsfv.UnmarshalList(w.Header().Values(DegradedHeader))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, member := range list {
		item := member.(httpsfv.Item)
		reason, _ := item.Params.Get("reason")
		got = append(got, fmt.Sprint(item.Value, " ", reason))
	}
	if fmt.Sprint(got) != "[promo.v2 timeout reviews internal]" {
		t.Errorf("got %v", got)
	}
	if !strings.Contains(log.String(), `"stack":"goroutine `) || strings.Contains(fmt.Sprint(w.Header()), "secret") {
		t.Errorf("the log: %s; the headers: %v", log.String(), w.Header())
	}
}

func TestServerTiming(t *testing.T) {
	env := testEnv(io.Discard)
	env.ServerTiming = true
	var failed error
	w := httptest.NewRecorder()
	r := get("/")
	r = r.WithContext(observe.NewContext(r.Context(), observe.NewRequest(r.Header)))
	serveWith(env, GET("/", access.Public, twoOptional), &failed).ServeHTTP(w, r)
	timing := w.Header().Get("Server-Timing")
	if failed != nil || strings.Count(timing, ";dur=") != 2 || !strings.Contains(timing, "promo.v2;") || !strings.Contains(timing, "reviews;") {
		t.Errorf("got %q, %v", timing, failed)
	}
}

// One endpoint serves many requests at once, and no value of one is seen by another.
func TestConcurrentRequests(t *testing.T) {
	type in struct {
		ID   string   `param:"id"`
		Tags []string `query:"tag" default:"none"`
		Body []string `json:"body" default:"none"`
		Big  *int     `json:"big" default:"7"`
	}
	var failed error
	handler := serveWith(testEnv(io.Discard), PUT("/{id}", access.Public, func(none) *compose.Graph[in, string] {
		return compose.Define("mix", func(n compose.Node[in]) compose.Node[string] {
			return compose.Step("show", n, func(_ context.Context, v in) (string, error) {
				text := fmt.Sprintf("%s%v%v%d", v.ID, v.Tags, v.Body, *v.Big)
				v.Tags[0], v.Body[0], *v.Big = "spoilt", "spoilt", -1
				return text, nil
			})
		})
	}), &failed)
	var group sync.WaitGroup
	for id := range 50 {
		group.Go(func() {
			for round := range 20 {
				query, body, want := "", "{}", fmt.Sprintf(`"%d[none][none]7"`, id)
				if round%2 == 0 {
					query, body = fmt.Sprintf("?tag=%d", id), fmt.Sprintf(`{"body":["%d"],"big":%d}`, id, id)
					want = fmt.Sprintf(`"%d[%d][%d]%d"`, id, id, id, id)
				}
				r := httptest.NewRequest(http.MethodPut, fmt.Sprintf("/%d%s", id, query), strings.NewReader(body))
				r.Header.Set("Content-Type", "application/json")
				w := httptest.NewRecorder()
				if handler.ServeHTTP(w, r); w.Body.String() != want {
					t.Errorf("got %s, want %s", w.Body, want)
				}
			}
		})
	}
	group.Wait()
}
