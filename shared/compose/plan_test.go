package compose_test

import (
	"context"
	stdjson "encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/facet-bff/facet/shared/compose"
)

type namedOp struct{ op[[]string, map[string]int] }

func (namedOp) Name() string { return "prices" }

func shop() *compose.Graph[int, string] {
	return compose.Define("shop", func(in compose.Node[int]) compose.Node[string] {
		user := compose.Step("user", in, say[int]("u"))
		flag := compose.Call("flag", user, op[string, bool](func(context.Context, string) (bool, error) { return true, nil })).Or(false)
		feed := compose.Step("end", user, say[string]("f")).Within(80 * time.Millisecond).When(flag)
		skus := compose.Join2(user, feed, func(string, string) []string { return nil })
		prices := compose.Batch("a.b-c_d", skus, 10, namedOp{}).Or(nil)
		compose.Step("unused", in, say[int]("x"))
		return compose.Join2(user, prices, func(string, map[string]int) string { return "" })
	})
}

func TestPlan(t *testing.T) {
	plan := shop().Plan()
	if plan.Name != "shop" || plan.In != reflect.TypeFor[int]() || plan.Out != reflect.TypeFor[string]() {
		t.Errorf("plan of %s: %v -> %v", plan.Name, plan.In, plan.Out)
	}
	if want := []string{"user", "a.b-c_d"}; !slices.Equal(plan.Needs, want) {
		t.Errorf("the output needs %q, want %q", plan.Needs, want)
	}
	var got []compose.StepPlan
	for _, s := range plan.Steps {
		got = append(got, *s)
	}
	want := []compose.StepPlan{
		{Name: "user", Kind: compose.KindStep, Needs: []string{"input"}, Required: true, Value: "string"},
		{Name: "flag", Kind: compose.KindCall, Backend: "test", Needs: []string{"user"}, Value: "bool"},
		{Name: "end", Kind: compose.KindStep, Needs: []string{"user", "flag"}, Conditional: true, Within: "80ms", Value: "string"},
		{
			Name: "a.b-c_d", Kind: compose.KindBatch, Backend: "test", Op: "prices", Needs: []string{"user", "end"},
			Conditional: true, Value: "map[string]int",
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("steps\n got %+v\nwant %+v", got, want)
	}
}

func TestRequiredIsComputed(t *testing.T) {
	both := compose.Define("g", func(in num) text {
		a := compose.Step("a", in, say[int]("a")) // absorbed on one way, not on the other
		b := compose.Step("b", a, say[string]("b")).Or("")
		return compose.Join3(a, b, compose.Maybe(compose.Step("c", in, say[int]("c"))),
			func(string, string, compose.Result[string]) string { return "" })
	})
	for _, s := range both.Plan().Steps {
		if s.Required != (s.Name == "a") {
			t.Errorf("%s: required %v", s.Name, s.Required)
		}
	}
}

func TestPlanAsJSON(t *testing.T) {
	const want = `{"name":"g","in":"int","out":"string","needs":["a"],"steps":[` +
		`{"name":"a","kind":"call","backend":"test","needs":["input"],"required":true,"conditional":false,` +
		`"within":"1.5s","value":"string"}]}`
	plan := compose.Define("g", func(in num) text {
		return compose.Call("a", in, op[int, string](say[int]("a"))).Within(1500 * time.Millisecond)
	}).Plan()
	v2, err := json.Marshal(plan, jsontext.Multiline(false))
	if err != nil || string(v2) != want {
		t.Errorf("go-json-experiment: %v\n got %s\nwant %s", err, v2, want)
	}
	v1, err := stdjson.Marshal(plan)
	if err != nil || string(v1) != want {
		t.Errorf("encoding/json: %v\n got %s\nwant %s", err, v1, want)
	}
}

func TestMermaid(t *testing.T) {
	const want = `flowchart LR
  input(["int"])
  step_user["user"]
  step_flag["flag<br/>test"]
  step_end{{"end<br/>within 80ms"}}
  step_a_db_hc__d{{"a.b-c_d<br/>batch test.prices"}}
  output(["string"])
  input --> step_user
  step_user -.-> step_flag
  step_user -.-> step_end
  step_flag -.-> step_end
  step_user -.-> step_a_db_hc__d
  step_end -.-> step_a_db_hc__d
  step_user --> output
  step_a_db_hc__d -.-> output
`
	if got := shop().Plan().Mermaid(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestMermaidEscapesTypes(t *testing.T) {
	plan := compose.Define("g", func(in compose.Node[struct {
		C <-chan int `json:"c"`
	}]) compose.Node[int] {
		return compose.Map(in, func(struct {
			C <-chan int `json:"c"`
		}) int {
			return 0
		})
	}).Plan()
	const want = "flowchart LR\n  input([\"struct { C #lt;-chan int #quot;json:\\#quot;c\\#quot;#quot; }\"])\n" +
		"  output([\"int\"])\n  input --> output\n"
	if got := plan.Mermaid(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestJoinsHaveNamesToReport: a join that panicked is named in a header.
func TestJoinsHaveNamesToReport(t *testing.T) {
	for want, f := range map[string]func(int) string{
		"compose_test.bang":              bang,
		"compose_test.generic":           generic[int],
		"compose_test.boomer.Method-fm":  boomer{}.Method,
		"compose_test.boomer.Pointer-fm": new(boomer).Pointer,
	} {
		g := compose.Define("g", func(in num) text { return compose.Map(in, f).Or("-") })
		out, err := g.Run(t.Context(), 1)
		if err != nil || fmt.Sprint(names(out.Degraded)) != "["+want+"]" {
			t.Errorf("Degraded = %v, %v; want %s", names(out.Degraded), err, want)
		}
	}
}

type boomer struct{}

func bang(int) string              { panic("bang") }
func generic[T any](T) string      { panic("bang") }
func (boomer) Method(int) string   { panic("bang") }
func (*boomer) Pointer(int) string { panic("bang") }
