package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// suiteOf has the flawless groups, and one with n more tests that are required.
func suiteOf(n int) (groups []group, results map[string]result) {
	results = map[string]result{}
	for _, id := range flawless {
		g := group{ID: id, Tests: []test{{ID: id + "-1"}, {ID: id + "-2", Kind: "optimal"}, {ID: id + "-browser"}}}
		groups = append(groups, g)
		results[id+"-1"], results[id+"-2"] = result{passed: true}, result{kind: "Assertion"}
	}
	more := group{ID: "more"}
	for i := range n {
		id := fmt.Sprintf("more-%d", i)
		more.Tests = append(more.Tests, test{ID: id})
		results[id] = result{passed: true}
	}
	return append(groups, more), results
}

func TestVerdict(t *testing.T) {
	fail := func(ids ...string) func(map[string]result) {
		return func(results map[string]result) {
			for _, id := range ids {
				results[id] = result{kind: "Assertion", says: "no"}
			}
		}
	}
	var many []string
	for i := range mostFailed + 1 {
		many = append(many, fmt.Sprintf("more-%d", i))
	}
	const enough = leastPassed + mostFailed
	for _, c := range []struct {
		name   string
		tests  int
		change func(map[string]result)
		want   string
	}{
		{"all pass", enough, fail(), ""},
		{"as many fail as may", enough, fail(many[1:]...), ""},
		{"one more fails", enough + 1, fail(many...), "4 tests of what is required failed, more than 3"},
		{"too few pass", 100, fail(), "only 105 tests passed, less than 180"},
		{"one of a flawless group", enough, fail("vary-1"), "1 tests of what is required failed in group vary"},
		{"what could not be tested has not failed", enough, func(r map[string]result) { r["vary-1"] = result{kind: "Setup"} }, ""},
	} {
		groups, results := suiteOf(c.tests)
		c.change(results)
		got := errors.Join(judge(groups, results).failures()...)
		if text := fmt.Sprint(got); got == nil && c.want != "" || got != nil && text != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	groups, results := suiteOf(enough)
	if got := judge(groups[1:], results).failures(); len(got) != 1 {
		t.Errorf("a group that is not there: %v", got)
	}
}

func TestOutcomes(t *testing.T) {
	groups := []group{{ID: "g", Tests: []test{
		{ID: "ok"}, {ID: "bad"}, {ID: "slow", Kind: "optimal"}, {ID: "does", Kind: "check"}, {ID: "does not", Kind: "check"},
		{ID: "setup"}, {ID: "after ok", DependsOn: []string{"ok"}}, {ID: "after bad", DependsOn: []string{"bad"}},
		{ID: "after does", DependsOn: []string{"does"}}, {ID: "browser"},
	}}}
	var results map[string]result
	const said = `{"ok": true, "bad": ["Assertion", "it is stale"], "slow": ["Assertion", "it is not kept"], "does": true,
		"does not": ["Assertion", ""], "setup": ["Setup", "status 405"], "after ok": true, "after bad": true, "after does": true}`
	if err := json.Unmarshal([]byte(said), &results); err != nil {
		t.Fatal(err)
	}
	v := judge(groups, results)
	for id, want := range map[string]outcome{
		"ok": passed, "bad": failed, "slow": missed, "does": yes, "does not": no, "setup": unclear,
		"after ok": passed, "after bad": dependent, "after does": passed,
	} {
		if got, ok := v.outcomes[id]; !ok || got != want {
			t.Errorf("%s: %v", id, got)
		}
	}
	if _, ran := v.outcomes["browser"]; ran {
		t.Error("a test for browsers was judged")
	}
	for verbose, want := range map[bool]int{false: 1, true: 5} {
		var b strings.Builder
		v.print(&b, verbose)
		if got := strings.Count(b.String(), "\n") - 3; got != want || !strings.Contains(b.String(), "FAILED   bad: it is stale") {
			t.Errorf("%v: %d tests listed\n%s", verbose, got, b.String())
		}
	}
	if json.Unmarshal([]byte(`{"x": false}`), &results) == nil {
		t.Error("false is no result")
	}
}
