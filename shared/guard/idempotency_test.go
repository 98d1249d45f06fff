package guard

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/idempotency"
	"github.com/facet-bff/facet/shared/identity"
	"github.com/facet-bff/facet/shared/observe"
)

// A desk takes orders, as often as it is asked.
type desk struct {
	echo.HandlerFunc
	made atomic.Int32
	take func(c echo.Context) error // nil: 201
}

func newDesk(c idempotency.Config) *desk {
	d := &desk{}
	if c.MaxBody == 0 {
		c.MaxBody = 100
	}
	c.TTL = time.Hour
	d.HandlerFunc = Idempotent("POST /orders", &c, time.Minute, idempotency.New(nil), observe.NewMetrics("test"))(func(c echo.Context) error {
		d.made.Add(1)
		if d.take != nil {
			return d.take(c)
		}
		body, err := io.ReadAll(c.Request().Body)
		if err != nil {
			return err
		}
		c.Response().Header().Set("Location", "/orders/1")
		c.Response().Header().Set("Set-Cookie", "a=b")
		return c.Blob(http.StatusCreated, "application/json", append([]byte("took "), body...))
	})
	return d
}

// An order is a write; its zero value is of u1 under key k.
type order struct {
	method, target, body, user, kind string
	keys                             []string
	anonymous                        bool
}

func (d *desk) ask(o order) (*httptest.ResponseRecorder, *fault.Error) {
	orDefault := func(s *string, or string) {
		if *s == "" {
			*s = or
		}
	}
	orDefault(&o.method, "POST")
	orDefault(&o.target, "/orders")
	orDefault(&o.user, "u1")
	orDefault(&o.kind, "application/json")
	r := httptest.NewRequest(o.method, o.target, strings.NewReader(o.body))
	r.Header.Set("Content-Type", o.kind)
	r.Header.Set("Accept-Encoding", "gzip")
	if o.keys == nil {
		o.keys = []string{`"k"`}
	}
	r.Header["Idempotency-Key"] = o.keys
	if !o.anonymous {
		r = r.WithContext(identity.NewContext(r.Context(), &identity.Principal{Issuer: "i", Subject: o.user}))
	}
	w := httptest.NewRecorder()
	c := echo.New().NewContext(r, w)
	return w, fault.From(d.HandlerFunc(c))
}

func (d *desk) wants(t *testing.T, what string, made int32) {
	t.Helper()
	if n := d.made.Load(); n != made {
		t.Errorf("%s: made %d times, want %d", what, n, made)
	}
}

func TestAWriteThatComesAgainIsMadeOnce(t *testing.T) {
	d := newDesk(idempotency.Config{})
	for i := range 3 {
		w, f := d.ask(order{body: "a"})
		if f != nil || w.Code != 201 || w.Body.String() != "took a" || w.Header().Get("Location") != "/orders/1" {
			t.Errorf("got %v, %d %q %v", f, w.Code, w.Body, w.Header())
		}
		if replayed := w.Header().Get("Idempotent-Replayed"); (replayed == "true") != (i > 0) {
			t.Errorf("%d: replayed %q", i, replayed)
		}
		if cookie := w.Header().Get("Set-Cookie"); (cookie == "") != (i > 0) {
			t.Errorf("%d: cookie %q", i, cookie)
		}
	}
	d.wants(t, "the same", 1)
	if w, f := d.ask(order{body: "a", keys: []string{"k"}}); f != nil || w.Code != 201 {
		t.Errorf("the same key as a token: %v, %d", f, w.Code)
	}
	d.wants(t, "the same key as a token", 1)
}

func TestWhatMakesAnotherWrite(t *testing.T) {
	for name, o := range map[string]order{
		"a body": {body: "b"}, "a query": {body: "a", target: "/orders?x"}, "a path": {body: "a", target: "/orders/"},
		"a method": {body: "a", method: "PATCH"}, "a content type": {body: "a", kind: "text/plain"},
	} {
		d := newDesk(idempotency.Config{})
		_, _ = d.ask(order{body: "a"})
		if _, f := d.ask(o); f == nil || f.HTTPStatus() != 422 {
			t.Errorf("%s: got %v", name, f)
		}
		d.wants(t, name, 1)
	}
	d := newDesk(idempotency.Config{})
	_, _ = d.ask(order{body: "a"})
	for _, o := range []order{{body: "a", user: "u2"}, {body: "a", keys: []string{"l"}}, {body: "a", keys: []string{}}, {body: "a", keys: []string{}}} {
		if w, f := d.ask(o); f != nil || w.Code != 201 {
			t.Errorf("got %v, %d", f, w.Code)
		}
	}
	d.wants(t, "other users and keys, and none", 5)
}

