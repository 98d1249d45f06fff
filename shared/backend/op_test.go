package backend_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
)

type line struct {
	Cart     string `param:"cart"`
	Dry      bool   `query:"dry"`
	Tenant   string `header:"X-Tenant"`
	SKU      string `json:"sku"`
	Quantity int    `json:"quantity"`
}

type echoed struct{ Method, URI, Tenant, Accept, Type, Body string }

// echo answers with what it was asked.
func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	fmt.Fprintf(w, `{"Method":%q,"URI":%q,"Tenant":%q,"Accept":%q,"Type":%q,"Body":%q}`,
		r.Method, r.RequestURI, r.Header.Get("X-Tenant"), r.Header.Get("Accept"), r.Header.Get("Content-Type"), body)
}

func TestMethods(t *testing.T) {
	type key struct {
		Cart   string `param:"cart"`
		Dry    bool   `query:"dry"`
		Tenant string `header:"x-tenant"`
	}
	const path, uri = "/carts/{cart}/lines{?dry}", "/carts/c%2F1/lines?dry=true"
	const json, body = "application/json", `{"sku":"p1","quantity":2}`
	s := backend.NewService("carts", serve(t, echo))
	full, bare := line{"c/1", true, "eu", "p1", 2}, key{"c/1", true, "eu"}
	for _, c := range []struct {
		method string
		call   func(context.Context) (echoed, error)
		want   echoed
	}{
		{"GET", func(ctx context.Context) (echoed, error) {
			return backend.GET[key, echoed](s, "op", path).Call(ctx, bare)
		}, echoed{"GET", uri, "eu", json, "", ""}},
		{"POST", func(ctx context.Context) (echoed, error) {
			return backend.POST[line, echoed](s, "op", path).Call(ctx, full)
		}, echoed{"POST", uri, "eu", json, json, body}},
		{"PUT", func(ctx context.Context) (echoed, error) {
			return backend.PUT[line, echoed](s, "op", path).Call(ctx, full)
		}, echoed{"PUT", uri, "eu", json, json, body}},
		{"PATCH", func(ctx context.Context) (echoed, error) {
			return backend.PATCH[line, echoed](s, "op", path).Call(ctx, full)
		}, echoed{"PATCH", uri, "eu", json, json, body}},
		{"DELETE", func(ctx context.Context) (echoed, error) {
			return backend.DELETE[key, echoed](s, "op", path).Call(ctx, bare)
		}, echoed{"DELETE", uri, "eu", json, "", ""}},
	} {
		if got, err := c.call(t.Context()); err != nil || got != c.want {
			t.Errorf("%s: got %+v, %v", c.method, got, err)
		}
	}
}

func TestOnlyReadsAreSafe(t *testing.T) {
	var r recorder
	s := r.service()
	for name, c := range map[string]struct {
		op   *backend.Op[struct{}, struct{}]
		safe bool
	}{
		"GET":            {backend.GET[struct{}, struct{}](s, "op", "/"), true},
		"POST":           {backend.POST[struct{}, struct{}](s, "op", "/"), false},
		"PUT":            {backend.PUT[struct{}, struct{}](s, "op", "/"), false},
		"PATCH":          {backend.PATCH[struct{}, struct{}](s, "op", "/"), false},
		"DELETE":         {backend.DELETE[struct{}, struct{}](s, "op", "/"), false},
		"read-only POST": {backend.POST[struct{}, struct{}](s, "op", "/", backend.ReadOnly()), true},
	} {
		if _, err := c.op.Call(t.Context(), struct{}{}); err != nil || r.asked.Safe != c.safe {
			t.Errorf("%s: safe %v, %v", name, r.asked.Safe, err)
		}
		if r.asked.Service != "shop" || r.asked.Op != "op" || c.op.Backend() != "shop" || c.op.Name() != "op" {
			t.Errorf("%s: named %s.%s", name, r.asked.Service, r.asked.Op)
		}
	}
}

func TestConvert(t *testing.T) {
	s := backend.NewService("shop", serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"code":`+r.URL.Query().Get("code")+`}`)
	}))
	type answer struct {
		Code int `json:"code"`
	}
	op := backend.Convert(backend.GET[int, answer](s, "legacy", "/legacy{?code}"), func(a answer) (string, error) {
		if a.Code != 7 {
			return "half", errors.New("another result code")
		}
		return "seven", nil
	})
	if got, err := op.Call(t.Context(), 7); got != "seven" || err != nil || op.Name() != "legacy" {
		t.Errorf("got %q, %v", got, err)
	}
	for _, code := range []int{8, 1e6} {
		got, err := op.Call(t.Context(), code)
		if f := faultOf(t, err, fault.Broken); got != "" || f.Service != "shop" || f.Op != "legacy" {
			t.Errorf("%d: got %q, %v", code, got, err)
		}
	}
}

func TestByKey(t *testing.T) {
	r := recorder{body: `[{"sku":"b","price":2},{"sku":"a","price":1}]`}
	type price struct {
		SKU   string `json:"sku"`
		Price int    `json:"price"`
	}
	op := backend.ByKey(backend.GET[[]string, []price](r.service(), "prices", "/prices{?sku*}"), func(p price) string { return p.SKU })
	got, err := op.Call(t.Context(), []string{"a", "b", "missing"})
	if err != nil || len(got) != 2 || got["a"].Price != 1 || got["b"].Price != 2 {
		t.Errorf("got %v, %v", got, err)
	}
	if r.asked.Path != "/prices?sku=a&sku=b&sku=missing" {
		t.Errorf("asked %s", r.asked.Path)
	}
}

func TestResults(t *testing.T) {
	s := backend.NewService("shop", serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch answer := strings.TrimPrefix(r.URL.Path, "/"); answer {
		case "204":
			w.WriteHeader(http.StatusNoContent)
		case "empty":
		default:
			_, _ = io.WriteString(w, answer)
		}
	}))
	nothing := backend.GET[string, struct{}](s, "nothing", "/{answer}")
	for _, answer := range []string{"204", "empty", `{"ignored":1}`} {
		if _, err := nothing.Call(t.Context(), answer); err != nil {
			t.Errorf("%s for nothing: %v", answer, err)
		}
	}
	type item struct {
		Name string `json:"name"`
	}
	something := backend.GET[string, item](s, "item", "/{answer}")
	if got, err := something.Call(t.Context(), `{"name":"a","more":1}`); err != nil || got.Name != "a" {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, answer := range []string{"204", "empty", "<html>", `{"name":1}`, `{"name":"a"`, `{"name":"a"}{}`, `{"name":"a","name":"b"}`} {
		got, err := something.Call(t.Context(), answer)
		f := faultOf(t, err, fault.Broken)
		if f.Service != "shop" || f.Op != "item" || got != (item{}) {
			t.Errorf("%s: got %+v, %v", answer, got, err)
		}
	}
}
