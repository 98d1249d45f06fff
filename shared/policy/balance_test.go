package policy

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/discover"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/policy/balance"
)

func bases(s *stub) (out []string) {
	for _, req := range s.asked {
		out = append(out, req.Base)
	}
	return out
}

func among(c balance.Config, urls ...string) *balance.Balancer {
	return balance.New("catalog", c, metrics(), discover.At(urls...))
}

func TestBalanceTakesTurns(t *testing.T) {
	service := &stub{}
	send := Balance(among(balance.Config{Strategy: "round_robin"}, "a", "b", "c/"))(service.send)
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
	for _, strategy := range []string{"round_robin", "least_loaded"} {
		service := &stub{}
		send := Balance(among(balance.Config{Strategy: strategy}, "a", "b", "c"))(service.send)
		ctx := context.WithValue(t.Context(), triedKey{}, new(balance.Tried))
		for range 3 {
			_, _ = send(ctx, get())
			for range 2 { // other calls come in between, and it would be the first one's turn
				_, _ = send(t.Context(), get())
			}
		}
		got := []string{service.asked[0].Base, service.asked[3].Base, service.asked[6].Base}
		slices.Sort(got)
		if !slices.Equal(got, []string{"a", "b", "c"}) {
			t.Errorf("%s: one call's attempts went to %q", strategy, got)
		}
		if _, err := send(ctx, get()); err != nil {
			t.Errorf("with every instance tried: %v", err)
		}
	}
}

func TestBalanceWithoutInstances(t *testing.T) {
	service := &stub{}
	_, err := Balance(among(balance.Config{}))(service.send)(t.Context(), get())
	wantNamed(t, err, fault.Unavailable)
	if service.calls() != 0 {
		t.Error("a call was sent nowhere")
	}
}

func TestAStreamKeepsItsInstanceBusy(t *testing.T) {
	service := &stub{answer: func(context.Context, int) (*backend.Response, error) {
		return &backend.Response{Status: 200, Stream: io.NopCloser(strings.NewReader("x"))}, nil
	}}
	instances := among(balance.Config{}, "a", "b")
	res, err := Balance(instances)(service.send)(t.Context(), streamed())
	if err != nil {
		t.Fatal(err)
	}
	busy := func() (n int64) {
		list, _ := instances.State()
		for _, s := range list {
			n += s.InFlight
		}
		return n
	}
	if busy() != 1 {
		t.Errorf("%d are under way", busy())
	}
	for range 2 {
		_ = res.Stream.Close()
	}
	if busy() != 0 {
		t.Errorf("%d are under way when it is closed", busy())
	}
}

func TestACallThatPanicsIsOver(t *testing.T) {
	instances := among(balance.Config{}, "a", "b")
	send := Balance(instances)(func(context.Context, *backend.Request) (*backend.Response, error) { panic("a bug") })
	func() {
		defer func() { _ = recover() }()
		_, _ = send(t.Context(), get())
	}()
	list, _ := instances.State()
	for _, s := range list {
		if s.InFlight != 0 || s.Failures != 0 {
			t.Errorf("%+v", s)
		}
	}
}

func TestOneInstanceCostsNothing(t *testing.T) {
	answer := ok()
	send := Balance(among(balance.Config{}, "a"))(func(context.Context, *backend.Request) (*backend.Response, error) { return answer, nil })
	more := Balance(among(balance.Config{}, "a", "b"))(func(context.Context, *backend.Request) (*backend.Response, error) { return answer, nil })
	for name, send := range map[string]backend.Sender{"one": send, "two": more} {
		if n := testing.AllocsPerRun(100, func() { _, _ = send(t.Context(), get()) }); n > 2 { // the request, and its copy
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
