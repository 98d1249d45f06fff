package compose_test

import (
	"context"
	"errors"
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/compose"
)

type list = compose.Node[[]int]

func TestBatchAsksOnceForEachKey(t *testing.T) {
	for name, tt := range map[string]struct {
		keys   []int
		chunks [][]int
	}{
		"none":            {nil, nil},
		"empty":           {[]int{}, nil},
		"one":             {[]int{5}, [][]int{{5}}},
		"one often":       {[]int{5, 5, 5, 5}, [][]int{{5}}},
		"exactly a chunk": {[]int{1, 2, 3}, [][]int{{1, 2, 3}}},
		"two chunks":      {[]int{1, 2, 1, 3, 4, 2, 5}, [][]int{{1, 2, 3}, {4, 5}}},
	} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			var chunks [][]int
			g := compose.Define("g", func(in list) compose.Node[map[int]int] {
				return compose.Batch("b", in, 3, op[[]int, map[int]int](func(ctx context.Context, ks []int) (map[int]int, error) {
					mu.Lock()
					defer mu.Unlock()
					chunks = append(chunks, slices.Clone(ks))
					return squares(ctx, ks)
				}))
			})
			out, err := g.Run(t.Context(), tt.keys)
			want, _ := squares(t.Context(), tt.keys)
			if err != nil || out.Value == nil || !maps.Equal(out.Value, want) {
				t.Errorf("Run = %v, %v; want %v", out.Value, err, want)
			}
			slices.SortFunc(chunks, slices.Compare)
			if !slices.EqualFunc(chunks, tt.chunks, slices.Equal) {
				t.Errorf("asked for %v, want %v", chunks, tt.chunks)
			}
		})
	}
}

func TestBatchToleratesNilMaps(t *testing.T) {
	for _, keys := range [][]int{{1}, {1, 2, 3}} {
		g := compose.Define("g", func(in list) compose.Node[map[int]int] {
			return compose.Batch("b", in, 2, op[[]int, map[int]int](
				func(context.Context, []int) (map[int]int, error) { return nil, nil }))
		})
		if out, err := g.Run(t.Context(), keys); err != nil || out.Value == nil || len(out.Value) != 0 {
			t.Errorf("%v: Run = %#v, %v", keys, out.Value, err)
		}
	}
}

func TestBatchChunksOverlap(t *testing.T) {
	g := compose.Define("g", func(in list) compose.Node[map[int]int] {
		return compose.Batch("b", in, 2, op[[]int, map[int]int](after[[]int](30*ms, map[int]int{1: 1}, nil)))
	})
	synctest.Test(t, func(t *testing.T) {
		if _, err := timed(t, t.Context(), g, []int{1, 2, 3, 4, 5}, 30*ms); err != nil {
			t.Error(err)
		}
	})
}

func TestEachKeepsItsLimitAndOrder(t *testing.T) {
	for limit, want := range map[int]time.Duration{1: 70 * ms, 2: 40 * ms, 3: 30 * ms, 7: 10 * ms, 99: 10 * ms} {
		var now, most atomic.Int32
		g := compose.Define("g", func(in list) list {
			return compose.Each("e", in, limit, op[int, int](func(ctx context.Context, k int) (int, error) {
				n := now.Add(1)
				defer now.Add(-1)
				for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
				}
				return after[int](10*ms, k*k, nil)(ctx, k)
			}))
		})
		synctest.Test(t, func(t *testing.T) {
			out, err := timed(t, t.Context(), g, []int{1, 2, 3, 4, 5, 6, 7}, want)
			if err != nil || !slices.Equal(out.Value, []int{1, 4, 9, 16, 25, 36, 49}) {
				t.Errorf("limit %d: Run = %v, %v", limit, out.Value, err)
			}
			if got := int(most.Load()); got != min(limit, 7) {
				t.Errorf("limit %d: %d calls at a time", limit, got)
			}
		})
	}
}

func TestEachOfNothing(t *testing.T) {
	g := compose.Define("g", func(in list) list {
		return compose.Each("e", in, 2, op[int, int](func(context.Context, int) (int, error) { t.Error("called"); return 0, nil }))
	})
	if out, err := g.Run(t.Context(), nil); err != nil || out.Value == nil || len(out.Value) != 0 {
		t.Errorf("Run = %#v, %v", out.Value, err)
	}
}

func TestFirstFailureCancelsTheOtherCalls(t *testing.T) {
	var calls atomic.Int32
	call := func(ctx context.Context, k int) (int, error) {
		calls.Add(1)
		if k == 2 {
			return after[int](10*ms, 0, errDown)(ctx, k)
		}
		return after[int](time.Hour, k, nil)(ctx, k)
	}
	each := compose.Define("g", func(in list) list { return compose.Each("e", in, 3, op[int, int](call)) })
	batch := compose.Define("g", func(in list) list {
		m := compose.Batch("e", in, 1, op[[]int, map[int]int](func(ctx context.Context, ks []int) (map[int]int, error) {
			v, err := call(ctx, ks[0])
			return map[int]int{ks[0]: v}, err
		}))
		return compose.Map(m, func(map[int]int) []int { return nil })
	})
	for name, tt := range map[string]struct {
		g     *compose.Graph[[]int, []int]
		calls int32
	}{"each": {each, 3}, "batch": {batch, 5}} {
		t.Run(name, func(t *testing.T) {
			calls.Store(0)
			synctest.Test(t, func(t *testing.T) {
				_, err := timed(t, t.Context(), tt.g, []int{1, 2, 3, 4, 5}, 10*ms)
				step, ok := errors.AsType[*compose.StepError](err)
				if !ok || step.Step != "e" || !errors.Is(err, errDown) {
					t.Errorf("Run: %v, want the failure of e", err)
				}
				if got := calls.Load(); got != tt.calls {
					t.Errorf("%d calls, want %d", got, tt.calls)
				}
			})
		})
	}
}

func TestEachIsNotDoneWhenItsTimeIsUp(t *testing.T) {
	g := compose.Define("g", func(in list) list {
		slow := func(_ context.Context, k int) (int, error) { time.Sleep(20 * ms); return k, nil }
		return compose.Each("e", in, 2, op[int, int](slow)).Within(50 * ms)
	})
	synctest.Test(t, func(t *testing.T) {
		if _, err := timed(t, t.Context(), g, keys(9), 60*ms); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Run: %v, want the items that were not called to be a failure", err)
		}
	})
}

// TestOneAtATimeNeedsNoGoroutine: neither a chain nor a list of one starts any.
func TestOneAtATimeNeedsNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	count := func() {
		if now := runtime.NumGoroutine(); now > before {
			t.Errorf("%d goroutines, want %d", now, before)
		}
	}
	g := compose.Define("g", func(in num) list {
		a := compose.Step("a", in, func(_ context.Context, i int) ([]int, error) { count(); return []int{i}, nil })
		b := compose.Each("b", a, 9, op[int, int](func(_ context.Context, i int) (int, error) { count(); return i, nil }))
		c := compose.Batch("c", b, 9, op[[]int, map[int]int](func(ctx context.Context, ks []int) (map[int]int, error) {
			count()
			return squares(ctx, ks)
		}))
		d := compose.Map(c, func(m map[int]int) []int { return []int{m[7], m[7]} })
		return compose.Each("d", d, 1, op[int, int](func(_ context.Context, i int) (int, error) { count(); return i, nil }))
	})
	if out, err := g.Run(t.Context(), 7); err != nil || !slices.Equal(out.Value, []int{49, 49}) {
		t.Errorf("Run = %v, %v", out.Value, err)
	}
}
