package observe

import (
	"net/http"
	"strings"
	"testing"
)

func TestRequestID(t *testing.T) {
	for _, sane := range []string{"a", "7F3a-b_c.d", strings.Repeat("x", 128)} {
		if got := NewRequest(http.Header{RequestIDHeader: {sane}}).ID; got != sane {
			t.Errorf("%q became %q", sane, got)
		}
	}
	insane := []string{
		"", strings.Repeat("x", 129), "a b", "a\r\nSet-Cookie: x=1", "a\n", "a\x00", "a;b", `a"b`, "a/b", "a:b", "a%0d", "é", "\xff", "<script>",
	}
	seen := make(map[string]bool)
	for _, id := range insane {
		got := NewRequest(http.Header{RequestIDHeader: {id}}).ID
		if got == id || !saneID(got) || seen[got] {
			t.Errorf("%q became %q", id, got)
		}
		seen[got] = true
	}
}

func TestOutgoing(t *testing.T) {
	r := NewRequest(http.Header{RequestIDHeader: {"r1"}, traceparent: {"00-" + id + "-" + span + "-01"}})
	h := http.Header{RequestIDHeader: {"forged"}, traceparent: {"forged"}}
	Outgoing(NewContext(t.Context(), r), h)
	if got := h[RequestIDHeader]; len(got) != 1 || got[0] != "r1" {
		t.Errorf("request id %q", got)
	}
	parent := h.Get(traceparent)
	if !strings.HasPrefix(parent, "00-"+id) || parent == r.Trace.String() {
		t.Errorf("traceparent %q in the trace %s", parent, r.Trace)
	}
}

func TestOutsideOfARequest(t *testing.T) {
	ctx, h := t.Context(), http.Header{}
	Outgoing(ctx, h)
	r := FromContext(ctx)
	if r != nil || len(h) != 0 || r.RequestID() != "" || r.ServerTiming() != "" {
		t.Error("a request is noted where there is none")
	}
	stepCtx, s := r.StartStep(ctx, "a")
	if stepCtx != ctx || s.Done() <= 0 {
		t.Error("a step is noted where there is no request, or not timed")
	}
	none := StepFrom(ctx)
	none.Cached() // and none of these panics
	none.Shared()
	none.Retried()
	none.Hedged()
	if none != nil || none.Name() != "" || none.Done() != 0 {
		t.Error("there is a step where none has begun")
	}
}

func TestContext(t *testing.T) {
	r := NewRequest(http.Header{})
	ctx := NewContext(t.Context(), r)
	if FromContext(ctx) != r || r.RequestID() != r.ID {
		t.Error("the request is lost")
	}
	ctx, s := r.StartStep(ctx, "reviews")
	if StepFrom(ctx) != s || s.Name() != "reviews" || FromContext(ctx) != r {
		t.Error("the step is lost")
	}
}
