package compose_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/facet-bff/facet/shared/compose"
)

// TestAgainstReference runs random compositions and compares them with a sequential
// evaluator.
func TestAgainstReference(t *testing.T) {
	for seed := range uint64(4000) {
		checkAgainstReference(t, seed)
	}
}

func FuzzAgainstReference(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(checkAgainstReference)
}

func checkAgainstReference(t *testing.T, seed uint64) {
	t.Helper()
	specs := randomSpecs(rand.New(rand.NewPCG(seed, 1)))
	last := len(specs)
	if leaks(specs, last) {
		if msg := message(func() { define(specs) }); !strings.Contains(msg, "When needs an Or") {
			t.Fatalf("seed %d: a skip can reach the output: Define: %s", seed, msg)
		}
		specs[last-1].saved = "or"
	}
	g := define(specs)
	checkPlan(t, seed, specs, g.Plan())
	var group sync.WaitGroup
	for in := range 4 {
		group.Go(func() { checkRun(t, seed, specs, g, 100+in) })
	}
	group.Wait()
}

func checkRun(t *testing.T, seed uint64, specs []spec, g *compose.Graph[int, int], in int) {
	t.Helper()
	ref := newReference(specs, in)
	want := ref.verdict(len(specs))

	var mu sync.Mutex
	ran := map[int]bool{}
	out, err := g.Observe(func(ctx context.Context, s *compose.StepPlan, next func(context.Context) error) error {
		mu.Lock()
		ran[number(s.Name)] = true
		mu.Unlock()
		return next(ctx)
	}).Run(t.Context(), in)

	if want.failed {
		step, ok := errors.AsType[*compose.StepError](err)
		if !ok || !slices.Contains(slices.Collect(maps.Values(want.roots)), step.Err.Error()) {
			t.Errorf("seed %d in %d: Run: %v; want one of %v", seed, in, err, want.roots)
		}
		return
	}
	if err != nil || out.Value != want.value {
		t.Errorf("seed %d in %d: Run = %d, %v; want %d\n%s", seed, in, out.Value, err, want.value, g.Plan().Mermaid())
	}
	var degraded, absorbed []string
	for _, e := range out.Degraded {
		degraded = append(degraded, e.Err.Error())
	}
	for _, n := range slices.Sorted(maps.Keys(ref.absorbed)) {
		absorbed = append(absorbed, ref.absorbed[n])
	}
	if !slices.Equal(degraded, absorbed) {
		t.Errorf("seed %d in %d: degraded %q, want %q", seed, in, degraded, absorbed)
	}
	if !maps.Equal(ran, ref.ran) {
		t.Errorf("seed %d in %d: ran %v, want %v", seed, in, ran, ref.ran)
	}
}

func checkPlan(t *testing.T, seed uint64, specs []spec, plan compose.Plan) {
	t.Helper()
	ref := newReference(specs, 0)
	ref.verdict(len(specs)) // visits what the output needs
	var want, got []string
	for i, s := range specs {
		if _, used := ref.known[i+1]; used && s.step() {
			want = append(want, fmt.Sprint(s.kind, i+1, reaches(specs, i+1), skippable(specs, i+1)))
		}
	}
	for _, s := range plan.Steps {
		got = append(got, fmt.Sprint(s.Kind, number(s.Name), s.Required, s.Conditional))
	}
	if !slices.Equal(got, want) {
		t.Errorf("seed %d: plan %q, want %q", seed, got, want)
	}
}

func number(name string) (n int) {
	_, _ = fmt.Sscanf(name, "n%d", &n)
	return n
}

// define makes the composition that specs describe. The last node is its output.
func define(specs []spec) *compose.Graph[int, int] {
	return compose.Define("random", func(in num) num {
		nodes := []num{in}
		for i, s := range specs {
			nodes = append(nodes, node(s, i+1, nodes))
		}
		return nodes[len(specs)]
	})
}