func TestKeysThatCannotBeMeant(t *testing.T) {
	d := newDesk(idempotency.Config{Required: true})
	for name, keys := range map[string][]string{
		"none": {}, "empty": {""}, "an empty string": {`""`}, "two": {"a", "b"}, "not closed": {`"a`}, "a list": {"a,b"},
		"parameters": {"a;b"}, "a space": {"a b"}, "too long": {strings.Repeat("a", 256)}, "no ASCII": {"é"},
	} {
		if _, f := d.ask(order{keys: keys}); f == nil || f.HTTPStatus() != 400 || f.Fields[0].Name != "Idempotency-Key" {
			t.Errorf("%s: got %v", name, f)
		}
	}
	d.wants(t, "refused", 0)
	if _, f := d.ask(order{anonymous: true}); f == nil || f.Kind != fault.Unauthenticated {
		t.Errorf("nobody has a key: %v", f)
	}
	if w, f := d.ask(order{method: "PUT", keys: []string{}}); f != nil || w.Code != 201 {
		t.Errorf("PUT needs none: %v", f)
	}
	d.wants(t, "a PUT", 1)
}

func TestWhichAnswersAreKept(t *testing.T) {
	refused := &fault.Error{Kind: fault.Rejected, Status: 409, Detail: "sold out"}
	for name, c := range map[string]struct {
		take func(c echo.Context) error
		kept bool
	}{
		"204":              {func(c echo.Context) error { return c.NoContent(204) }, true},
		"a route's 404":    {func(c echo.Context) error { return c.String(404, "no") }, true},
		"a route's 303":    {func(c echo.Context) error { return c.Redirect(303, "/orders/1") }, true},
		"a route's 401":    {func(c echo.Context) error { return c.String(401, "no") }, false},
		"a route's 429":    {func(c echo.Context) error { return c.String(429, "no") }, false},
		"a route's 503":    {func(c echo.Context) error { return c.String(503, "no") }, false},
		"a refusal":        {func(echo.Context) error { return refused }, true},
		"not valid":        {func(echo.Context) error { return &fault.Error{Kind: fault.Invalid} }, false},
		"too slow":         {func(echo.Context) error { return &fault.Error{Kind: fault.TooSlow} }, false},
		"broken":           {func(echo.Context) error { return &fault.Error{Kind: fault.Broken} }, false},
		"of no known kind": {func(echo.Context) error { return errors.New("x") }, false},
	} {
		d := newDesk(idempotency.Config{})
		d.take = c.take
		w1, f1 := d.ask(order{})
		w2, f2 := d.ask(order{})
		made := int32(2)
		if c.kept {
			made = 1
		}
		d.wants(t, name, made)
		if w1.Code != w2.Code || w1.Body.String() != w2.Body.String() || (f1 == nil) != (f2 == nil) {
			t.Errorf("%s: %d %q %v, then %d %q %v", name, w1.Code, w1.Body, f1, w2.Code, w2.Body, f2)
		}
		if f1 != nil && (f1.HTTPStatus() != f2.HTTPStatus() || f1.Detail != f2.Detail) {
			t.Errorf("%s: %v, then %v", name, f1, f2)
		}
	}
}

func TestAPanicFreesTheKey(t *testing.T) {
	d := newDesk(idempotency.Config{})
	d.take = func(echo.Context) error { panic("oops") }
	func() {
		defer func() { _ = recover() }()
		_, _ = d.ask(order{})
	}()
	d.take = nil
	if w, f := d.ask(order{}); f != nil || w.Code != 201 {
		t.Errorf("got %v, %d", f, w.Code)
	}
}

