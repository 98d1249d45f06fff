package policy

import (
	"context"
	"slices"
	"testing"

	"github.com/facet-bff/facet/shared/fault"
)

func bases(s *stub) (out []string) {
	for _, req := range s.asked {
		out = append(out, req.Base)
	}
	return out
}

func TestBalanceTakesTurns(t *testing.T) {
	service := &stub{}
	send := Balance([]string{"a", "b", "c"})(service.send)
	req := get()
	for range 7 {
		if _, err := send(t.Context(), req); err != nil {
			t.Fatal(err)
		}
	}
	if got := bases(service); !slices.Equal(got, []string{"a", "b", "c", "a", "b", "c", "a"}) {
		t.Errorf("%q", got)
	}
	if req.Base != "" {
		t.Error("the request itself was changed")
	}
}

func TestAttemptsOfOneCallTakeDifferentInstances(t *testing.T) {
	service := &stub{}
	send := Balance([]string{"a", "b", "c"})(service.send)
	ctx := context.WithValue(t.Context(), triedKey{}, new(tried))
	for range 3 {
		_, _ = send(ctx, get())
		for range 2 { // other calls come in between, and it would be the first one's turn
			_, _ = send(t.Context(), get())
		}
	}
	got := []string{service.asked[0].Base, service.asked[3].Base, service.asked[6].Base}
	slices.Sort(got)
	if !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("one call's attempts went to %q", got)
	}
	if _, err := send(ctx, get()); err != nil {
		t.Errorf("with every instance tried: %v", err)
	}
}

func TestBalanceWithoutInstances(t *testing.T) {
	service := &stub{}
	_, err := Balance(nil)(service.send)(t.Context(), get())
	wantNamed(t, err, fault.Unavailable)
	if service.calls() != 0 {
		t.Error("a call was sent nowhere")
	}
}
