package compose_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/facet-bff/facet/shared/compose"
)

type (
	num  = compose.Node[int]
	text = compose.Node[string]
)

// message calls f and returns what it panics with.
func message(f func()) (msg string) {
	defer func() {
		if p := recover(); p != nil {
			msg = fmt.Sprint(p)
		}
	}()
	f()
	return "no panic"
}

func TestDefineRefusesMistakes(t *testing.T) {
	var foreign text
	compose.Define("other", func(in num) text {
		foreign = compose.Step("a", in, say[int]("a"))
		return foreign
	})
	yes := func(in num) compose.Node[bool] { return compose.Map(in, func(int) bool { return true }) }
	id := func(s string) string { return s }
	var nilOp *pointerOp
	for want, build := range map[string]func(in, a num, b text) text{
		`g: two steps have the name "a"`:        func(in, _ num, _ text) text { return compose.Step("a", in, say[int]("")) },
		`two steps have the name "unused"`:      func(in, _ num, b text) text { unused(in); unused(in); return b },
		`"" cannot be the name of a step`:       func(in, _ num, _ text) text { return compose.Step("", in, say[int]("")) },
		`"A" cannot be the name`:                func(in, _ num, _ text) text { return compose.Step("A", in, say[int]("")) },
		`"1a" cannot be the name`:               func(in, _ num, _ text) text { return compose.Step("1a", in, say[int]("")) },
		`"a b" cannot be the name`:              func(in, _ num, _ text) text { return compose.Step("a b", in, say[int]("")) },
		`"a\n" cannot be the name`:              func(in, _ num, _ text) text { return compose.Step("a\n", in, say[int]("")) },
		`"input" cannot be the name`:            func(in, _ num, _ text) text { return compose.Step("input", in, say[int]("")) },
		`g: Within of b: 0s is not a positive`:  func(_, _ num, b text) text { return b.Within(0) },
		`Within of b: -1ns is not a positive`:   func(_, _ num, b text) text { return b.Within(-1) },
		`Within of b is given twice`:            func(_, _ num, b text) text { return b.Within(1).Within(2) },
		`a join takes no time`:                  func(_, _ num, b text) text { return compose.Map(b, id).Within(1) },
		`Within of the input`:                   func(in, _ num, b text) text { in.Within(1); return b },
		`Or of the input`:                       func(in, _ num, b text) text { in.Or(1); return b },
		`When of the input`:                     func(in, _ num, b text) text { in.When(yes(in)); return b },
		`Or of b: it has a fallback already`:    func(_, _ num, b text) text { return b.Or("").Or("") },
		`OrElse of b: it has a fallback`:        func(_, _ num, b text) text { return b.Or("").OrElse(reason) },
		`OrElse of b: the function is nil`:      func(_, _ num, b text) text { return b.OrElse(nil) },
		`Or of compose.Maybe.func1: it has a f`: func(_, _ num, b text) text { compose.Maybe(b).Or(compose.Result[string]{}); return b },
		`When of b is given twice`:              func(in, _ num, b text) text { return b.When(yes(in)).When(yes(in)).Or("") },
		`the condition needs b itself`:          func(_, _ num, b text) text { return b.When(compose.Map(b, always(true))).Or("") },
		`When of b: the condition needs b itself`: func(in, _ num, b text) text {
			c := compose.Step("c", in, say[int]("c")).When(compose.Map(b, always(true))).Or("")
			return b.When(compose.Map(c, always(true))).Or("")
		},
		`the condition of b is a zero Node`: func(_, _ num, b text) text { return b.When(compose.Node[bool]{}).Or("") },
		`When needs an Or, OrElse or Maybe: nothing between b and the output has one`: func(in, _ num, b text) text {
			return compose.Map(compose.Step("c", b.When(yes(in)), say[string]("")), id)
		},
		`nothing between a and the output`: func(in, a num, b text) text {
			a.When(yes(in))
			return compose.Join2(compose.Map(a, func(int) string { return "" }).Or(""), b, plus)
		},
		`g: its output is a node of other`:   func(num, num, text) text { return foreign },
		`its output is a zero Node`:          func(num, num, text) text { return text{} },
		`other: what c needs is named after`: func(num, num, text) text { return compose.Step("c", foreign, say[string]("")) },
		`is a node of other`:                 func(_, _ num, b text) text { return compose.Join2(b, foreign, plus) },
		`is a zero Node`:                     func(_, _ num, b text) text { return compose.Join2(b, text{}, plus) },
		`c needs a zero Node`:                func(num, num, text) text { return compose.Step("c", text{}, say[string]("")) },
		`Or of a zero Node`:                  func(num, num, text) text { return text{}.Or("") },
		`step c: the function is nil`:        func(in, _ num, _ text) text { return compose.Step[int, string]("c", in, nil) },
		`step c: the op is nil`:              func(in, _ num, _ text) text { return compose.Call[int, string]("c", in, nil) },
		`step d: the op is nil`:              func(in, _ num, _ text) text { return compose.Call("d", in, nilOp) },
		`step e: the op is nil`:              func(in, _ num, _ text) text { return compose.Call("e", in, op[int, string](nil)) },
		`the function of a join is nil`:      func(in, _ num, _ text) text { return compose.Map[int, string](in, nil) },
		`step b2: a batch of 0 keys`:         func(in, _ num, b text) text { batchOf(in, 0); return b },
		`step e2: -1 calls at a time`:        func(in, _ num, b text) text { eachOf(in, -1); return b },
	} {
		t.Run(want, func(t *testing.T) {
			got := message(func() {
				compose.Define("g", func(in num) text {
					a := compose.Step("a", in, func(_ context.Context, i int) (int, error) { return i, nil })
					return build(in, a, compose.Step("b", a, say[int]("b")))
				})
			})
			if !strings.HasPrefix(got, "compose: ") || !strings.Contains(got, want) {
				t.Errorf("panic: %s\n want: %s", got, want)
			}
		})
	}
}

