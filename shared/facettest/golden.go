package facettest

import (
	"cmp"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// Golden holds a response and the calls that it caused against testdata/NAME.golden.
// go test -update rewrites the file; its difference is for a reviewer to read.
func (k *Kit) Golden(name string, r *Response) {
	k.T.Helper()
	k.GoldenText(name+".golden", r.String())
}

// GoldenText holds any text against a file in testdata.
func (k *Kit) GoldenText(file, got string) {
	k.T.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			k.T.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			k.T.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		k.T.Fatalf("%v; go test -update writes it", err)
	}
	if got != string(want) {
		k.T.Errorf("%s has changed; if that is right, go test -update and review the difference\n%s", path, difference(string(want), got))
	}
}

// Diagrams holds the drawings of all compositions against testdata/diagrams.mmd.
func (k *Kit) Diagrams() {
	k.T.Helper()
	var b strings.Builder
	for _, e := range k.Gateway.Endpoints() {
		fmt.Fprintf(&b, "%%%% %s %s: %s\n%s\n", e.Method, e.Path, e.Plan.Name, e.Plan.Mermaid())
	}
	k.GoldenText("diagrams.mmd", b.String())
}

// shownHeaders are those that golden files show. The others change from run to run.
var shownHeaders = []string{"Cache-Control", "Content-Type", "Facet-Degraded", "Retry-After", "Vary", "Www-Authenticate"}

// String shows the response, and of a success the calls, as a golden file does.
func (r *Response) String() string {
	var b strings.Builder
	who := "nobody"
	if r.request.User != "" {
		who = r.request.User
	}
	fmt.Fprintf(&b, "%s %s as %s\n-> %d\n", cmp.Or(r.request.Method, http.MethodGet), r.request.Path, who, r.Status)
	for _, name := range shownHeaders {
		for _, value := range r.Header[name] {
			fmt.Fprintf(&b, "%s: %s\n", name, value)
		}
	}
	body := jsontext.Value(slices.Clone(r.Body))
	if err := body.Indent(jsontext.WithIndent("  ")); err != nil {
		body = r.Body
	}
	body = jsontext.Value(withoutInstance(string(body)))
	fmt.Fprintf(&b, "\n%s\n", body)
	if r.Status >= http.StatusBadRequest {
		return b.String() // which calls had set out when one failed is a matter of chance
	}
	b.WriteString("\ncalls\n")
	lines := make([]string, len(r.calls))
	for i, c := range r.calls {
		lines[i] = fmt.Sprintf("%s: %s %s %s\n", c.Step, c.Service, c.Method, c.Path)
	}
	slices.Sort(lines) // steps that overlap arrive in any order
	b.WriteString(strings.Join(lines, ""))
	return b.String()
}

// withoutInstance hides the id of the request, which is new in every run.
func withoutInstance(body string) string {
	const key = `"instance": "urn:facet:request:`
	before, rest, ok := strings.Cut(body, key)
	if !ok {
		return body
	}
	_, after, _ := strings.Cut(rest, `"`)
	return before + key + `..."` + after
}

// difference shows the first lines in which two texts differ.
func difference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(w), len(g)) {
		if i >= len(w) || i >= len(g) || w[i] != g[i] {
			from := max(0, i-3)
			return fmt.Sprintf("line %d\nwant:\n%s\ngot:\n%s", i+1,
				strings.Join(w[from:min(len(w), i+8)], "\n"), strings.Join(g[from:min(len(g), i+8)], "\n"))
		}
	}
	return ""
}
