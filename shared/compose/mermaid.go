package compose

import (
	"fmt"
	"slices"
	"strings"
)

// Mermaid draws the plan as a Mermaid flowchart. What may fail without failing the
// request hangs on dashed lines; what may be skipped is a hexagon.
func (p Plan) Mermaid() string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	fmt.Fprintf(&b, "  input([%s])\n", label(p.InType))
	for _, s := range p.Steps {
		fmt.Fprintf(&b, "  %s%s\n", nodeID(s.Name), s.box())
	}
	fmt.Fprintf(&b, "  output([%s])\n", label(p.OutType))
	for _, s := range p.Steps {
		for _, n := range s.Needs {
			fmt.Fprintf(&b, "  %s %s %s\n", nodeID(n), arrow(s.Required), nodeID(s.Name))
		}
	}
	for _, n := range p.Needs {
		optional := slices.ContainsFunc(p.Steps, func(s *StepPlan) bool { return s.Name == n && !s.Required })
		fmt.Fprintf(&b, "  %s %s output\n", nodeID(n), arrow(!optional))
	}
	return b.String()
}

func (s *StepPlan) box() string {
	lines := []string{s.Name}
	if what := s.what(); what != "" {
		lines = append(lines, what)
	}
	if s.Within != "" {
		lines = append(lines, "within "+s.Within)
	}
	if s.Conditional {
		return "{{" + label(lines...) + "}}"
	}
	return "[" + label(lines...) + "]"
}

// what says what the step calls: "catalog.item", "batch pricing.prices".
func (s *StepPlan) what() string {
	what := s.Backend
	if s.Op != "" {
		what += "." + s.Op
	}
	if s.Kind == KindBatch || s.Kind == KindEach {
		what = string(s.Kind) + " " + what
	}
	return what
}

func arrow(required bool) string {
	if required {
		return "-->"
	}
	return "-.->"
}

// nodeID makes a name that Mermaid takes for a node, and for no keyword of its own, out
// of the name of a step. Different steps have different ones.
func nodeID(name string) string {
	if name == inputName {
		return name
	}
	return "step_" + idChars.Replace(name)
}

func label(lines ...string) string {
	for i, line := range lines {
		lines[i] = labelChars.Replace(line)
	}
	return `"` + strings.Join(lines, "<br/>") + `"`
}

var (
	idChars    = strings.NewReplacer("_", "__", ".", "_d", "-", "_h")
	labelChars = strings.NewReplacer(
		"#", "#35;", `"`, "#quot;", "<", "#lt;", ">", "#gt;", "`", "#96;", "\n", " ",
	)
)