func node(s spec, n int, nodes []num) num {
	name, in := fmt.Sprint("n", n), nodes[s.args[0]]
	call := func(_ context.Context, x int) (int, error) { return run(s, n, x) }
	switch s.kind {
	case "step":
		return decorate(s, n, nodes, compose.Step(name, in, call), same, same)
	case "call":
		return decorate(s, n, nodes, compose.Call(name, in, op[int, int](call)), same, same)
	case "each":
		all := compose.Each(name, compose.Map(in, thrice), s.size, op[int, int](call))
		return decorate(s, n, nodes, all, func(vs []int) int { return vs[len(vs)-1] }, func(v int) []int { return []int{v} })
	case "batch":
		all := compose.Batch(name, compose.Map(in, keysAround), s.size, op[[]int, map[int]int](
			func(_ context.Context, keys []int) (map[int]int, error) { return runKeys(s, n, keys) }))
		return decorate(s, n, nodes, all, func(m map[int]int) int { return m[0] }, func(v int) map[int]int { return map[int]int{0: v} })
	}
	pure := func(x int) int { v, _ := run(s, n, x); return v }
	switch len(s.args) {
	case 1:
		return decorate(s, n, nodes, compose.Map(in, pure), same, same)
	case 2:
		j := compose.Join2(in, nodes[s.args[1]], func(a, b int) int { return pure(a + b) })
		return decorate(s, n, nodes, j, same, same)
	default:
		j := compose.Join3(in, nodes[s.args[1]], nodes[s.args[2]], func(a, b, c int) int { return pure(a + b + c) })
		return decorate(s, n, nodes, j, same, same)
	}
}

func same(x int) int     { return x }
func thrice(x int) []int { return []int{x, x, x} }

// keysAround lists keys of which the first stands for x; the others are what a batch must
// neither lose nor ask for twice.
func keysAround(x int) []int { return []int{x, x - 5000, x, x + 5000, x - 5000} }

func run(s spec, n, x int) (int, error) {
	switch {
	case !s.breaks(x):
		return compute(n, x), nil
	case s.fate == "panic":
		panic(fmt.Sprintf("node %d", n))
	default:
		return 0, fmt.Errorf("node %d is down", n)
	}
}

// runKeys answers, at the key 0, for the key that stands for the argument.
func runKeys(s spec, n int, keys []int) (map[int]int, error) {
	for _, k := range keys {
		if -2500 < k && k < 2500 {
			v, err := run(s, n, k)
			return map[int]int{0: v}, err
		}
	}
	return nil, nil
}

// decorate gives node n its condition and fallback, and makes a number of it.
func decorate[T any](s spec, n int, nodes []num, node compose.Node[T], number func(T) int, of func(int) T) num {
	if s.cond != none {
		node = node.When(compose.Map(nodes[s.cond], even))
	}
	var zero T
	switch s.saved {
	case "or":
		node = node.Or(of(-n))
	case "else":
		node = node.OrElse(func(_ context.Context, err error) (T, error) { return of(told(n, cause(err))), nil })
	case "else fails":
		node = node.OrElse(func(context.Context, error) (T, error) { return zero, fmt.Errorf("fallback %d is down", n) })
	case "else panics":
		node = node.OrElse(func(context.Context, error) (T, error) { panic(fmt.Sprintf("fallback %d", n)) })
	case "else passes on":
		node = node.OrElse(func(_ context.Context, err error) (T, error) { return zero, err })
	case "maybe":
		return compose.Map(compose.Maybe(node), func(r compose.Result[T]) int {
			if r.OK() {
				return number(r.Value)
			}
			return told(n, cause(r.Err))
		})
	}
	return compose.Map(node, number)
}

// cause is the text of a failure, without the names of the graph and the node.
func cause(err error) string {
	if step, ok := errors.AsType[*compose.StepError](err); ok {
		return step.Err.Error()
	}
	return err.Error()
}
