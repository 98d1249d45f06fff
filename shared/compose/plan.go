package compose

import (
	"reflect"
	"sync"
)

// A Plan describes a composition, for diagrams, API documents and reviews. It is written
// as JSON as it is.
type Plan struct {
	Name    string       `json:"name"`
	In      reflect.Type `json:"-"`
	Out     reflect.Type `json:"-"`
	InType  string       `json:"in"`    // In, by name
	OutType string       `json:"out"`   // Out, by name
	Needs   []string     `json:"needs"` // the steps, or "input", that the output is made of
	Steps   []*StepPlan  `json:"steps"` // in order of declaration; none that the output does not need
}

// A StepPlan describes one step of a composition.
type StepPlan struct {
	Name    string `json:"name"`
	Kind    Kind   `json:"kind"`
	Backend string `json:"backend,omitempty"` // empty for KindStep
	Op      string `json:"op,omitempty"`      // which operation of Backend, if that has a name
	// Needs names the steps, or "input", that it waits for. Joins are looked through.
	Needs []string `json:"needs"`
	// Required is set when a failure of the step reaches the output: on some way there,
	// nothing absorbs it.
	Required bool `json:"required"`
	// Conditional is set when the step may be skipped, for a condition of its own or of
	// something that it needs.
	Conditional bool   `json:"conditional"`
	Within      string `json:"within,omitempty"` // like "80ms"; empty: as long as the run has
	Value       string `json:"value"`            // the type that it makes
}

// A plan is a finished definition. It never changes.
type plan struct {
	name     string
	vertices []*vertex // those that the output needs, in order of declaration
	in, out  *vertex
	public   Plan
	runs     sync.Pool
}

func newPlan(name string, vs []*vertex, in, out *vertex) *plan {
	p := &plan{name: name, vertices: vs, in: in, out: out}
	p.public = p.describe()
	p.runs.New = func() any { return newRun(p) }
	return p
}

func (p *plan) describe() Plan {
	pub := Plan{
		Name: p.name, In: p.in.value, Out: p.out.value,
		InType: p.in.value.String(), OutType: p.out.value.String(),
		Needs: sources(p.out), Steps: []*StepPlan{},
	}
	for _, v := range p.vertices {
		if v.pure() || v.kind == kindInput {
			continue
		}
		v.public = v.describe()
		pub.Steps = append(pub.Steps, v.public)
	}
	return pub
}

func (v *vertex) describe() *StepPlan {
	s := &StepPlan{
		Name: v.name, Kind: v.kind, Backend: v.backend, Op: v.op, Needs: sources(v.waits()...),
		Required: v.required(), Conditional: v.skippedBy != nil, Value: v.value.String(),
	}
	if v.within > 0 {
		s.Within = v.within.String()
	}
	return s
}

// sources names the steps that vs are or, if they are joins, are made of.
func sources(vs ...*vertex) (names []string) {
	seen := map[*vertex]bool{}
	var visit func(*vertex)
	visit = func(v *vertex) {
		if seen[v] {
			return
		}
		seen[v] = true
		if !v.pure() {
			names = append(names, v.name)
			return
		}
		for _, w := range v.waits() {
			visit(w)
		}
	}
	for _, v := range vs {
		visit(v)
	}
	return names
}
