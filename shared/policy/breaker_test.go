package policy

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/observe/observetest"
)

var breakerDefaults = BreakerConfig{
	Window: 10 * time.Second, MinRequests: 20, FailureRatio: 0.5, OpenFor: 5 * time.Second, HalfOpen: 3,
}

// A patient is a breaker around a service whose next answer the test decides.
type patient struct {
	*breaker
	service *stub
	fault   error // nil succeeds
}

func newPatient() *patient {
	p := &patient{service: &stub{}}
	p.service.answer = func(context.Context, int) (*backend.Response, error) {
		if p.fault != nil {
			return nil, p.fault
		}
		return ok(), nil
	}
	p.breaker = newBreaker("catalog", classRead, breakerDefaults, metrics(), p.service.send)
	return p
}

// call makes n calls that end with that kind; Bug stands for success.
func (p *patient) call(ctx context.Context, n int, kind fault.Kind) (err error) {
	p.fault = nil
	if kind != fault.Bug {
		p.fault = &fault.Error{Kind: kind}
	}
	for range n {
		_, err = p.send(ctx, get())
	}
	return err
}

const success = fault.Bug

func TestWhatOpensABreaker(t *testing.T) {
	for kind := fault.Bug; kind <= fault.Gone; kind++ {
		t.Run(kind.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPatient()
				for range 20 {
					p.fault = &fault.Error{Kind: kind}
					_, _ = p.send(t.Context(), get())
				}
				if open := p.cb.State() == gobreaker.StateOpen; open != kind.Counted() {
					t.Errorf("open: %v", open)
				}
				n := p.cb.Counts()
				neither := kind == fault.Shed || kind == fault.Gone || kind == fault.Unavailable || kind == fault.Invalid || kind == fault.Bug
				if !kind.Counted() && neither != (n.TotalExclusions == 20) {
					t.Errorf("%+v", n)
				}
				if !kind.Counted() && neither == (n.TotalSuccesses == 20) {
					t.Errorf("%+v", n)
				}
			})
		})
	}
}

func TestTheBreakersWindow(t *testing.T) {
	const s = time.Second
	type calls struct {
		n     int
		kind  fault.Kind
		sleep time.Duration // afterwards
	}
	for _, c := range []struct {
		name  string
		calls []calls
		open  bool
	}{
		{"too few", []calls{{19, fault.Broken, 0}}, false},
		{"enough", []calls{{20, fault.Broken, 0}}, true},
		{"below the ratio", []calls{{11, success, 0}, {10, fault.Broken, 0}}, false},
		{"at the ratio", []calls{{10, success, 0}, {10, fault.Broken, 0}}, true},
		{"a success does not open", []calls{{19, fault.Broken, 0}, {1, success, 0}}, false},
		{"excluded calls are no calls", []calls{{30, fault.Gone, 0}, {19, fault.Broken, 0}}, false},
		{"within the window", []calls{{10, fault.Broken, 9 * s}, {10, fault.Broken, 0}}, true},
		{"out of the window", []calls{{10, fault.Broken, 10 * s}, {10, fault.Broken, 0}}, false},
		{"the window rolls", []calls{{10, success, 5 * s}, {10, success, 5 * s}, {10, fault.Broken, 0}}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPatient()
				for _, one := range c.calls {
					_ = p.call(t.Context(), one.n, one.kind)
					time.Sleep(one.sleep)
				}
				if open := p.cb.State() == gobreaker.StateOpen; open != c.open {
					t.Errorf("open: %v, counts %+v", open, p.cb.Counts())
				}
			})
		})
	}
}

func TestAnOpenBreakerRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPatient()
		_ = p.call(t.Context(), 20, fault.Broken)
		for _, c := range []struct{ sleep, retryAfter time.Duration }{
			{0, 5 * time.Second},
			{1500 * millis, 4 * time.Second},
			{3400 * millis, time.Second},
		} {
			time.Sleep(c.sleep)
			err := p.call(t.Context(), 1, success)
			wantNamed(t, err, fault.Unavailable)
			if f := fault.From(err); f.RetryAfter != c.retryAfter {
				t.Errorf("Retry-After %v, want %v", f.RetryAfter, c.retryAfter)
			}
		}
		if n := p.service.calls(); n != 20 {
			t.Errorf("%d calls were sent", n)
		}
	})
}

