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
		send := Collapse(nil)(service.send)
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
				send := Collapse(nil)(service.send)
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
		send := Collapse(nil)(service.send)
		first, leave := within(t, 0, send)
		second, _ := within(t, 0, send)
		third, _ := within(t, 0, send)
		after(100 * millis)
		leave()
		after(2 * time.Second)
		if wantKind(t, first.err, fault.Gone); first.took != 100*millis {
			t.Errorf("the first left after %v", first.took)
		}
		for _, c := range []*call{second, third} {
			if c.err != nil || c.took != 1100*millis || service.calls() != 2 {
				t.Errorf("another: %v after %v, %d calls", c.err, c.took, service.calls())
			}
		}
	})
}

func TestALaterCallerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := takes(time.Second)
		send := Collapse(nil)(service.send)
		first, _ := within(t, 0, send)
		gone, leave := within(t, 0, send)
		late, _ := within(t, 300*millis, send)
		after(100 * millis)
		leave()
		after(time.Second)
		if wantNamed(t, gone.err, fault.Gone); gone.took != 100*millis {
			t.Errorf("left after %v", gone.took)
		}
		if wantNamed(t, late.err, fault.TooSlow); late.took != 300*millis {
			t.Errorf("out of time after %v", late.took)
		}
		if first.err != nil || first.took != time.Second || service.calls() != 1 {
			t.Errorf("the first: %v after %v, %d calls", first.err, first.took, service.calls())
		}
	})
}

// The impatient caller's deadline is nobody else's; the service's own timeout is everybody's.
func TestAPatientCallerJoinsAnImpatientOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := takes(700 * millis)
		send := backend.Chain(service.send, Collapse(nil), Timeout(TimeoutConfig{Default: time.Second}))
		impatient, _ := within(t, 100*millis, send)
		patient, _ := within(t, 5*time.Second, send)
		after(time.Second)
		wantKind(t, impatient.err, fault.TooSlow)
		if patient.err != nil || patient.took != 800*millis || service.calls() != 2 {
			t.Errorf("%v after %v, %d calls", patient.err, patient.took, service.calls())
		}

		service.answer = takes(time.Minute).answer
		first, _ := within(t, 5*time.Second, send)
		second, _ := within(t, 5*time.Second, send)
		after(5 * time.Second)
		for _, c := range []*call{first, second} {
			if wantKind(t, c.err, fault.TooSlow); c.took != time.Second || service.calls() != 3 {
				t.Errorf("the service's own timeout: %v, %d calls", c.took, service.calls())
			}
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
		send := Collapse(nil)(service.send)
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
				send := Collapse(nil)(func(ctx context.Context, _ *backend.Request) (*backend.Response, error) {
					_ = wait(ctx, time.Second)
					crash()
					return ok(), nil
				})
				first, _ := within(t, 0, send)
				second, _ := within(t, 0, send)
				after(time.Second)
				calls := []*call{first, second}
				if name == "Goexit" {
					calls = calls[1:] // the first is not there any more
				}
				for _, c := range calls {
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
	send := Collapse(nil)(func(ctx context.Context, _ *backend.Request) (*backend.Response, error) {
		got = ctx.Value(key{})
		return ok(), nil
	})
	if _, err := send(context.WithValue(t.Context(), key{}, "trace"), get()); err != nil || got != "trace" {
		t.Errorf("%v, %v", got, err)
	}
}
