package compose_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/compose"
)

const ms = time.Millisecond

// timed runs g in fake time and checks how long that takes.
func timed[In, Out any](
	t *testing.T, ctx context.Context, g *compose.Graph[In, Out], in In, want time.Duration,
) (compose.Outcome[Out], error) {
	t.Helper()
	start := time.Now()
	out, err := g.Run(ctx, in)
	if took := time.Since(start); took != want {
		t.Errorf("the run took %v, want %v", took, want)
	}
	return out, err
}

func TestStepsThatDoNotNeedEachOtherOverlap(t *testing.T) {
	g := compose.Define("g", func(in compose.Node[int]) compose.Node[string] {
		a := compose.Step("a", in, after[int](100*ms, "a", nil))
		b := compose.Step("b", in, after[int](80*ms, "b", nil))
		c := compose.Step("c", a, after[string](50*ms, "c", nil))
		return compose.Join2(b, c, plus)
	})
	synctest.Test(t, func(t *testing.T) {
		if out, err := timed(t, t.Context(), g, 1, 150*ms); err != nil || out.Value != "b+c" {
			t.Errorf("Run = %q, %v", out.Value, err)
		}
	})
}

func TestSlowFallbackDelaysOnlyWhatNeedsIt(t *testing.T) {
	slow := func(ctx context.Context, _ error) (string, error) { return after[int](100*ms, "old", nil)(ctx, 0) }
	for name, broken := range map[string]func(compose.Node[string]) compose.Node[string]{
		"step": func(a compose.Node[string]) compose.Node[string] {
			return compose.Step("b", a, say[string]("b")).OrElse(slow)
		},
		"join": func(a compose.Node[string]) compose.Node[string] {
			return compose.Map(a, func(s string) string { return s }).OrElse(slow)
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := compose.Define("g", func(in compose.Node[int]) compose.Node[string] {
				a := compose.Step("a", in, fail[int, string](errDown))
				b := broken(a)
				c := compose.Step("c", compose.Map(compose.Maybe(a), func(compose.Result[string]) int { return 0 }),
					after[int](100*ms, "c", nil))
				return compose.Join2(b, c, plus)
			})
			synctest.Test(t, func(t *testing.T) {
				if out, err := timed(t, t.Context(), g, 1, 100*ms); err != nil || out.Value != "old+c" {
					t.Errorf("Run = %q, %v", out.Value, err)
				}
			})
		})
	}
}

func TestRequiredFailureEndsTheRun(t *testing.T) {
	var cancelled atomic.Bool
	g := compose.Define("g", func(in compose.Node[int]) compose.Node[string] {
		a := compose.Step("a", in, after[int](ms, "", errDown))
		b := compose.Step("b", in, func(ctx context.Context, _ int) (string, error) {
			<-ctx.Done()
			time.Sleep(5 * ms) // to wind down
			cancelled.Store(true)
			return "", ctx.Err()
		})
		c := compose.Step("c", in, after[int](time.Hour, "c", nil)).OrElse(func(context.Context, error) (string, error) {
			t.Error("a fallback was asked for a run that had ended")
			return "", nil
		})
		return compose.Join3(a, b, c, func(string, string, string) string { return "" })
	})
	synctest.Test(t, func(t *testing.T) {
		_, err := timed(t, t.Context(), g, 1, 6*ms)
		step, ok := errors.AsType[*compose.StepError](err)
		if !ok || step.Graph != "g" || step.Step != "a" || !errors.Is(err, errDown) {
			t.Errorf("Run: %v, want the failure of a", err)
		}
		if !cancelled.Load() {
			t.Error("Run returned before b had")
		}
	})
}

func TestFailureThatEndedTheRunIsReported(t *testing.T) {
	g := compose.Define("g", func(in compose.Node[int]) compose.Node[string] {
		a := compose.Step("a", in, after[int](ms, "", errDown))
		b := compose.Step("b", in, func(ctx context.Context, _ int) (string, error) {
			time.Sleep(10 * ms)
			return "", ctx.Err()
		})
		return compose.Join2(b, a, plus)
	})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		time.AfterFunc(5*ms, cancel) // too late to be the reason
		if _, err := timed(t, ctx, g, 1, 10*ms); !errors.Is(err, errDown) {
			t.Errorf("Run: %v, want the failure of a", err)
		}
	})
}

