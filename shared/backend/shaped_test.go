package backend_test

import (
	"context"
	"runtime"
	"strings"
	"testing"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/shape"
)

// answering is a service whose answers are checked as a transport does.
func answering(body string) *backend.Service {
	return backend.NewService("shop", func(_ context.Context, req *backend.Request) (*backend.Response, error) {
		res := &backend.Response{Status: 200, Body: []byte(body)}
		if err := req.Checker.Check(res); err != nil {
			return nil, &fault.Error{Kind: fault.Broken, Err: err}
		}
		return res, nil
	})
}

const order = `{ "id": 7, "secret": "x", "total": 1.50, "lines": [ {"sku": "a", "cost": 1}, {"sku": "b"} ] }`

func TestShapedAnswersArePassedOn(t *testing.T) {
	op := backend.GET[int, shape.JSON](answering(order), "order", "/orders/{id}",
		backend.Shaped(shape.Must(shape.Keep("id", "total", "lines.sku"))))
	got, err := op.Call(t.Context(), 7)
	if want := `{"id":7,"total":1.50,"lines":[{"sku":"a"},{"sku":"b"}]}`; err != nil || string(got) != want {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestShapedAnswersAreDecoded(t *testing.T) {
	type total struct {
		Amount float64 `json:"amount"`
		Secret string  `json:"secret"`
	}
	op := backend.GET[int, total](answering(order), "order", "/orders/{id}",
		backend.Shaped(shape.Must(shape.Keep("total"), shape.Rename("total", "amount"))))
	got, err := op.Call(t.Context(), 7)
	if want := (total{Amount: 1.5}); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestShapedAnswersAreChecked(t *testing.T) {
	op := backend.GET[int, shape.JSON](answering(`{"id":7,"id":8}`), "order", "/orders/{id}",
		backend.Shaped(shape.Must(shape.Keep("id"))))
	_, err := op.Call(t.Context(), 7)
	wantKind(t, err, fault.Broken)
}

// TestOneLargeAnswerIsForgotten holds what later calls work with against what one has needed.
func TestOneLargeAnswerIsForgotten(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // each processor has its own pool
	const size = 16 << 20
	large := true
	service := backend.NewService("shop", func(_ context.Context, req *backend.Request) (*backend.Response, error) {
		body := `"a"`
		if large {
			body = `"` + strings.Repeat("a", size) + `"`
		}
		res := &backend.Response{Status: 200, Body: []byte(body)}
		return res, req.Checker.Check(res)
	})
	op := backend.GET[int, string](service, "text", "/texts/{id}")
	for range 8 {
		if _, err := op.Call(t.Context(), 7); err != nil {
			t.Fatal(err)
		}
		large = false
		runtime.GC() // which takes from a pool what has not been used since the one before
	}
	var memory runtime.MemStats
	if runtime.ReadMemStats(&memory); memory.HeapAlloc > size/2 {
		t.Errorf("%d MB are in use", memory.HeapAlloc>>20)
	}
}

func TestShapesThatCannotBe(t *testing.T) {
	for name, declare := range map[string]func(){
		"nil": func() { backend.GET[int, shape.JSON](answering(""), "order", "/orders/{id}", backend.Shaped(nil)) },
		"nothing read": func() {
			backend.GET[int, struct{}](answering(""), "order", "/orders/{id}", backend.Shaped(shape.Must()))
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if p, _ := recover().(string); !strings.HasPrefix(p, "backend: shop.order: ") {
					t.Errorf("panicked with %q", p)
				}
			}()
			declare()
		})
	}
}
