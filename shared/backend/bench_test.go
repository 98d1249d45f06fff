package backend_test

import (
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/facet-bff/facet/shared/backend"
)

const productJSON = `{"sku":"p1","name":"A lamp","price":1999,"tags":["home","light"]}`

type product struct {
	SKU   string   `json:"sku"`
	Name  string   `json:"name"`
	Price int      `json:"price"`
	Tags  []string `json:"tags"`
}

type query struct {
	SKU    string `param:"sku"`
	Limit  int    `query:"limit"`
	Tenant string `header:"X-Tenant"`
}

// What an operation costs by itself: encode the argument, decode the answer.
func BenchmarkOpCall(b *testing.B) {
	res := &backend.Response{Status: http.StatusOK, Body: []byte(productJSON)}
	s := backend.NewService("shop", func(context.Context, *backend.Request) (*backend.Response, error) { return res, nil })
	bench(b, s)
}

// The same and HTTP over the loopback.
func BenchmarkOpCallLoopback(b *testing.B) {
	bench(b, backend.NewService("shop", serve(b, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, productJSON)
	})))
}

func bench(b *testing.B, s *backend.Service) {
	b.Helper()
	op := backend.GET[query, product](s, "product", "/products/{sku}{?limit}")
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		if got, err := op.Call(ctx, query{"p1", 10, "eu"}); err != nil || got.Price != 1999 {
			b.Fatal(got, err)
		}
	}
}

func BenchmarkKey(b *testing.B) {
	req := get()
	req.Path, req.Caller = "/products/p1?limit=10", "0af7651916cd43dd8448eb211c80319c"
	req.Header = http.Header{"Accept": {"application/json"}, "X-Tenant": {"eu"}}
	b.ReportAllocs()
	for b.Loop() {
		_ = req.Key()
	}
}
