package policy

import (
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
)

// A key by which the service could tell that a write comes again is the client's promise to
// repeat it, not ours: the gateway repeats a write only when it was never sent.
func TestAnIdempotencyKeyMakesNoWriteSafe(t *testing.T) {
	for kind, want := range map[fault.Kind]int{fault.Broken: 1, fault.TooSlow: 1, fault.Throttled: 1, fault.Unreachable: 2} {
		synctest.Test(t, func(t *testing.T) {
			service, req := fails(kind), post()
			req.Header = headers("Idempotency-Key", `"8e03978e"`)
			_, err := newRetry(retryDefaults, service).send(t.Context(), req)
			if wantKind(t, err, kind); service.calls() != want {
				t.Errorf("%v: %d attempts, want %d", kind, service.calls(), want)
			}
		})
	}
}

// An answer that has begun is the client's, however it ends: nothing is asked again for it.
func TestAnAnswerThatHasBegunIsNotRepeated(t *testing.T) {
	service := &stub{answer: func(context.Context, int) (*backend.Response, error) {
		return &backend.Response{Status: 200, Stream: io.NopCloser(io.MultiReader(strings.NewReader("half"), broken{})), Size: 100}, nil
	}}
	config := catalog()
	config.Cache, config.Retry.Attempts = nil, 10
	send := New("catalog", config, Shared{Metrics: metrics()}).Apply(service.send)
	res, err := send(t.Context(), streamed())
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(res.Stream)
	_ = res.Stream.Close()
	if string(text) != "half" || err == nil || service.calls() != 1 {
		t.Errorf("%q, %v, %d attempts", text, err, service.calls())
	}
}
