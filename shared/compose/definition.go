package compose

import (
	"context"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"time"
)

// A definition is a composition that is being declared.
type definition struct {
	name     string
	vertices []*vertex // in order of declaration
	finished bool
}

// A vertex is a node without its type.
type vertex struct {
	def     *definition
	id      int // its place in plan.vertices
	name    string
	kind    Kind
	backend string
	op      string
	value   reflect.Type
	needs   []*vertex // its arguments
	cond    *vertex   // says whether it runs; nil when it always does
	within  time.Duration

	eval    func(context.Context, *run) error        // puts its value
	rescue  func(context.Context, *run, error) error // puts its value when there is none
	patient bool                                     // rescue may take time
	newCell func() cell

	// What finish finds out.
	feeds     []*vertex // what waits for it, once for each mention
	waitCount int32     // how many feeds it is in
	live      bool      // the output needs it
	ends      bool      // a failure that leaves it ends the run
	skippedBy *vertex   // the first node with a condition whose skip can stop it; nil if none can
	public    *StepPlan
}

const inputName = "input" // in StepPlan.Needs, so no step can have it

var stepName = regexp.MustCompile(`^[a-z][a-z0-9_.-]*$`)

func (v *vertex) pure() bool { return v.kind == kindJoin }

// required reports whether a failure of v, or one that reaches it, reaches the output.
func (v *vertex) required() bool { return v.ends && v.rescue == nil }

// waits returns what must be settled before v can be.
func (v *vertex) waits() []*vertex {
	if v.cond == nil {
		return v.needs
	}
	return append(slices.Clip(v.needs), v.cond)
}

// addNode adds v, which needs other nodes of the same definition.
func addNode[T any](v *vertex, needs ...place) Node[T] {
	first := needs[0].at()
	if first == nil {
		panic("compose: " + v.name + " needs a zero Node")
	}
	d := first.def
	for _, n := range needs {
		d.own("what "+v.name+" needs", n.at())
		v.needs = append(v.needs, n.at())
	}
	d.checkName(v)
	return newNode[T](d, v)
}

func newNode[T any](d *definition, v *vertex) Node[T] {
	v.def = d
	v.value = reflect.TypeFor[T]()
	v.newCell = func() cell { return new(box[T]) }
	d.vertices = append(d.vertices, v)
	return Node[T]{v: v}
}

// mistake panics with what is wrong with the definition.
func (d *definition) mistake(format string, args ...any) {
	panic("compose: " + d.name + ": " + fmt.Sprintf(format, args...))
}

// own checks that v is a node of d while d can still be changed.
func (d *definition) own(what string, v *vertex) {
	switch {
	case v == nil:
		d.mistake("%s is a zero Node", what)
	case v.def != d:
		d.mistake("%s is a node of %s", what, v.def.name)
	case d.finished:
		d.mistake("%s is named after Define has returned", what)
	}
}

func (d *definition) checkName(v *vertex) {
	if v.pure() {
		return
	}
	if !stepName.MatchString(v.name) || v.name == inputName {
		d.mistake("%q cannot be the name of a step: it must match %s and not be %q",
			v.name, stepName, inputName)
	}
	if slices.ContainsFunc(d.vertices, func(o *vertex) bool { return !o.pure() && o.name == v.name }) {
		d.mistake("two steps have the name %q", v.name)
	}
}

// finish makes the plan: what the output needs, whose failure ends a run, and what can
// be skipped.
func (d *definition) finish(out *vertex) *plan {
	d.finished = true
	in := d.vertices[0]
	order := out.collect(in.collect(nil))
	for _, v := range order {
		v.skippedBy = v.findSkip()
	}
	if out.skippedBy != nil && out.rescue == nil {
		d.mistake("When needs an Or, OrElse or Maybe: nothing between %s and the output has one",
			out.skippedBy.name)
	}
	out.ends = true
	for _, v := range slices.Backward(order) {
		for _, w := range v.waits() {
			w.ends = w.ends || v.required()
		}
	}
	d.vertices = slices.DeleteFunc(d.vertices, func(v *vertex) bool { return !v.live })
	for i, v := range d.vertices {
		v.id = i
		v.waitCount = int32(len(v.waits()))
		for _, w := range v.waits() {
			w.feeds = append(w.feeds, v)
		}
	}
	return newPlan(d.name, d.vertices, in, out)
}

// collect appends v to order, behind all that it waits for, and marks them live.
func (v *vertex) collect(order []*vertex) []*vertex {
	if v.live {
		return order
	}
	v.live = true
	for _, w := range v.waits() {
		order = w.collect(order)
	}
	return append(order, v)
}

// dependsOn reports whether v is other or waits for it, directly or not. It passes over
// what is in seen, and adds to it.
func (v *vertex) dependsOn(other *vertex, seen map[*vertex]bool) bool {
	if seen[v] {
		return false
	}
	seen[v] = true
	return v == other ||
		slices.ContainsFunc(v.waits(), func(w *vertex) bool { return w.dependsOn(other, seen) })
}

// findSkip finds a condition that can keep v from running.
func (v *vertex) findSkip() *vertex {
	if v.cond != nil {
		return v
	}
	for _, n := range v.needs {
		if n.skippedBy != nil && n.rescue == nil {
			return n.skippedBy
		}
	}
	return nil
}