type pointerOp struct{ service string }

func (*pointerOp) Call(context.Context, int) (string, error) { return "", nil }
func (p *pointerOp) Backend() string                         { return p.service }

func unused(in num) { compose.Step("unused", in, say[int]("")) }

func listOf(in num) compose.Node[[]int] {
	return compose.Map(in, func(i int) []int { return []int{i} })
}

func batchOf(in num, size int) {
	compose.Batch("b2", listOf(in), size, op[[]int, map[int]int](squares))
}

func eachOf(in num, limit int) { compose.Each("e2", listOf(in), limit, op[int, string](say[int](""))) }

func TestDefineNeedsAName(t *testing.T) {
	got := message(func() { compose.Define("", func(in num) num { return in }) })
	if !strings.Contains(got, "needs a name") {
		t.Errorf("panic: %s", got)
	}
}

func TestFinishedGraphCannotBeChanged(t *testing.T) {
	var in num
	var b text
	var cond compose.Node[bool]
	compose.Define("g", func(n num) text {
		in, b, cond = n, compose.Step("b", n, say[int]("b")), compose.Map(n, func(int) bool { return true })
		return b
	})
	for name, change := range map[string]func(){
		"or":     func() { b.Or("") },
		"within": func() { b.Within(1) },
		"when":   func() { b.When(cond) },
		"step":   func() { compose.Step("c", in, say[int]("c")) },
		"map":    func() { compose.Map(b, func(string) int { return 0 }) },
	} {
		if got := message(change); !strings.Contains(got, "after Define has returned") {
			t.Errorf("%s: panic: %s", name, got)
		}
	}
}

func TestInputCanBeTheOutput(t *testing.T) {
	g := compose.Define("g", func(in num) num { return in })
	if out, err := g.Run(t.Context(), 7); err != nil || out.Value != 7 || out.Degraded != nil {
		t.Errorf("Run = %v, %v", out, err)
	}
}

func TestUnusedStepsDoNotRun(t *testing.T) {
	g := compose.Define("g", func(in num) text {
		compose.Step("unused", in, func(context.Context, int) (string, error) { t.Error("it ran"); return "", nil })
		no := compose.Map(in, func(int) bool { return false })
		compose.Step("skipped", in, say[int]("")).When(no) // no fallback, and none is needed
		return compose.Step("used", in, say[int]("used"))
	})
	out, err := g.Run(t.Context(), 7)
	if err != nil || out.Value != "used" || len(g.Plan().Steps) != 1 {
		t.Errorf("Run = %v, %v by %v", out, err, g.Plan().Steps)
	}
}

func TestJoins(t *testing.T) {
	g := compose.Define("g", func(in num) compose.Node[[]int] {
		var n [6]num
		for i := range n {
			n[i] = compose.Map(in, func(v int) int { return v + i })
		}
		join := func(v ...int) []int { return v }
		j2 := compose.Join2(n[0], n[1], func(a, b int) []int { return join(a, b) })
		j3 := compose.Join3(n[0], n[1], n[2], func(a, b, c int) []int { return join(a, b, c) })
		j4 := compose.Join4(n[0], n[1], n[2], n[3], func(a, b, c, d int) []int { return join(a, b, c, d) })
		j5 := compose.Join5(n[0], n[1], n[2], n[3], n[4], func(a, b, c, d, e int) []int { return join(a, b, c, d, e) })
		j6 := compose.Join6(n[0], n[1], n[2], n[3], n[4], n[5], func(a, b, c, d, e, f int) []int { return join(a, b, c, d, e, f) })
		return compose.Join5(j2, j3, j4, j5, j6, func(a, b, c, d, e []int) []int { return slices.Concat(a, b, c, d, e) })
	})
	out, err := g.Run(t.Context(), 0)
	if want := []int{0, 1, 0, 1, 2, 0, 1, 2, 3, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 5}; err != nil || !slices.Equal(out.Value, want) {
		t.Errorf("Run = %v, %v; want %v", out.Value, err, want)
	}
}

func TestObserveNests(t *testing.T) {
	var seen []string
	note := func(name string) compose.Around {
		return func(ctx context.Context, s *compose.StepPlan, next func(context.Context) error) error {
			seen = append(seen, name+" before "+s.Name)
			err := next(ctx)
			seen = append(seen, fmt.Sprintf("%s after %s: %v", name, s.Name, err))
			return err
		}
	}
	plain := compose.Define("g", func(in num) text {
		a := compose.Step("a", in, fail[int, string](errDown))
		return compose.Step("blocked", a, say[string]("")).Or("-")
	})
	observed := plain.Observe(nil).Observe(note("inner")).Observe(nil).Observe(note("outer"))
	for range 2 {
		if out, err := observed.Run(t.Context(), 1); err != nil || out.Value != "-" {
			t.Fatalf("Run = %v, %v", out, err)
		}
		want := []string{"outer before a", "inner before a", "inner after a: down", "outer after a: down"}
		if !slices.Equal(seen, want) {
			t.Errorf("seen %q, want %q", seen, want)
		}
		seen = nil
		if _, err := plain.Run(t.Context(), 1); err != nil || seen != nil {
			t.Errorf("the graph itself: %v, seen %q", err, seen)
		}
	}
}