func TestWithinEndsOneStepAndNotTheRun(t *testing.T) {
	g := compose.Define("g", func(in compose.Node[int]) compose.Node[string] {
		a := compose.Step("a", in, after[int](70*ms, "a", nil))
		b := compose.Step("b", a, after[string](time.Hour, "b", nil)).Within(50 * ms).
			OrElse(func(ctx context.Context, err error) (string, error) {
				if !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
					t.Errorf("the fallback got %v; its context says %v", err, ctx.Err())
				}
				return "late", nil
			})
		return compose.Step("c", b, func(_ context.Context, s string) (string, error) { return s + "+c", nil })
	})
	synctest.Test(t, func(t *testing.T) {
		if out, err := timed(t, t.Context(), g, 1, 120*ms); err != nil || out.Value != "late+c" {
			t.Errorf("Run = %q, %v", out.Value, err)
		}
	})
}

func TestDeadlineOfTheRequest(t *testing.T) {
	started := false
	optional := compose.Define("g", func(in compose.Node[int]) compose.Node[string] {
		a := compose.Step("a", in, after[int](10*ms, "a", nil))
		b := compose.Step("b", in, after[int](time.Hour, "b", nil)).Or("no b")
		c := compose.Step("c", b, func(context.Context, string) (string, error) { started = true; return "c", nil }).Or("no c")
		return compose.Join3(a, b, c, func(a, b, c string) string { return a + "+" + b + "+" + c })
	})
	required := compose.Define("g", func(in compose.Node[int]) compose.Node[string] {
		a := compose.Step("a", in, after[int](time.Hour, "a", nil))
		return compose.Join2(a, compose.Step("b", in, after[int](time.Hour, "b", nil)).Or("no b"), plus)
	})

	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 30*ms)
		defer cancel()
		out, err := timed(t, ctx, optional, 1, 30*ms)
		if err != nil || out.Value != "a+no b+no c" || started {
			t.Errorf("Run = %q, %v; c started: %v", out.Value, err, started)
		}
		if len(out.Degraded) != 2 || !errors.Is(out.Degraded[1], context.DeadlineExceeded) {
			t.Errorf("Degraded = %v, want b and c, which was too late to be started", out.Degraded)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 30*ms)
		defer cancel()
		_, err := timed(t, ctx, required, 1, 30*ms)
		step, ok := errors.AsType[*compose.StepError](err)
		if !ok || step.Step != "a" || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Run: %v, want a to be too late", err)
		}
	})
}

func TestCancelledRequestHasNoOutcome(t *testing.T) {
	absorbs := compose.Define("g", func(in compose.Node[int]) compose.Node[string] {
		a := compose.Step("a", in, after[int](time.Hour, "a", nil)).Or("no a")
		return compose.Map(compose.Maybe(a), func(compose.Result[string]) string { return "" })
	})
	ignores := compose.Define("g", func(in compose.Node[int]) compose.Node[string] {
		return compose.Step("a", in, func(context.Context, int) (string, error) { time.Sleep(20 * ms); return "a", nil })
	})
	fails := compose.Define("g", func(in compose.Node[int]) compose.Node[string] {
		return compose.Step("a", in, func(ctx context.Context, _ int) (string, error) { <-ctx.Done(); return "", errDown }).Or("no a")
	})
	for _, tt := range []struct {
		name         string
		g            *compose.Graph[int, string]
		before, took time.Duration
	}{
		{"at the start, absorbs", absorbs, 0, 0},
		{"at the start, ignores", ignores, 0, 0},
		{"at the start, fails", fails, 0, 0},
		{"absorbs", absorbs, 10 * ms, 10 * ms},
		{"ignores", ignores, 10 * ms, 20 * ms},
		{"fails", fails, 10 * ms, 10 * ms},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				if tt.before == 0 {
					cancel(errDown)
				} else {
					time.AfterFunc(tt.before, func() { cancel(errDown) })
				}
				if _, err := timed(t, ctx, tt.g, 1, tt.took); !errors.Is(err, context.Canceled) {
					t.Errorf("Run: %v, want context.Canceled", err)
				}
			})
		})
	}
}
