package compose_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/facet-bff/facet/shared/compose"
)

func TestWhen(t *testing.T) {
	type node = compose.Node[string]
	for name, tt := range map[string]struct {
		build      func(n node, cond compose.Node[bool]) node
		yes, no    string
		needsFails string // the value when what n needs fails
	}{
		"or":        {func(n node, c compose.Node[bool]) node { return n.When(c).Or("-") }, "n", "-", "-"},
		"or before": {func(n node, c compose.Node[bool]) node { return n.Or("-").When(c) }, "n", "-", "-"},
		"or else":   {func(n node, c compose.Node[bool]) node { return n.When(c).OrElse(reason) }, "n", "skipped", "failed"},
		"or behind a join": {func(n node, c compose.Node[bool]) node {
			return compose.Join2(n.When(c), n, plus).Or("-")
		}, "n+n", "-", "-"},
		"or behind a step": {func(n node, c compose.Node[bool]) node {
			return compose.Step("later", n.When(c), say[string]("later")).Or("-")
		}, "later", "-", "-"},
		"maybe": {func(n node, c compose.Node[bool]) node {
			return compose.Map(compose.Maybe(n.When(c)), func(r compose.Result[string]) string {
				if r.OK() {
					return r.Value
				}
				s, _ := reason(context.Background(), r.Err)
				return s
			})
		}, "n", "skipped", "failed"},
		"a join": {func(n node, c compose.Node[bool]) node {
			return compose.Map(n, func(s string) string { return s + "!" }).When(c).Or("-")
		}, "n!", "-", "-"},
		"a maybe": {func(n node, c compose.Node[bool]) node {
			return compose.Map(compose.Maybe(n).When(c), func(r compose.Result[string]) string {
				s, _ := reason(context.Background(), r.Err)
				return s
			})
		}, "none", "skipped", "failed"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, run := range []struct {
				in   string
				want string
			}{{"yes", tt.yes}, {"no", tt.no}, {"fail", tt.needsFails}} {
				g := compose.Define("g", func(in node) node {
					cond := compose.Step("cond", in, func(_ context.Context, s string) (bool, error) { return s != "no", nil })
					n := compose.Step("n", in, func(_ context.Context, s string) (string, error) {
						if s == "fail" {
							return "", errDown
						}
						return "n", nil
					})
					return tt.build(n, cond)
				})
				out, err := g.Run(t.Context(), run.in)
				if err != nil || out.Value != run.want {
					t.Errorf("%s: Run = %q, %v; want %q", run.in, out.Value, err, run.want)
				}
				if degraded := len(out.Degraded) > 0; degraded != (run.in == "fail") {
					t.Errorf("%s: Degraded = %v", run.in, out.Degraded)
				}
			}
		})
	}
}

func reason(_ context.Context, err error) (string, error) {
	switch {
	case err == nil:
		return "none", nil
	case errors.Is(err, compose.ErrSkipped):
		return "skipped", nil
	default:
		return "failed", nil
	}
}

func TestSkippedStepDoesNotRun(t *testing.T) {
	var ran, seen []string
	note := func(name string) func(context.Context, string) (string, error) {
		return func(context.Context, string) (string, error) { ran = append(ran, name); return name, nil }
	}
	g := compose.Define("g", func(in compose.Node[string]) compose.Node[string] {
		a := compose.Step("a", in, note("a"))
		b := compose.Step("b", a, note("b")).When(compose.Map(a, always(false)))
		return compose.Step("c", b, note("c")).Or("-")
	}).Observe(func(ctx context.Context, s *compose.StepPlan, next func(context.Context) error) error {
		seen = append(seen, s.Name)
		return next(ctx)
	})
	out, err := g.Run(t.Context(), "")
	if want := []string{"a"}; err != nil || out.Value != "-" || !slices.Equal(ran, want) || !slices.Equal(seen, want) {
		t.Errorf("Run = %v, %v; ran %v, observed %v", out, err, ran, seen)
	}
}

func TestFailedConditionIsTheFailureOfTheNode(t *testing.T) {
	g := compose.Define("g", func(in compose.Node[string]) compose.Node[string] {
		flag := compose.Step("flag", in, fail[string, bool](errDown))
		return compose.Step("a", in, say[string]("a")).When(flag).OrElse(reason)
	})
	out, err := g.Run(t.Context(), "")
	if err != nil || out.Value != "failed" || !slices.Equal(names(out.Degraded), []string{"flag"}) {
		t.Errorf("Run = %v, %v", out, err)
	}
}

func TestOrElseThatReturnsASkipFails(t *testing.T) {
	g := compose.Define("g", func(in compose.Node[string]) compose.Node[string] {
		return compose.Step("a", in, say[string]("a")).When(compose.Map(in, always(false))).
			OrElse(func(_ context.Context, err error) (string, error) { return "", err })
	})
	_, err := g.Run(t.Context(), "")
	step, ok := errors.AsType[*compose.StepError](err)
	if !ok || step.Step != "a" || !errors.Is(err, compose.ErrSkipped) {
		t.Errorf("Run: %v, want a failure of a", err)
	}
}

func TestInputCanBeTheCondition(t *testing.T) {
	g := compose.Define("g", func(in compose.Node[bool]) compose.Node[string] {
		return compose.Step("a", in, say[bool]("a")).When(in).Or("-")
	})
	for in, want := range map[bool]string{true: "a", false: "-"} {
		if out, err := g.Run(t.Context(), in); err != nil || out.Value != want {
			t.Errorf("Run(%v) = %v, %v; want %q", in, out, err, want)
		}
	}
}
