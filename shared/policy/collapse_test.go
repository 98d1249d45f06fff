package policy

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/observe"
)

// within starts a call that may take d; 0 is for ever.
func within(t *testing.T, d time.Duration, send backend.Sender) (*call, context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	if d > 0 {
		ctx, cancel = context.WithTimeout(t.Context(), d)
	}
	t.Cleanup(cancel)
	return start(ctx, send, get()), cancel
}

func TestEqualCallsAreOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := takes(time.Second)
		send := Collapse()(service.send)
		notes := observe.NewRequest(nil)
		ctx, step := notes.StartStep(t.Context(), "product")
		var calls []*call
		for range 200 {
			calls = append(calls, start(ctx, send, get()))
		}
		after(time.Second)
		for _, c := range calls {
			if c.err != nil || c.took != time.Second {
				t.Fatalf("%v after %v", c.err, c.took)
			}
		}
		if service.calls() != 1 {
			t.Errorf("%d calls", service.calls())
		}
		step.Done()
		if timing := notes.ServerTiming(); !strings.Contains(timing, "shared=199") {
			t.Errorf("Server-Timing: %s", timing)
		}
		if _, err := send(t.Context(), get()); err != nil || service.calls() != 2 {
			t.Errorf("afterwards: %v, %d calls", err, service.calls())
		}
	})
}

func TestWhatIsNotCollapsed(t *testing.T) {
	with := func(change func(*backend.Request)) *backend.Request {
		req := get()
		change(req)
		return req
	}
	for _, c := range []struct {
		name string
		req  *backend.Request
		want int // of two such calls and another one
	}{
		{"equal", get(), 1},
		{"another path", with(func(r *backend.Request) { r.Path = "/p/2" }), 2},
		{"another caller", with(func(r *backend.Request) { r.Caller = "alice" }), 2},
		{"unsafe", post(), 3},
		{"a stream", with(func(r *backend.Request) { r.Stream = true }), 3},
		{"an upload", with(func(r *backend.Request) { r.Upload = strings.NewReader("") }), 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				service := takes(time.Second)
				send := Collapse()(service.send)
				for _, req := range []*backend.Request{get(), c.req, c.req} {
					start(t.Context(), send, req)
				}
				after(time.Second)
				if service.calls() != c.want {
					t.Errorf("%d calls, want %d", service.calls(), c.want)
				}
			})
		})
	}
}

func TestTheFirstCallerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := takes(time.Second)
		send := Collapse()(service.send)
		first, leave := within(t, 0, send)
		second, _ := within(t, 0, send)
		after(100 * millis)
		leave()
		after(time.Second)
		if wantNamed(t, first.err, fault.Gone); first.took != 100*millis {
			t.Errorf("the first left after %v", first.took)
		}
		if second.err != nil || second.took != time.Second || service.calls() != 1 {
			t.Errorf("the second: %v after %v, %d calls", second.err, second.took, service.calls())
		}
	})
}

func TestTheLastCallerEndsTheFlight(t *testing.T) {
	for _, c := range []struct {
		name string
		last time.Duration // the second caller's time; 0: it is cancelled at 1 s
		want fault.Kind    // what the transport sees
	}{
		{"cancelled", 0, fault.Gone},
		{"out of time", time.Second, fault.TooSlow},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var flight error
				var ended time.Duration
				begin := time.Now()
				send := Collapse()(func(ctx context.Context, _ *backend.Request) (*backend.Response, error) {
					ctx, cancel := context.WithCancel(ctx) // as a policy may
					defer cancel()
					flight = wait(ctx, time.Hour)
					ended = time.Since(begin)
					return nil, flight
				})
				first, _ := within(t, 500*millis, send)
				second, cancel := within(t, c.last, send)
				after(time.Second)
				cancel()
				synctest.Wait()
				wantNamed(t, first.err, fault.TooSlow)
				wantNamed(t, second.err, c.want)
				wantKind(t, flight, c.want)
				if ended != time.Second {
					t.Errorf("the flight ended after %v", ended)
				}
				third, _ := within(t, time.Second, send) // does not join what has ended
				after(time.Second)
				if third.took != time.Second {
					t.Errorf("the next call took %v", third.took)
				}
			})
		})
	}
}

