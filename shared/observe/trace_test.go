package observe

import (
	"net/http"
	"strings"
	"testing"
)

const (
	id   = "0af7651916cd43dd8448eb211c80319c"
	span = "b7ad6b7169203331"
)

func TestReadTrace(t *testing.T) {
	for name, c := range map[string]struct {
		header []string
		flags  string // of the trace that is continued; empty: a new one is begun
	}{
		"sampled":                 {[]string{"00-" + id + "-" + span + "-01"}, "01"},
		"not sampled":             {[]string{"00-" + id + "-" + span + "-00"}, "00"},
		"flags of later levels":   {[]string{"00-" + id + "-" + span + "-ff"}, "01"},
		"later version":           {[]string{"cc-" + id + "-" + span + "-01"}, "01"},
		"later version, longer":   {[]string{"cc-" + id + "-" + span + "-01-what-comes"}, "01"},
		"later version, run on":   {[]string{"cc-" + id + "-" + span + "-01x"}, ""},
		"none":                    {nil, ""},
		"two":                     {[]string{"00-" + id + "-" + span + "-01", "00-" + id + "-" + span + "-01"}, ""},
		"version 00, longer":      {[]string{"00-" + id + "-" + span + "-01-more"}, ""},
		"version ff":              {[]string{"ff-" + id + "-" + span + "-01"}, ""},
		"version no number":       {[]string{"0x-" + id + "-" + span + "-01"}, ""},
		"uppercase":               {[]string{"00-" + strings.ToUpper(id) + "-" + span + "-01"}, ""},
		"uppercase span":          {[]string{"00-" + id + "-" + strings.ToUpper(span) + "-01"}, ""},
		"uppercase flags":         {[]string{"00-" + id + "-" + span + "-0A"}, ""},
		"zero trace id":           {[]string{"00-" + strings.Repeat("0", 32) + "-" + span + "-01"}, ""},
		"zero span id":            {[]string{"00-" + id + "-" + strings.Repeat("0", 16) + "-01"}, ""},
		"too short":               {[]string{"00-" + id + "-" + span + "-1"}, ""},
		"empty":                   {[]string{""}, ""},
		"other separators":        {[]string{"00_" + id + "_" + span + "_01"}, ""},
		"space before":            {[]string{" 00-" + id + "-" + span + "-01"}, ""},
		"not hexadecimal, though": {[]string{"00-" + id[:31] + "g-" + span + "-01"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := ReadTrace(http.Header{traceparent: c.header, tracestate: {"a=1"}})
			parts := strings.Split(got.String(), "-")
			if len(parts) != 4 || parts[0] != "00" || len(parts[1]) != 32 || len(parts[2]) != 16 {
				t.Fatalf("malformed: %s", got)
			}
			if parts[1] != got.ID() || strings.Trim(parts[1], "0") == "" || strings.Trim(parts[2], "0") == "" {
				t.Errorf("ids: %s", got)
			}
			if parts[2] == span {
				t.Error("the span is the caller's")
			}
			if c.flags == "" {
				if parts[1] == id || parts[3] != "00" || got.state != "" {
					t.Errorf("something of the refused trace is kept: %s %q", got, got.state)
				}
			} else if parts[1] != id || parts[3] != c.flags || got.state != "a=1" {
				t.Errorf("not continued: %s %q", got, got.state)
			}
		})
	}
}

func TestTraceState(t *testing.T) {
	longest := "a=" + strings.Repeat("x", maxTraceState-2)
	for name, c := range map[string]struct {
		in   []string
		want string
	}{
		"none":         {nil, ""},
		"passed on":    {[]string{"rojo=1,congo=t61"}, "rojo=1,congo=t61"},
		"two lines":    {[]string{"rojo=1", "congo=2"}, "rojo=1,congo=2"},
		"longest":      {[]string{longest}, longest},
		"too long":     {[]string{longest + "x"}, ""},
		"two too long": {[]string{longest, "b=1"}, ""},
	} {
		in := http.Header{traceparent: {"00-" + id + "-" + span + "-01"}, tracestate: c.in}
		out := http.Header{tracestate: {"stale=1"}}
		ReadTrace(in).Write(out)
		if got := out.Get(tracestate); got != c.want {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestEveryCallHasItsOwnSpan(t *testing.T) {
	trace := ReadTrace(http.Header{traceparent: {"00-" + id + "-" + span + "-01"}})
	seen := map[string]bool{trace.String(): true}
	for range 100 {
		out := http.Header{}
		trace.Write(out)
		parent := out.Get(traceparent)
		if seen[parent] || !strings.HasPrefix(parent, "00-"+id+"-") || !strings.HasSuffix(parent, "-01") {
			t.Fatalf("got %s", parent)
		}
		seen[parent] = true
	}
}

func TestZeroTraceWritesNothing(t *testing.T) {
	out := http.Header{}
	Trace{}.Write(out)
	if len(out) != 0 || (Trace{}).ID() != strings.Repeat("0", 32) {
		t.Errorf("got %v", out)
	}
}

// Whatever a client sends, what goes out is a valid traceparent.
func FuzzReadTrace(f *testing.F) {
	f.Add("00-" + id + "-" + span + "-01")
	f.Add("cc-" + id + "-" + span + "-01-more")
	f.Add("")
	f.Fuzz(func(t *testing.T, header string) {
		out := http.Header{}
		ReadTrace(http.Header{traceparent: {header}}).Write(out)
		if _, ok := parseTraceparent(out[traceparent]); !ok {
			t.Errorf("%q became %q", header, out[traceparent])
		}
	})
}