func TestProbes(t *testing.T) {
	for _, c := range []struct {
		name   string
		probes []fault.Kind
		want   gobreaker.State
	}{
		{"all succeed", []fault.Kind{success, success, success}, gobreaker.StateClosed},
		{"not yet all", []fault.Kind{success, success}, gobreaker.StateHalfOpen},
		{"one fails", []fault.Kind{success, success, fault.TooSlow}, gobreaker.StateOpen},
		{"an answer is a success", []fault.Kind{fault.Rejected, fault.Throttled, success}, gobreaker.StateClosed},
		{"cancelled ones do not use up the probes", []fault.Kind{fault.Gone, fault.Gone, fault.Gone, fault.Gone}, gobreaker.StateHalfOpen},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPatient()
				_ = p.call(t.Context(), 20, fault.Broken)
				time.Sleep(breakerDefaults.OpenFor + 1)
				for _, kind := range c.probes {
					_ = p.call(t.Context(), 1, kind)
				}
				if n := p.service.calls(); n != 20+len(c.probes) {
					t.Errorf("%d probes were sent", n-20)
				}
				if got := p.cb.State(); got != c.want {
					t.Errorf("state %v, want %v", got, c.want)
				}
			})
		})
	}
}

func TestMoreProbesThanAllowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPatient()
		_ = p.call(t.Context(), 20, fault.Broken)
		time.Sleep(breakerDefaults.OpenFor + 1)
		p.service.answer = takes(time.Second).answer
		var calls []*call
		for range 5 {
			calls = append(calls, start(t.Context(), p.send, get()))
		}
		after(2 * time.Second)
		for i, c := range calls {
			if i < 3 && c.err != nil {
				t.Errorf("probe %d: %v", i, c.err)
			}
			if i >= 3 {
				wantNamed(t, c.err, fault.Unavailable)
				if f := fault.From(c.err); f.RetryAfter != time.Second {
					t.Errorf("Retry-After %v", f.RetryAfter)
				}
			}
		}
		if p.cb.State() != gobreaker.StateClosed {
			t.Error("three good probes did not close it")
		}
	})
}

func TestPanicsDoNotWedgeABreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPatient()
		_ = p.call(t.Context(), 20, fault.Broken)
		time.Sleep(breakerDefaults.OpenFor + 1)
		good := p.service.answer
		p.service.answer = func(context.Context, int) (*backend.Response, error) { panic("bug") }
		for range 5 {
			func() {
				defer func() {
					if recover() == nil {
						t.Error("the panic was swallowed")
					}
				}()
				_, _ = p.send(t.Context(), get())
			}()
		}
		p.service.answer = good
		if err := p.call(t.Context(), 3, success); err != nil || p.cb.State() != gobreaker.StateClosed {
			t.Errorf("%v, state %v", err, p.cb.State())
		}
	})
}

func TestTheBreakersMetric(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, service := metrics(), fails(fault.Broken)
		send := Breaker("catalog", breakerDefaults, nil, m)(service.send)
		state := func() float64 { return observetest.Sum(t, m.Registry(), "facet_breaker_state", "catalog", "read") }
		if state() != 0 {
			t.Errorf("at first %v", state())
		}
		for range 20 {
			_, _ = send(t.Context(), get())
		}
		if state() != 2 {
			t.Errorf("open is %v", state())
		}
		time.Sleep(breakerDefaults.OpenFor + 1)
		service.answer = nil
		if _, err := send(t.Context(), get()); err != nil || state() != 1 {
			t.Errorf("%v; half-open is %v", err, state())
		}
	})
}

func TestABreakerThatIsOff(t *testing.T) {
	if Breaker("catalog", BreakerConfig{}, nil, metrics()) != nil {
		t.Error("min_requests 0 made a breaker")
	}
}

func TestABreakerPassesErrorsOn(t *testing.T) {
	p := newPatient()
	p.fault = errors.Join(&fault.Error{Kind: fault.Broken}, errors.New("more"))
	if _, err := p.send(t.Context(), get()); err != p.fault {
		t.Errorf("got %v", err)
	}
}
