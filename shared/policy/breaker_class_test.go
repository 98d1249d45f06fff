package policy

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/observe/observetest"
)

// classes are a service's breakers around a stub, as New makes them.
type classes struct {
	send     backend.Sender
	service  *stub
	breakers Breakers
	metrics  *observe.Metrics
}

func newClasses(c BreakerConfig) *classes {
	s := &classes{service: &stub{}, metrics: metrics()}
	s.send = Breaker("catalog", c, &s.breakers, s.metrics)(s.service.send)
	return s
}

// fail makes the service fail those n calls.
func (s *classes) fail(ctx context.Context, n int, req *backend.Request) {
	s.service.answer = fails(fault.Broken).answer
	for range n {
		_, _ = s.send(ctx, req)
	}
	s.service.answer = nil
}

func (s *classes) states() (out []string) {
	for _, b := range s.breakers.States() {
		out = append(out, b.Class+" "+b.State)
	}
	return out
}

func TestFailingWritesDoNotKeepReadsAway(t *testing.T) {
	for _, c := range []struct {
		fail, other *backend.Request
		want        []string
	}{
		{post(), get(), []string{"read closed", "write open"}},
		{get(), post(), []string{"read open", "write closed"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newClasses(breakerDefaults)
			s.fail(t.Context(), 20, c.fail)
			_, err := s.send(t.Context(), c.fail)
			wantNamed(t, err, fault.Unavailable)
			if _, err := s.send(t.Context(), c.other); err != nil {
				t.Errorf("the other class: %v", err)
			}
			if got := s.states(); !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
			if open := observetest.Sum(t, s.metrics.Registry(), "facet_breaker_state"); open != 2 {
				t.Errorf("the metric says %v in sum", open)
			}
		})
	}
}

func TestAForcedBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newClasses(breakerDefaults)
		force := func(class, state string) {
			t.Helper()
			if err := s.breakers.Force("catalog", class, state); err != nil {
				t.Fatal(err)
			}
		}
		metric := func(name, class string) float64 { return observetest.Sum(t, s.metrics.Registry(), name, class) }

		force("read", "open")
		_, err := s.send(t.Context(), get())
		wantNamed(t, err, fault.Unavailable)
		if f := fault.From(err); f.RetryAfter != 5*time.Second || s.service.calls() != 0 {
			t.Errorf("Retry-After %v, %d calls", f.RetryAfter, s.service.calls())
		}
		if metric("facet_breaker_state", "read") != 2 || metric("facet_breaker_forced", "read") != 1 || metric("facet_breaker_forced", "write") != 0 {
			t.Error("the metrics do not say that it is forced open")
		}
		time.Sleep(time.Hour) // no time ends it
		if _, err = s.send(t.Context(), get()); err == nil {
			t.Error("it has closed by itself")
		}
		if _, err := s.send(t.Context(), post()); err != nil {
			t.Errorf("the other class: %v", err)
		}

		force("", "closed")
		s.fail(t.Context(), 40, get())
		if _, err := s.send(t.Context(), get()); err != nil {
			t.Errorf("forced closed: %v", err)
		}
		if got := s.states(); !slices.Equal(got, []string{"read closed", "write closed"}) {
			t.Errorf("%q", got)
		}

		force("", "auto") // what was counted meanwhile holds
		_, err = s.send(t.Context(), get())
		wantNamed(t, err, fault.Unavailable)
		if metric("facet_breaker_state", "read") != 2 || metric("facet_breaker_forced", "read") != 0 {
			t.Error("the metrics do not say that it is open, and not forced")
		}
	})
}

func TestSlowCallsOpenABreaker(t *testing.T) {
	const quick, slow = 100 * millis, 700 * millis
	config := breakerDefaults
	config.Slow = &SlowConfig{After: 500 * millis, Ratio: 0.8}
	type calls struct {
		n     int
		takes time.Duration
		kind  fault.Kind
	}
	for _, c := range []struct {
		name  string
		calls []calls
		open  bool
	}{
		{"all slow", []calls{{20, slow, success}}, true},
		{"too few", []calls{{19, slow, success}}, false},
		{"below the ratio", []calls{{5, quick, success}, {15, slow, success}}, false},
		{"at the ratio", []calls{{4, quick, success}, {16, slow, success}}, true},
		{"slow rejections", []calls{{20, slow, fault.Rejected}}, true},
		{"neither ratio alone", []calls{{9, quick, fault.Broken}, {11, slow, success}}, false},
		{"calls that the caller gave up", []calls{{30, slow, fault.Gone}}, false},
		{"quick", []calls{{100, quick, success}}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newClasses(config)
				for _, one := range c.calls {
					s.service.answer = func(context.Context, int) (*backend.Response, error) {
						time.Sleep(one.takes)
						if one.kind != success {
							return nil, &fault.Error{Kind: one.kind}
						}
						return ok(), nil
					}
					for range one.n {
						go func() { _, _ = s.send(t.Context(), get()) }()
						time.Sleep(10 * millis)
					}
					after(time.Second)
				}
				if open := s.breakers.States()[0].State == "open"; open != c.open {
					t.Errorf("%+v", s.breakers.States()[0])
				}
			})
		})
	}
}

func TestSlowProbesKeepABreakerOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := breakerDefaults
		config.Slow = &SlowConfig{After: 500 * millis, Ratio: 0.8}
		s := newClasses(config)
		s.fail(t.Context(), 20, get())
		time.Sleep(config.OpenFor + 1)
		s.service.answer = takes(600 * millis).answer
		if _, err := s.send(t.Context(), get()); err != nil {
			t.Errorf("the probe's caller has its answer: %v", err)
		}
		if got := s.breakers.States()[0].State; got != "open" {
			t.Errorf("after a slow probe it is %s", got)
		}
		time.Sleep(config.OpenFor + 1)
		s.service.answer = nil
		for range 3 {
			_, _ = s.send(t.Context(), get())
		}
		if got := s.breakers.States()[0].State; got != "closed" {
			t.Errorf("after quick probes it is %s", got)
		}
	})
}

func TestTheWindowOfSlowCallsRolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := breakerDefaults
		config.Slow = &SlowConfig{After: 500 * millis, Ratio: 0.8}
		s := newSlowness(config)
		for range 19 {
			s.note(true)
		}
		time.Sleep(config.Window - 1)
		if s.note(true); !s.tooMany() {
			t.Error("calls within the window are forgotten")
		}
		time.Sleep(time.Nanosecond)
		if s.note(true); s.tooMany() {
			t.Error("calls out of the window are remembered")
		}
		time.Sleep(time.Hour)
		if s.note(true); s.tooMany() {
			t.Error("calls of an hour ago are remembered")
		}
	})
}

// However many callers come at once, a recovering service gets exactly its probes.
func TestExactlySoManyProbes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, n := range []uint32{1, 3, 10} {
			config := breakerDefaults
			config.HalfOpen = n
			s := newClasses(config)
			s.fail(t.Context(), 20, get())
			before := s.service.calls()
			time.Sleep(config.OpenFor + 1)
			s.service.answer = takes(time.Second).answer
			for range 200 {
				go func() { _, _ = s.send(t.Context(), get()) }()
			}
			synctest.Wait()
			if probes := s.service.calls() - before; probes != int(n) {
				t.Errorf("%d probes, want %d", probes, n)
			}
			after(2 * time.Second)
			if got := s.breakers.States()[0]; got.State != gobreaker.StateClosed.String() {
				t.Errorf("%+v", got)
			}
		}
	})
}
