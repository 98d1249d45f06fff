package backend_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/facet-bff/facet/shared/backend"
)

type tagged struct {
	ID    string   `param:"id"`
	Lang  string   `header:"Accept-Language"`
	Kinds []int    `query:"kind"`
	Owner string   `json:"owner,omitempty"`
	Other *float64 `json:"other"`
}

// asked is what a call of an operation tells the policies.
func asked[A, B any](t *testing.T, declare func(*backend.Service) *backend.Op[A, B], arg A) *backend.Request {
	t.Helper()
	var got *backend.Request
	_, _ = declare(backend.NewService("catalog", func(_ context.Context, r *backend.Request) (*backend.Response, error) {
		got = r
		return &backend.Response{Status: 200, Body: []byte(`{}`)}, nil
	})).Call(t.Context(), arg)
	return got
}

func TestTagsOfACall(t *testing.T) {
	scalar := asked(t, func(s *backend.Service) *backend.Op[string, struct{}] {
		return backend.GET[string, struct{}](s, "product", "/products/{id}", backend.Tags("product:{id}", "products"))
	}, "p 1")
	list := asked(t, func(s *backend.Service) *backend.Op[[]string, map[string]struct{}] {
		return backend.ByKey(backend.GET[[]string, []struct{}](s, "products", "/products{?ids}", backend.Tags("product:{ids}")),
			func(struct{}) string { return "" })
	}, []string{"a", "b"})
	args := tagged{ID: "7", Lang: "de", Kinds: []int{1, 2}, Owner: "u1"}
	write := asked(t, func(s *backend.Service) *backend.Op[tagged, struct{}] {
		return backend.POST[tagged, struct{}](s, "place", "/orders/{id}{?kind}",
			backend.Invalidates("o:{id}", "k:{kind}!", "l:{Accept-Language}", "u:{owner}", "n:{other}"))
	}, args)
	none := asked(t, func(s *backend.Service) *backend.Op[string, struct{}] {
		return backend.GET[string, struct{}](s, "product", "/products/{id}")
	}, "1")
	for name, c := range map[string]struct{ got, want []string }{
		"a scalar's":  {scalar.Tags, []string{"product:p 1", "products"}},
		"a list's":    {list.Tags, []string{"product:a", "product:b"}},
		"a struct's":  {write.Invalidates, []string{"o:7", "k:1!", "k:2!", "l:de", "u:u1"}},
		"no tags":     {none.Tags, nil},
		"nor invalid": {append(none.Invalidates, scalar.Invalidates...), nil},
		"not tagged":  {write.Tags, nil},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s: got %q, want %q", name, c.got, c.want)
		}
	}
}

func TestTagsThatCannotBeMeantAreMistakes(t *testing.T) {
	s := backend.NewService("catalog", nil)
	for name, c := range map[string]struct {
		option backend.OpOption
		want   string
	}{
		"empty":            {backend.Tags(""), "it is empty"},
		"unknown":          {backend.Tags("product:{sku}"), "has no sku"},
		"not closed":       {backend.Tags("product:{id"), "one {name}"},
		"not opened":       {backend.Tags("product:id}"), "one {name}"},
		"two":              {backend.Tags("{id}{id}"), "one {name}"},
		"no name":          {backend.Tags("product:{}"), "one {name}"},
		"read and changes": {backend.Invalidates("a"), "it changes nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if p, ok := recover().(string); !ok || !strings.Contains(p, c.want) {
					t.Errorf("panicked with %q, want %q", p, c.want)
				}
			}()
			backend.GET[string, struct{}](s, "product", "/products/{id}", c.option)
		})
	}
}
