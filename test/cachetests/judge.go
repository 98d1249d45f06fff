package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// An outcome is what a test's result means.
type outcome int

const (
	passed    outcome = iota
	failed            // what the RFC requires does not hold
	missed            // what is only better does not hold
	yes               // the test asks how the cache behaves, and it does so
	no                // or not
	unclear           // the test could not be made: a status that is not passed on, a method
	dependent         // another test that this one builds on did not pass
	outcomes
)

// A verdict is what came of the tests.
type verdict struct {
	groups   []group
	results  map[string]result
	outcomes map[string]outcome // by test; those for browsers are not in it
}

func judge(groups []group, results map[string]result) *verdict {
	v := &verdict{groups: groups, results: results, outcomes: map[string]outcome{}}
	tests := map[string]test{}
	for _, g := range groups {
		for _, t := range g.Tests {
			tests[t.ID] = t
		}
	}
	for id := range results {
		v.outcomes[id] = v.of(tests, tests[id])
	}
	return v
}

func (v *verdict) of(tests map[string]test, t test) outcome {
	for _, id := range t.DependsOn {
		if before := v.of(tests, tests[id]); before != passed && before != yes {
			return dependent
		}
	}
	switch r := v.results[t.ID]; {
	case r.passed && t.Kind == "check":
		return yes
	case r.passed:
		return passed
	case r.kind == "Setup":
		return unclear
	case t.Kind == "check":
		return no
	case t.Kind == "optimal":
		return missed
	}
	return failed
}

// Limits. The best cache of cache-tests.fyi fails 12 of what is required. We fail two about
// Surrogate-Control, which is no RFC's, and one that wants the first of two Ages believed.
const (
	mostFailed  = 3
	leastPassed = 180
)

// flawless are the groups in which nothing required may fail: there a mistake gives somebody
// what he must not see, or what is not true any more.
var flawless = []string{"auth", "vary", "vary-parse", "cc-response", "stale"}

// failures are the reasons why the verdict is that the cache fails.
func (v *verdict) failures() (wrong []error) {
	total := v.count(v.groups)
	if total[failed] > mostFailed {
		wrong = append(wrong, fmt.Errorf("%d tests of what is required failed, more than %d", total[failed], mostFailed))
	}
	if total[passed] < leastPassed {
		wrong = append(wrong, fmt.Errorf("only %d tests passed, less than %d", total[passed], leastPassed))
	}
	for _, id := range flawless {
		i := slices.IndexFunc(v.groups, func(g group) bool { return g.ID == id })
		if i < 0 {
			wrong = append(wrong, fmt.Errorf("there is no group %s", id))
			continue
		}
		if n := v.count(v.groups[i : i+1])[failed]; n > 0 {
			wrong = append(wrong, fmt.Errorf("%d tests of what is required failed in group %s", n, id))
		}
	}
	return wrong
}

func (v *verdict) count(groups []group) (n [outcomes]int) {
	for _, g := range groups {
		for _, t := range g.Tests {
			if o, ok := v.outcomes[t.ID]; ok {
				n[o]++
			}
		}
	}
	return n
}

func (v *verdict) print(w io.Writer, verbose bool) {
	row := func(name string, n [outcomes]int) {
		fmt.Fprintf(w, "%-20s", name)
		for _, count := range n {
			fmt.Fprintf(w, " %8d", count)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "%-20s %8s %8s %8s %8s %8s %8s %8s\n", "group", "passed", "FAILED", "missed", "yes", "no", "unclear", "depends")
	for _, g := range v.groups {
		row(g.ID, v.count([]group{g}))
	}
	row("all", v.count(v.groups))
	for _, g := range v.groups {
		for _, t := range g.Tests {
			o, ran := v.outcomes[t.ID]
			if !ran || o != failed && (!verbose || o == passed || o == yes) {
				continue
			}
			name := [outcomes]string{failed: "FAILED", missed: "missed", no: "no", unclear: "unclear", dependent: "depends"}[o]
			fmt.Fprintf(w, "%-8s %s: %s\n", name, t.ID, strings.TrimSpace(v.results[t.ID].says))
		}
	}
}
