package backend_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/facet-bff/facet/shared/backend"
)

// A contract: the types and the operations of one service.
func Example() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(r.Method, r.RequestURI)
		_, _ = io.WriteString(w, `[{"sku":"lamp/2","cents":1999}]`)
	}))
	defer server.Close()
	pool := backend.NewPool(backend.Connections{
		MaxResponse: 4 << 20, MaxConns: 16, MaxIdleConns: 16, IdleTimeout: time.Minute, DialTimeout: time.Second,
	}, nil)
	defer pool.Close()
	pricing := backend.NewService("pricing", func(ctx context.Context, req *backend.Request) (*backend.Response, error) {
		req.Base = server.URL // in a gateway policies stand here
		return pool.Send(ctx, req)
	})

	type Price struct {
		SKU   string `json:"sku"`
		Cents int    `json:"cents"`
	}
	type Query struct {
		SKUs     []string `query:"product"`
		Currency string   `query:"currency"`
	}
	prices := backend.GET[Query, []Price](pricing, "prices", "/prices{?product*,currency}")

	got, err := prices.Call(context.Background(), Query{SKUs: []string{"lamp/2", "sofa"}})
	fmt.Println(got, err)
	// Output:
	// GET /prices?product=lamp%2F2&product=sofa
	// [{lamp/2 1999}] <nil>
}

// answers is a service that answers body to everything.
func answers(body string) *backend.Service {
	return backend.NewService("stock", func(_ context.Context, req *backend.Request) (*backend.Response, error) {
		fmt.Fprintln(os.Stdout, strings.TrimSpace(req.Method+" "+req.Path+" "+string(req.Body)))
		return &backend.Response{Status: http.StatusOK, Body: []byte(body)}, nil
	})
}

func ExampleByKey() {
	type Stock struct {
		SKU  string `json:"sku"`
		Left int    `json:"left"`
	}
	s := answers(`[{"sku":"a","left":3},{"sku":"b","left":0}]`)
	stocks := backend.ByKey(backend.GET[[]string, []Stock](s, "stocks", "/stock{?item}"), func(s Stock) string { return s.SKU })

	got, err := stocks.Call(context.Background(), []string{"a", "b", "c"})
	_, known := got["c"]
	fmt.Println(got["a"].Left, known, err)
	// Output:
	// GET /stock?item=a,b,c
	// 3 false <nil>
}

func ExampleConvert() {
	type answer struct {
		Code string `json:"rc"`
		Left string `json:"qty"`
	}
	legacy := backend.GET[string, answer](answers(`{"rc":"00","qty":"3 pcs"}`), "stock", "/stock/{item}")
	stock := backend.Convert(legacy, func(a answer) (left int, err error) {
		_, err = fmt.Sscanf(a.Left, "%d pcs", &left)
		return left, err
	})
	fmt.Println(stock.Call(context.Background(), "a"))
	// Output:
	// GET /stock/a
	// 3 <nil>
}

func ExamplePATCH() {
	type Change struct {
		Item string `param:"item"`
		Left *int   `json:"left,omitzero"`
		Note string `json:"note,omitzero"`
	}
	change := backend.PATCH[Change, struct{}](answers(""), "change", "/stock/{item}",
		backend.WithHeader("Content-Type", "application/merge-patch+json"))
	_, err := change.Call(context.Background(), Change{Item: "a", Left: new(0)})
	fmt.Println(err)
	// Output:
	// PATCH /stock/a {"left":0}
	// <nil>
}
