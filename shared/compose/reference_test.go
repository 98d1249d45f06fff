package compose_test

import (
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"slices"
)

// A spec is one node of a random composition, in terms that neither the package nor the
// reference evaluator could have got wrong together.
type spec struct {
	kind  string // join, or one of the kinds of step
	args  []int  // nodes; 0 is the input, i+1 is specs[i]
	cond  int    // the node whose value, being even, lets this one run; or none
	fate  string // what happens when it runs, if its argument is not a multiple of three
	saved string // its fallback
	size  int    // of a batch; limit of an each
}

const none = -1

func randomSpecs(rng *rand.Rand) []spec {
	pick := func(of ...string) string { return of[rng.IntN(len(of))] }
	specs := make([]spec, 1+rng.IntN(16))
	for i := range specs {
		s := spec{kind: pick("join", "join", "step", "step", "call", "batch", "each"), cond: none, size: 1 + rng.IntN(3)}
		s.args = []int{rng.IntN(i + 1)}
		if s.kind == "join" {
			for range rng.IntN(3) {
				s.args = append(s.args, rng.IntN(i+1))
			}
		}
		s.fate = pick("ok", "ok", "ok", "panic")
		if s.kind != "join" && s.fate == "ok" {
			s.fate = pick("ok", "ok", "fail")
		}
		if rng.IntN(4) == 0 {
			s.cond = rng.IntN(i + 1)
		}
		if rng.IntN(2) == 0 {
			s.saved = pick("or", "or", "else", "maybe", "else fails", "else panics", "else passes on")
		}
		specs[i] = s
	}
	return specs
}

func (s spec) step() bool { return s.kind != "join" }

func (s spec) waits() []int {
	if s.cond == none {
		return s.args
	}
	return append(slices.Clone(s.args), s.cond)
}

// breaks reports whether node i, run with x, does not end well.
func (s spec) breaks(x int) bool { return s.fate != "ok" && x%3 != 0 }

// compute is what node i makes of the sum of its arguments.
func compute(i, x int) int { return (x*7 + i) % 1009 }

// told is what a fallback of node i makes of the text of the failure it is told.
func told(i int, text string) int {
	h := fnv.New32a()
	fmt.Fprint(h, i, text)
	return -int(h.Sum32() % 1009)
}

func even(x int) bool { return x%2 == 0 }

// A verdict is what became of a node.
type verdict struct {
	value   int
	failed  bool
	skipped bool
	text    string         // of the failure that travels
	roots   map[int]string // all failures that it comes from, by the node where each began
}

// A reference evaluates a composition one node after the other, by the rules alone.
type reference struct {
	specs    []spec
	known    map[int]verdict
	ran      map[int]bool   // steps
	absorbed map[int]string // roots
}

func newReference(specs []spec, in int) *reference {
	return &reference{
		specs: specs, known: map[int]verdict{0: {value: in}}, ran: map[int]bool{}, absorbed: map[int]string{},
	}
}

func (r *reference) verdict(n int) verdict {
	if v, ok := r.known[n]; ok {
		return v
	}
	s := r.specs[n-1]
	v := r.before(s)
	if !v.failed && !v.skipped {
		v = r.do(n, s, v.value)
	}
	if v.failed || v.skipped {
		v = r.save(n, s, v)
	}
	r.known[n] = v
	return v
}

// before is what s finds: the sum of its arguments, or why it does not run.
func (r *reference) before(s spec) verdict {
	var sum verdict
	var failures []verdict
	skipped := false
	for _, a := range s.args {
		v := r.verdict(a)
		sum.value += v.value
		skipped = skipped || v.skipped
		if v.failed {
			failures = append(failures, v)
		}
	}
	if s.cond != none {
		c := r.verdict(s.cond)
		switch {
		case c.failed:
			failures = append([]verdict{c}, failures...)
		case c.skipped || !even(c.value):
			return verdict{skipped: true}
		}
	}
	if len(failures) > 0 {
		return union(failures)
	}
	sum.skipped = skipped
	return sum
}

func union(failures []verdict) verdict {
	all := verdict{failed: true, text: failures[0].text, roots: map[int]string{}}
	for _, f := range failures {
		maps.Copy(all.roots, f.roots)
	}
	return all
}

func began(n int, text string) verdict {
	return verdict{failed: true, text: text, roots: map[int]string{n: text}}
}

func (r *reference) do(n int, s spec, x int) verdict {
	if s.step() {
		r.ran[n] = true
	}
	switch {
	case !s.breaks(x):
		return verdict{value: compute(n, x)}
	case s.fate == "panic":
		return began(n, fmt.Sprintf("panic: node %d", n))
	default:
		return began(n, fmt.Sprintf("node %d is down", n))
	}
}

func (r *reference) save(n int, s spec, v verdict) verdict {
	text := v.text
	if v.skipped {
		text = "skipped"
	}
	switch s.saved {
	case "":
		return v
	case "else fails":
		return began(n, fmt.Sprintf("fallback %d is down", n))
	case "else panics":
		return began(n, fmt.Sprintf("panic: fallback %d", n))
	case "else passes on":
		if v.skipped {
			return began(n, text)
		}
		return v
	}
	maps.Copy(r.absorbed, v.roots)
	if s.saved == "or" {
		return verdict{value: -n}
	}
	return verdict{value: told(n, text)}
}

// leaks reports whether a skip can travel on from node n.
func leaks(specs []spec, n int) bool {
	return n > 0 && specs[n-1].saved == "" && skippable(specs, n)
}

// skippable reports whether a skip can keep node n from running.
func skippable(specs []spec, n int) bool {
	s := specs[n-1]
	return s.cond != none || slices.ContainsFunc(s.args, func(a int) bool { return leaks(specs, a) })
}

// reaches reports whether a failure of node n reaches the output, the last node.
func reaches(specs []spec, n int) bool {
	if specs[n-1].saved != "" {
		return false
	}
	for i := n; i < len(specs); i++ {
		if slices.Contains(specs[i].waits(), n) && reaches(specs, i+1) {
			return true
		}
	}
	return n == len(specs)
}
