package compose

import "context"

// A Graph is a finished composition. It is immutable and safe for concurrent use.
type Graph[In, Out any] struct {
	plan   *plan
	around Around
}

// An Around runs a step by calling next once, before it returns, and returns the error of
// next: the one place for spans, metrics and logs. The context that it gives to next is
// the step's. What it returns counts as the step's error, and what it panics as the
// step's panic. It is called concurrently and must not change the [StepPlan].
type Around func(ctx context.Context, step *StepPlan, next func(context.Context) error) error

// Define declares a composition by calling build, once, with the node that stands for
// the input. It panics when the declaration is wrong, because a composition is code:
// two steps of one name, a node of another composition, a skip that nothing absorbs.
func Define[In, Out any](name string, build func(in Node[In]) Node[Out]) *Graph[In, Out] {
	if name == "" {
		panic("compose: Define needs a name")
	}
	d := &definition{name: name}
	in := newNode[In](d, &vertex{name: inputName, kind: kindInput})
	out := build(in)
	d.own("its output", out.v)
	return &Graph[In, Out]{plan: d.finish(out.v)}
}

// Observe returns a copy of g whose steps run inside around, and around what observed
// them before. Steps that are skipped, blocked by a failure, or too late to be started
// do not run and are not observed. A nil around adds nothing.
func (g *Graph[In, Out]) Observe(around Around) *Graph[In, Out] {
	return &Graph[In, Out]{plan: g.plan, around: nest(around, g.around)}
}

// Plan describes g. It is shared and read-only; its steps are those an [Around] sees.
func (g *Graph[In, Out]) Plan() Plan { return g.plan.public }

func nest(outer, inner Around) Around {
	if outer == nil {
		return inner
	}
	if inner == nil {
		return outer
	}
	return func(ctx context.Context, step *StepPlan, next func(context.Context) error) error {
		return outer(ctx, step, func(ctx context.Context) error { return inner(ctx, step, next) })
	}
}
