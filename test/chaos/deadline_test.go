package chaos_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/facet-bff/facet/test/demo/stage"
	"github.com/facet-bff/facet/test/shop/faults"
)

// soon is how fast a service learns that nobody waits for it any more. A gateway notices
// within 10 ms.
const soon = 100 * time.Millisecond

// A patient is a service that never answers, and notes what it was asked and for how long.
type patient struct {
	asked chan http.Header
	left  chan time.Time
}

func newPatient() patient {
	return patient{make(chan http.Header, 16), make(chan time.Time, 16)}
}

func (p patient) behave(v *visit) {
	if !v.received() {
		return
	}
	header := http.Header{}
	for text := range bytes.SplitSeq(v.request, []byte("\r\n")) {
		if name, value, ok := strings.Cut(string(text), ": "); ok {
			header.Set(name, value)
		}
	}
	p.asked <- header
	v.hold()
	p.left <- time.Now()
}

// wait gets what comes within a while.
func wait[T any](t *testing.T, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(10 * time.Second):
		t.Fatalf("waited in vain: %s", what)
		panic("unreachable")
	}
}

// When the client leaves, the service is left, too; and its breaker does not count it.
func TestServicesAreLeftWithTheClient(t *testing.T) {
	s := newScene(t)
	g := s.start(t, "bff-mobile", stage.Each("bff-mobile", "BREAKER__MIN_REQUESTS=5"))
	var late []time.Duration
	for _, path := range []string{"/v1/products/p%d", "/assets/products/p%d-1.svg"} {
		service := newPatient()
		s.fronts["catalog"].change(t, service.behave, "")
		for n := range 10 {
			ctx, leave := context.WithCancel(t.Context())
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, g.URL+numbered(path)(100+n), http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			gone := make(chan error, 1)
			go func() {
				response, err := client.Do(request)
				if err == nil {
					_ = response.Body.Close()
				}
				gone <- err
			}()
			wait(t, "the service is asked", service.asked)
			left := time.Now()
			leave()
			if err := wait(t, "the client is gone", gone); err == nil {
				t.Error("the client has an answer")
			}
			if took := wait(t, "the service is left", service.left).Sub(left); took > soon {
				late = append(late, took)
			}
		}
	}
	if len(late) > 5 { // a busy machine is late by itself, and not each time
		t.Errorf("of 20 times the service is left after %v", late)
	}
	if open := metric(t, g, "facet_breaker_state", `service="catalog"`); open != 0 {
		t.Errorf("the breaker counts clients who leave: %v", open)
	}
}

// When the budget is over, so is what services do for it: they were told how much it is, and
// are left then.
func TestServicesAreLeftWithTheBudget(t *testing.T) {
	const budget = 300 * time.Millisecond
	s := newScene(t)
	env := append(stage.Uncached("bff-mobile"), stage.Each("bff-mobile", "TIMEOUT__DEFAULT=2s")...)
	g := s.start(t, "bff-mobile", append(env, "FACET_ENDPOINTS__BUDGET="+budget.String()))
	service := newPatient()
	s.fronts["catalog"].change(t, service.behave, "")
	var late []time.Duration
	for n := range 5 {
		began := time.Now()
		a := ask(http.MethodGet, fmt.Sprintf("%s/v1/products/p%d", g.URL, 100+n), "", "")
		header := wait(t, "the service is asked", service.asked)
		if told, err := strconv.Atoi(header.Get("X-Request-Timeout")); err != nil || told < 1 || told > int(budget.Milliseconds()) {
			t.Errorf("the catalog is told %q ms", header.Get("X-Request-Timeout"))
		}
		if took := wait(t, "the service is left", service.left).Sub(began); took > budget+soon {
			late = append(late, took)
		} else if took < budget/2 {
			t.Errorf("the service is left after %v", took)
		}
		if a.status != http.StatusGatewayTimeout {
			t.Errorf("status %s: %s", outcome(a), a.body)
		}
	}
	if len(late) > 2 { // a busy machine is late by itself, and not each time
		t.Errorf("of 5 times the service is left after %v", late)
	}
}

// A required part that fails ends the request at once, and with it the other parts.
func TestOthersAreLeftWithARequiredPart(t *testing.T) {
	s := newScene(t)
	g := s.start(t, "bff-mobile", stage.Uncached("bff-mobile"))
	service := newPatient()
	s.fronts["pricing"].change(t, service.behave, "")
	if err := shop.Put(t.Context(), "catalog", faults.Fault{Status: 500, Delay: faults.Duration(100 * time.Millisecond)}); err != nil {
		t.Fatal(err)
	}
	a := ask(http.MethodGet, g.URL+"/v1/products/p1", "", "")
	answered := time.Now()
	if a.status != 502 || a.took > 800*time.Millisecond {
		t.Errorf("status %d after %v, of a part that took twice 100ms beside one that takes a second", a.status, a.took)
	}
	if after := wait(t, "the other part is left", service.left).Sub(answered); after > soon*tries {
		t.Errorf("the other part is left %v after the answer", after)
	}
}

// Each hop is told what is left, which is less the later it is asked.
func TestDeadlineIsPassedOn(t *testing.T) {
	const budget, before = 1500, 300 // ms, of the home screen and of its first step
	s := newScene(t)
	g := s.start(t, "bff-mobile", append(stage.Uncached("bff-mobile"), stage.Each("bff-mobile", "TIMEOUT__DEFAULT=20s")...))
	service := newPatient()
	s.fronts["catalog"].change(t, service.behave, "")
	if err := shop.Put(t.Context(), "users", faults.Fault{Delay: faults.Duration(before * time.Millisecond)}); err != nil {
		t.Fatal(err)
	}
	a := ask(http.MethodGet, g.URL+"/v1/home", token(t), "")
	header := wait(t, "the catalog is asked", service.asked)
	left, err := strconv.Atoi(header.Get("X-Request-Timeout"))
	if err != nil || left > budget-before || left < budget/4 {
		t.Errorf("the catalog is told %q ms", header.Get("X-Request-Timeout"))
	}
	if a.status != 200 || a.took > 2*budget*time.Millisecond {
		t.Errorf("status %d after %v: %s", a.status, a.took, a.body)
	}
}