// Nothing has been sent of what was held back, and so the failure can be.
func TestOfAPanicTheClientIsTold(t *testing.T) {
	d := newDesk(idempotency.Config{})
	d.take = func(c echo.Context) error {
		_ = c.String(201, "half")
		panic("oops")
	}
	r := httptest.NewRequest("POST", "/orders", nil)
	r.Header["Idempotency-Key"] = []string{"k"}
	r = r.WithContext(identity.NewContext(r.Context(), &identity.Principal{Subject: "u1"}))
	w := httptest.NewRecorder()
	c := echo.New().NewContext(r, w)
	func() {
		defer func() { _ = recover() }()
		_ = d.HandlerFunc(c)
	}()
	if c.Response().Committed || c.Response().Size != 0 || len(w.Header()) != 0 || c.Request() != r {
		t.Errorf("committed %v, %d bytes, %v", c.Response().Committed, c.Response().Size, w.Header())
	}
	if err := c.String(500, "failed"); err != nil || w.Code != 500 || w.Body.String() != "failed" {
		t.Errorf("%v, %d %q", err, w.Code, w.Body)
	}
}

func TestAWriteUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(idempotency.Config{})
		d.take = func(c echo.Context) error {
			time.Sleep(time.Second)
			return c.NoContent(204)
		}
		go func() { _, _ = d.ask(order{}) }()
		synctest.Wait()
		if _, f := d.ask(order{}); f == nil || f.HTTPStatus() != 409 || f.RetryAfter != time.Second {
			t.Errorf("got %v", f)
		}
		if _, f := d.ask(order{body: "other"}); f == nil || f.HTTPStatus() != 422 {
			t.Errorf("got %v", f)
		}
		time.Sleep(2 * time.Second)
		if w, f := d.ask(order{}); f != nil || w.Code != 204 {
			t.Errorf("got %v, %d", f, w.Code)
		}
		d.wants(t, "one", 1)
	})
}

// A write goes on without its client, and says so when it comes again.
func TestAWriteOutlivesItsClient(t *testing.T) {
	d := newDesk(idempotency.Config{})
	d.take = func(c echo.Context) error {
		if c.Request().Context().Done() != nil || c.Request().Header.Get("Accept-Encoding") != "" {
			t.Error("it depends on its client")
		}
		return c.NoContent(204)
	}
	if w, f := d.ask(order{}); f != nil || w.Code != 204 {
		t.Errorf("got %v, %d", f, w.Code)
	}
}

func TestBodiesAreBounded(t *testing.T) {
	d := newDesk(idempotency.Config{MaxBody: 10})
	if _, f := d.ask(order{body: strings.Repeat("x", 11)}); f == nil || f.HTTPStatus() != 413 {
		t.Errorf("got %v", f)
	}
	d.wants(t, "a large body", 0)
	d.take = func(c echo.Context) error {
		c.Response().WriteHeader(200)
		for range 3 {
			_, _ = c.Response().Write([]byte("four"))
			c.Response().Flush()
		}
		return nil
	}
	if w, f := d.ask(order{}); f != nil || w.Body.String() != "fourfourfour" {
		t.Errorf("a large answer: %v, %q", f, w.Body)
	}
	if _, f := d.ask(order{}); f == nil || f.HTTPStatus() != 409 {
		t.Errorf("a large answer again: %v", f)
	}
	d.wants(t, "a large answer", 1)
}

func TestWithoutConfigurationKeysMeanNothing(t *testing.T) {
	made := 0
	h := Idempotent("x", nil, 0, nil, nil)(func(echo.Context) error { made++; return nil })
	c := echo.New().NewContext(httptest.NewRequest(http.MethodPost, "/", nil), httptest.NewRecorder())
	for range 2 {
		if err := h(c); err != nil {
			t.Error(err)
		}
	}
	if made != 2 {
		t.Errorf("made %d times", made)
	}
}

func TestWithoutRecordsNothingIsPromised(t *testing.T) {
	f := fault.From(unclaimed(idempotency.ErrUnavailable))
	if f.HTTPStatus() != 503 || f.RetryAfter == 0 {
		t.Errorf("got %v", f)
	}
}
