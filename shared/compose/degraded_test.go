package compose_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/facet-bff/facet/shared/compose"
)

func TestFailureTravelsToTheNearestFallback(t *testing.T) {
	ran := false
	g := compose.Define("g", func(in compose.Node[int]) compose.Node[string] {
		a := compose.Step("a", in, fail[int, string](errDown))
		b := compose.Step("b", a, func(context.Context, string) (string, error) { ran = true; return "b", nil }).Or("no b")
		return compose.Join2(b, compose.Step("c", in, say[int]("c")), plus)
	})
	out, err := g.Run(t.Context(), 1)
	if err != nil || out.Value != "no b+c" || ran {
		t.Fatalf("Run = %q, %v; b ran: %v", out.Value, err, ran)
	}
	if got, want := names(out.Degraded), []string{"a"}; !slices.Equal(got, want) {
		t.Errorf("Degraded = %v, want %v", got, want)
	}
}

func TestDegradedListsRoots(t *testing.T) {
	broken := func(name string, in compose.Node[int]) compose.Node[string] {
		return compose.Step(name, in, fail[int, string](errDown))
	}
	again := func(err error) func(context.Context, error) (string, error) {
		return func(context.Context, error) (string, error) { return "", err }
	}
	asItCame := func(_ context.Context, err error) (string, error) { return "", err }
	for name, tt := range map[string]struct {
		build func(in compose.Node[int]) compose.Node[string]
		want  []string
	}{
		"nothing": {func(in compose.Node[int]) compose.Node[string] { return compose.Step("a", in, say[int]("a")).Or("") }, []string{}},
		"both of two behind one fallback": {func(in compose.Node[int]) compose.Node[string] {
			a, b := broken("a", in), broken("b", in)
			return compose.Join2(b, a, plus).Or("")
		}, []string{"a", "b"}},
		"one behind two fallbacks once": {func(in compose.Node[int]) compose.Node[string] {
			a := broken("a", in)
			return compose.Join2(compose.Step("b", a, say[string]("b")).Or(""), compose.Step("c", a, say[string]("c")).Or(""), plus)
		}, []string{"a"}},
		"order of declaration, not of absorption": {func(in compose.Node[int]) compose.Node[string] {
			a := broken("a", in)
			b := broken("b", in).Or("")
			return compose.Join2(b, compose.Step("c", a, say[string]("c")).Or(""), plus)
		}, []string{"a", "b"}},
		"a fallback's failure replaces the step's": {func(in compose.Node[int]) compose.Node[string] {
			a := broken("a", in)
			b := compose.Step("b", a, say[string]("b")).OrElse(again(errors.New("nothing kept")))
			return compose.Map(b, func(s string) string { return s }).Or("")
		}, []string{"b"}},
		"a fallback passes the failure on": {func(in compose.Node[int]) compose.Node[string] {
			b := compose.Step("b", broken("a", in), say[string]("b")).OrElse(asItCame)
			return compose.Map(b, func(s string) string { return s }).Or("")
		}, []string{"a"}},
		"a failure that a skip keeps from mattering": {func(in compose.Node[int]) compose.Node[string] {
			no := compose.Map(in, func(int) bool { return false })
			return compose.Step("b", broken("a", in), say[string]("b")).When(no).Or("")
		}, []string{}},
		"a failure beside a skip": {func(in compose.Node[int]) compose.Node[string] {
			no := compose.Map(in, func(int) bool { return false })
			s := compose.Step("s", in, say[int]("s")).When(no)
			return compose.Join2(s, broken("a", in), plus).Or("")
		}, []string{"a"}},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := compose.Define("g", tt.build).Run(t.Context(), 1)
			if got := names(out.Degraded); err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("Degraded = %v, %v; want %v", got, err, tt.want)
			}
		})
	}
}

func TestFallbackIsToldWhereTheFailureBegan(t *testing.T) {
	g := compose.Define("g", func(in compose.Node[int]) compose.Node[compose.Result[string]] {
		a := compose.Step("a", in, fail[int, string](errDown))
		return compose.Maybe(compose.Step("b", a, say[string]("b")))
	})
	out, err := g.Run(t.Context(), 1)
	if err != nil || out.Value.OK() {
		t.Fatalf("Run = %v, %v", out, err)
	}
	step, ok := errors.AsType[*compose.StepError](out.Value.Err)
	if !ok || step.Step != "a" || !errors.Is(step, errDown) || step.Error() != "g: a: down" {
		t.Errorf("Err = %v, want the failure of a", out.Value.Err)
	}
}
