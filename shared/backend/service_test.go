package backend_test

import (
	"context"
	"slices"
	"testing"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
)

func TestServices(t *testing.T) {
	r := recorder{body: "1"}
	shop := r.service()
	services := backend.NewServices(shop)
	if services.Get("shop") != shop || !services.Has("shop") || shop.Name() != "shop" {
		t.Error("a configured service is not found")
	}
	absent := services.Get("reviews")
	if absent.Name() != "reviews" || services.Has("reviews") {
		t.Error("a service that is not configured is had after it was got")
	}
	_, err := backend.GET[string, int](absent, "summary", "/{id}").Call(t.Context(), "1")
	f := faultOf(t, err, fault.Unavailable)
	if f.Service != "reviews" || f.Op != "summary" || f.Kind.Retry() != fault.Never {
		t.Errorf("got %v", err)
	}
}

func TestChain(t *testing.T) {
	var order []string
	named := func(name string) backend.Policy {
		return func(next backend.Sender) backend.Sender {
			return func(ctx context.Context, req *backend.Request) (*backend.Response, error) {
				order = append(order, name)
				return next(ctx, req)
			}
		}
	}
	last := func(context.Context, *backend.Request) (*backend.Response, error) {
		order = append(order, "transport")
		return nil, &fault.Error{Kind: fault.Broken}
	}
	_, err := backend.Chain(last, named("cache"), nil, named("retry"))(t.Context(), get())
	wantKind(t, err, fault.Broken)
	if !slices.Equal(order, []string{"cache", "retry", "transport"}) {
		t.Errorf("went through %v", order)
	}
}

// The error names the operation, unless it names one already; it keeps the rest.
func TestFailuresAreNamed(t *testing.T) {
	for _, c := range []struct{ given, want fault.Error }{
		{fault.Error{Kind: fault.Broken}, fault.Error{Kind: fault.Broken, Service: "shop", Op: "item"}},
		{fault.Error{Kind: fault.Throttled, RetryAfter: 7}, fault.Error{Kind: fault.Throttled, RetryAfter: 7, Service: "shop", Op: "item"}},
		{fault.Error{Kind: fault.Gone, Service: "a", Op: "b"}, fault.Error{Kind: fault.Gone, Service: "a", Op: "b"}},
	} {
		given := c.given
		s := backend.NewService("shop", func(context.Context, *backend.Request) (*backend.Response, error) { return nil, &given })
		_, err := backend.GET[string, int](s, "item", "/{id}").Call(t.Context(), "1")
		if got := fault.From(err); got.Kind != c.want.Kind || got.Service != c.want.Service || got.Op != c.want.Op || got.RetryAfter != c.want.RetryAfter {
			t.Errorf("got %v, want %v", got, &c.want)
		}
		if given.Service != c.given.Service || given.Op != c.given.Op {
			t.Error("an error that others may share was changed")
		}
	}
}