func TestAFlightsDeadlineIsTheLatest(t *testing.T) {
	for _, c := range []struct {
		name    string
		callers []time.Duration // 0: no deadline
		want    time.Duration
	}{
		{"one", []time.Duration{time.Second}, time.Second},
		{"none", []time.Duration{0}, 0},
		{"a later one", []time.Duration{time.Second, 3 * time.Second}, 3 * time.Second},
		{"an earlier one", []time.Duration{3 * time.Second, time.Second}, 3 * time.Second},
		{"one without", []time.Duration{time.Second, 0, 2 * time.Second}, 0},
		{"the first without", []time.Duration{0, time.Second}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var got time.Duration
				begin := time.Now()
				send := Collapse()(func(ctx context.Context, _ *backend.Request) (*backend.Response, error) {
					err := wait(ctx, 500*millis)
					if at, bounded := ctx.Deadline(); bounded {
						got = at.Sub(begin)
					}
					return ok(), err
				})
				for _, d := range c.callers {
					within(t, d, send)
				}
				after(500 * millis)
				if got != c.want {
					t.Errorf("deadline %v, want %v", got, c.want)
				}
			})
		})
	}
}

// The impatient caller's deadline must not reach through timeout to the patient one.
func TestAPatientCallerJoinsAnImpatientOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := takes(700 * millis)
		send := backend.Chain(service.send, Collapse(), Timeout(TimeoutConfig{Default: time.Second}))
		impatient, _ := within(t, 100*millis, send)
		patient, _ := within(t, 5*time.Second, send)
		after(time.Second)
		wantKind(t, impatient.err, fault.TooSlow)
		if patient.err != nil || patient.took != 700*millis || service.calls() != 1 {
			t.Errorf("%v after %v, %d calls", patient.err, patient.took, service.calls())
		}

		service.answer = takes(time.Minute).answer
		within(t, 100*millis, send)
		patient, _ = within(t, 5*time.Second, send)
		after(5 * time.Second)
		if wantKind(t, patient.err, fault.TooSlow); patient.took != time.Second {
			t.Errorf("the service's own timeout was lost: %v", patient.took)
		}
	})
}

func TestAFailureIsSharedAndNotRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := &stub{answer: func(ctx context.Context, n int) (*backend.Response, error) {
			if n > 1 {
				return ok(), nil
			}
			_ = wait(ctx, time.Second)
			return nil, &fault.Error{Kind: fault.Broken}
		}}
		send := Collapse()(service.send)
		first, _ := within(t, 0, send)
		second, _ := within(t, 0, send)
		after(time.Second)
		wantKind(t, first.err, fault.Broken)
		wantKind(t, second.err, fault.Broken)
		if _, err := send(t.Context(), get()); err != nil {
			t.Errorf("remembered: %v", err)
		}
	})
}

func TestAFlightThatCrashes(t *testing.T) {
	for name, crash := range map[string]func(){
		"panic": func() { panic("secret") }, "Goexit": runtime.Goexit,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				send := Collapse()(func(ctx context.Context, _ *backend.Request) (*backend.Response, error) {
					_ = wait(ctx, time.Second)
					crash()
					return ok(), nil
				})
				first, _ := within(t, 0, send)
				second, _ := within(t, 0, send)
				after(time.Second)
				for _, c := range []*call{first, second} {
					wantNamed(t, c.err, fault.Bug)
					if f := fault.From(c.err); f.Detail != "" {
						t.Errorf("the client is told %q", f.Detail)
					}
				}
			})
		})
	}
}

func TestAFlightHasTheFirstCallersValues(t *testing.T) {
	type key struct{}
	var got any
	send := Collapse()(func(ctx context.Context, _ *backend.Request) (*backend.Response, error) {
		got = ctx.Value(key{})
		return ok(), nil
	})
	if _, err := send(context.WithValue(t.Context(), key{}, "trace"), get()); err != nil || got != "trace" {
		t.Errorf("%v, %v", got, err)
	}
}
