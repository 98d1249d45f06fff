package compose_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"
	"weak"

	"github.com/facet-bff/facet/shared/compose"
)

// TestRunsDoNotMix runs one graph many times at once, so that pooled runs are used
// again and again, with inputs that fail, skip, panic and succeed.
func TestRunsDoNotMix(t *testing.T) {
	g := compose.Define("g", func(in num) compose.Node[[]int] {
		a := compose.Step("a", in, func(_ context.Context, i int) (int, error) {
			switch i % 5 {
			case 0:
				return 0, errDown
			case 1:
				panic("boom")
			}
			return 10 * i, nil
		})
		b := compose.Step("b", a, func(_ context.Context, i int) (int, error) { return i + 1, nil }).Or(-1)
		c := compose.Step("c", in, func(_ context.Context, i int) (int, error) { return 100 * i, nil }).
			When(compose.Map(in, func(i int) bool { return i%2 == 0 })).Or(-2)
		d := compose.Step("d", in, func(_ context.Context, i int) (int, error) {
			if i%7 == 0 {
				return 0, errDown
			}
			return i, nil
		})
		return compose.Join3(b, c, d, func(b, c, d int) []int { return []int{b, c, d} })
	})
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			for i := worker; i < 2000; i += 8 {
				checkMixed(t, g, i)
			}
		})
	}
	group.Wait()
}

func checkMixed(t *testing.T, g *compose.Graph[int, []int], i int) {
	t.Helper()
	out, err := g.Run(t.Context(), i)
	if i%7 == 0 {
		if !errors.Is(err, errDown) || out.Value != nil || out.Degraded != nil {
			t.Errorf("Run(%d) = %v, %v; want d to fail", i, out, err)
		}
		return
	}
	want, degraded := []int{10*i + 1, -2, i}, []string{}
	if i%5 < 2 {
		want[0], degraded = -1, []string{"a"}
	}
	if i%2 == 0 {
		want[1] = 100 * i
	}
	if err != nil || !slices.Equal(out.Value, want) || !slices.Equal(names(out.Degraded), degraded) {
		t.Errorf("Run(%d) = %v, %v; want %v and %v degraded", i, out, err, want, degraded)
	}
}

// TestPoolKeepsNothingOfARequest: what is in a pool survives one collection, so a
// pooled run that still held a value of a request would keep that alive.
func TestPoolKeepsNothingOfARequest(t *testing.T) {
	type blob [1 << 10]byte
	for _, end := range []error{nil, errDown} {
		var mu sync.Mutex
		var made []weak.Pointer[blob]
		note := func(b *blob) *blob {
			mu.Lock()
			defer mu.Unlock()
			made = append(made, weak.Make(b))
			return b
		}
		g := compose.Define("g", func(in compose.Node[*blob]) compose.Node[*blob] {
			a := compose.Step("a", in, func(context.Context, *blob) (*blob, error) { return note(new(blob)), nil })
			b := compose.Step("b", a, func(context.Context, *blob) (*blob, error) { return note(new(blob)), end })
			c := compose.Step("c", in, func(context.Context, *blob) (*blob, error) {
				return nil, blobError{note(new(blob))[:]}
			})
			return compose.Join2(b, compose.Maybe(c), func(b *blob, _ compose.Result[*blob]) *blob { return b })
		})
		if _, err := g.Run(t.Context(), note(new(blob))); !errors.Is(err, end) {
			t.Fatalf("Run: %v, want %v", err, end)
		}
		runtime.GC()
		for i, p := range made {
			if p.Value() != nil {
				t.Errorf("run that ends with %v: value %d of %d outlives it", end, i, len(made))
			}
		}
		runtime.KeepAlive(g)
	}
}

// A blobError is a failure that holds data of the request.
type blobError struct{ data []byte }

func (blobError) Error() string { return "blob" }
