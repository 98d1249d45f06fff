package backend_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/facet-bff/facet/shared/backend"
)

type item struct {
	Tags  []string       `json:"tags"`
	Stock map[string]int `json:"stock"`
}

// remembering answers every request with the first answer, as cache and collapse do. Like
// a transport it has the first one checked.
func remembering(body string) backend.Sender {
	var once sync.Once
	res := &backend.Response{Status: http.StatusOK, Body: []byte(body)}
	return func(_ context.Context, req *backend.Request) (_ *backend.Response, err error) {
		once.Do(func() { err = req.Checker.Check(res) })
		return res, err
	}
}

// Callers own their values, however many share the answer, under -race too.
func TestValuesAreIndependent(t *testing.T) {
	for name, op := range map[string]func(*backend.Service) *backend.Op[string, item]{
		"plain": func(s *backend.Service) *backend.Op[string, item] {
			return backend.GET[string, item](s, "item", "/{id}")
		},
		"converted": func(s *backend.Service) *backend.Op[string, item] {
			return backend.Convert(backend.GET[string, item](s, "item", "/{id}"), func(i item) (item, error) { return i, nil })
		},
	} {
		op := op(backend.NewService("shop", remembering(`{"tags":["a","b"],"stock":{"x":1}}`)))
		var callers sync.WaitGroup
		for i := range 16 {
			callers.Go(func() {
				got, err := op.Call(t.Context(), "1")
				if err != nil || !slices.Equal(got.Tags, []string{"a", "b"}) || len(got.Stock) != 1 || got.Stock["x"] != 1 {
					t.Errorf("%s: got %+v, %v", name, got, err)
				}
				got.Tags[0] = strconv.Itoa(i)
				got.Stock["x"], got.Stock["mine"] = i, i
			})
		}
		callers.Wait()
	}
}

// An answer that was decoded on the way is not decoded again.
func TestDecodesOnce(t *testing.T) {
	var decoded atomic.Int32
	s := backend.NewService("shop", serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, 1) }))
	op := backend.Convert(backend.GET[string, int](s, "item", "/{id}"), func(n int) (int, error) {
		decoded.Add(1)
		return n, nil
	})
	if got, err := op.Call(t.Context(), "1"); got != 1 || err != nil || decoded.Load() != 1 {
		t.Errorf("got %d, %v; decoded %d times", got, err, decoded.Load())
	}
}

// The value is of the answer that was returned, not of an earlier attempt's.
func TestValueIsOfTheLastAttempt(t *testing.T) {
	s := backend.NewService("shop", func(_ context.Context, req *backend.Request) (*backend.Response, error) {
		first, last := &backend.Response{Body: []byte("1")}, &backend.Response{Body: []byte("2")}
		return last, req.Checker.Check(first)
	})
	if got, err := backend.GET[string, int](s, "item", "/{id}").Call(t.Context(), "1"); got != 2 || err != nil {
		t.Errorf("got %d, %v", got, err)
	}
}

// What an operation declares stays as it was: its calls run concurrently, and what the
// transport adds goes into a map of its own.
func TestHeadersOfAnOperationAreNotChanged(t *testing.T) {
	var complete atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Const") == "c" && r.Header.Get("X-Request-Id") == "r1" && r.Header.Get("User-Agent") == "facet" {
			complete.Add(1)
		}
		fmt.Fprint(w, 1)
	}))
	t.Cleanup(server.Close)
	send := sendTo(t, server.URL, func(_ context.Context, header interface{ Set(name, value string) }) { header.Set("X-Request-Id", "r1") })
	s := backend.NewService("shop", func(ctx context.Context, req *backend.Request) (*backend.Response, error) {
		before := req.Header.Clone()
		res, err := send(ctx, req)
		if !maps.EqualFunc(before, req.Header, slices.Equal) {
			t.Errorf("the headers became %v", req.Header)
		}
		return res, err
	})
	type arg struct {
		Tenant string `header:"X-Tenant"`
	}
	op := backend.GET[arg, int](s, "item", "/", backend.WithHeader("X-Const", "c"))
	var callers sync.WaitGroup
	for i := range 16 {
		callers.Go(func() {
			if _, err := op.Call(t.Context(), arg{fmt.Sprint("t", i)}); err != nil {
				t.Error(err)
			}
		})
	}
	callers.Wait()
	if n := complete.Load(); n != 16 {
		t.Errorf("%d of 16 calls had their headers", n)
	}
}
