package compose_test

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"github.com/facet-bff/facet/shared/compose"
)

func TestStepThatEndsItsGoroutineFailsTheRun(t *testing.T) {
	g := compose.Define("g", func(in compose.Node[int]) compose.Node[string] {
		goexit := func(context.Context, int) (string, error) { runtime.Goexit(); return "", nil }
		return compose.Join2(compose.Step("a", in, say[int]("a")), compose.Step("b", in, goexit), plus)
	})
	if out, err := g.Run(t.Context(), 1); err == nil {
		t.Errorf("Run = %q, want an error", out.Value)
	}
}

func TestPanicsAreFailures(t *testing.T) {
	boom := func(context.Context, int) (string, error) { panic("boom") }
	bang := func(int) string { panic("boom") }
	lists := func(int) []int { return []int{1, 2} }
	for name, build := range map[string]func(compose.Node[int]) compose.Node[string]{
		"step": func(in compose.Node[int]) compose.Node[string] { return compose.Step("s", in, boom) },
		"join": func(in compose.Node[int]) compose.Node[string] { return compose.Map(in, bang) },
		"fallback": func(in compose.Node[int]) compose.Node[string] {
			return compose.Step("s", in, fail[int, string](errDown)).
				OrElse(func(context.Context, error) (string, error) { panic("boom") })
		},
		"each": func(in compose.Node[int]) compose.Node[string] {
			all := compose.Each("e", compose.Map(in, lists), 2, op[int, string](boom))
			return compose.Map(all, func([]string) string { return "" })
		},
		"batch": func(in compose.Node[int]) compose.Node[string] {
			all := compose.Batch("b", compose.Map(in, lists), 1, op[[]int, map[int]int](
				func(context.Context, []int) (map[int]int, error) { panic("boom") }))
			return compose.Map(all, func(map[int]int) string { return "" })
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := compose.Define("g", build).Run(t.Context(), 1)
			p, ok := errors.AsType[*compose.PanicError](err)
			if !ok || p.Value != "boom" || len(p.Stack) == 0 {
				t.Errorf("Run: %v, want a PanicError with its stack", err)
			}
			out, err := compose.Define("g", func(in compose.Node[int]) compose.Node[string] {
				return compose.Map(build(in), func(s string) string { return s }).Or("saved")
			}).Run(t.Context(), 1)
			if err != nil || out.Value != "saved" || len(out.Degraded) != 1 {
				t.Errorf("Run = %v, %v, want it to be absorbed", out, err)
			}
		})
	}
}

func TestObserverIsTheStep(t *testing.T) {
	g := compose.Define("g", func(in compose.Node[int]) compose.Node[string] {
		return compose.Join2(compose.Step("a", in, say[int]("a")).Or("no a"), compose.Step("b", in, say[int]("b")), plus)
	}).Observe(func(ctx context.Context, s *compose.StepPlan, next func(context.Context) error) error {
		if s.Name == "a" {
			panic("observer")
		}
		return next(ctx)
	})
	if out, err := g.Run(t.Context(), 1); err != nil || out.Value != "no a+b" || out.Degraded[0].Step != "a" {
		t.Errorf("Run = %v, %v", out, err)
	}
}
