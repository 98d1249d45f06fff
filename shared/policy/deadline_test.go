package policy

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/observe/observetest"
)

// stepping is a context in which calls are those of a step.
func stepping(ctx context.Context, optional bool) context.Context {
	ctx, step := observe.NewRequest(nil).StartStep(ctx, "part")
	if optional {
		step.MayFail()
	}
	return ctx
}

func TestALateCallIsNotStarted(t *testing.T) {
	const usually = 200 * millis
	nearly := usually - 30*millis
	for _, c := range []struct {
		name     string
		optional bool
		left     time.Duration // 0: no deadline
		req      *backend.Request
		started  bool
	}{
		{"no chance", true, nearly, get(), false},
		{"a chance", true, 2 * usually, get(), true},
		{"no deadline", true, 0, get(), true},
		{"required", false, nearly, get(), true},
		{"it may change something", true, nearly, post(), true},
		{"a stream", true, nearly, streamed(), true},
		{"an operation that nobody has called", true, nearly, &backend.Request{Service: "catalog", Op: "new", Safe: true}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				service := takes(usually)
				send := Deadline()(service.send)
				for range 10 {
					_, _ = send(t.Context(), get())
				}
				after(lookEvery)
				ctx := stepping(t.Context(), c.optional)
				if c.left > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, c.left)
					defer cancel()
				}
				began := time.Now()
				_, err := send(ctx, c.req)
				if started := service.calls() == 11; started != c.started {
					t.Errorf("started: %v", started)
				}
				if !c.started {
					wantNamed(t, err, fault.TooSlow)
					if took := time.Since(began); took != 0 {
						t.Errorf("it took %v to refuse", took)
					}
				}
			})
		})
	}
}

// What is known of an operation is of the last seconds: a service that has become quick
// again, or slow, is believed.
func TestLateCallsAreTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := takes(500 * millis)
		send := Deadline()(service.send)
		for range 10 {
			_, _ = send(t.Context(), get())
		}
		after(lookEvery)
		late := func() error {
			ctx, cancel := context.WithTimeout(stepping(t.Context(), true), 100*millis)
			defer cancel()
			_, err := send(ctx, get())
			return err
		}
		if late() == nil || service.calls() != 10 {
			t.Error("a late call was started")
		}
		service.answer = nil
		time.Sleep(3 * windowTime)
		if err := late(); err != nil || service.calls() != 11 {
			t.Errorf("after a while: %v", err)
		}
	})
}

// In the whole chain: the answer that is there needs no time, a refusal is neither retried
// nor counted against the service, and who shares the call does not share the refusal.
func TestALateCallInTheChain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service, m := takes(200*millis), metrics()
		send := New("catalog", catalog(), Shared{Store: newStore(t), Metrics: m}).Apply(service.send)
		for range 10 {
			_, _ = send(t.Context(), unshared())
		}
		_, _ = send(t.Context(), get())
		after(lookEvery)
		ctx, cancel := context.WithTimeout(stepping(t.Context(), true), 100*millis)
		defer cancel()
		if _, err := send(ctx, get()); err != nil {
			t.Errorf("from the cache: %v", err)
		}
		req := unshared()
		_, err := send(ctx, req)
		wantNamed(t, err, fault.TooSlow)
		if n := observetest.Sum(t, m.Registry(), "facet_service_retries_total"); n != 0 || service.calls() != 11 {
			t.Errorf("%v retries, %d calls", n, service.calls())
		}
	})
}

// Each attempt tells the service what is left of the request's time, or of the attempt's.
func TestEachHopIsToldWhatIsLeft(t *testing.T) {
	for _, c := range []struct{ budget, first, second time.Duration }{
		{600 * millis, 400 * millis, 350 * millis},
		{500 * millis, 400 * millis, 250 * millis},
		{time.Minute, 400 * millis, 400 * millis},
	} {
		synctest.Test(t, func(t *testing.T) {
			config := catalog()
			config.Cache, config.Timeout.Default = nil, 400*millis
			var told []time.Duration
			service := trip(func(r *http.Request) (*http.Response, error) {
				left, _ := strconv.Atoi(r.Header.Get("X-Request-Timeout"))
				told = append(told, time.Duration(left)*millis)
				time.Sleep(250 * millis)
				return &http.Response{StatusCode: 500, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("")), Request: r}, nil
			})
			send := New("catalog", config, Shared{Metrics: metrics()}).Apply(backend.Transport(service, 1<<10, nil))
			ctx, cancel := context.WithTimeout(t.Context(), c.budget)
			defer cancel()
			_, _ = send(ctx, get())
			// Before the second attempt there is a pause of up to 25 ms.
			if len(told) != 2 || told[0] != c.first || told[1] > c.second || told[1] < c.second-26*millis {
				t.Errorf("%v: told %v", c.budget, told)
			}
		})
	}
}

// A trip is a RoundTripper.
type trip func(*http.Request) (*http.Response, error)

func (f trip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// With every call failing, the service gets a tenth more than its traffic, three calls per
// second, and the hedges: whatever way it fails, and however often a call may be retried.
func TestWorstCaseAmplification(t *testing.T) {
	const calls, every = 5000, 2 * millis
	for _, c := range []struct {
		name    string
		service *stub
		breaker bool
	}{
		{"errors", fails(fault.Broken), false},
		{"no connection", fails(fault.Unreachable), false},
		{"throttled", fails(fault.Throttled), false},
		{"hangs", takes(time.Hour), false},
		{"hangs, and was quick before", &stub{answer: func(ctx context.Context, n int) (*backend.Response, error) {
			if n <= 500 {
				return takes(10*millis).answer(ctx, n)
			}
			return takes(time.Hour).answer(ctx, n)
		}}, false},
		{"errors, behind the breaker", fails(fault.Broken), true},
		{"hangs, behind the breaker", takes(time.Hour), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				config, m := catalog(), metrics()
				config.Retry.Attempts, config.Hedge, config.Limit.Concurrent = 10, &hedgeDefaults, 0
				config.Timeout.Default = 300 * millis
				if !c.breaker {
					config.Breaker.MinRequests = 0
				}
				send := New("catalog", config, Shared{Store: newStore(t), Metrics: m}).Apply(c.service.send)
				began := time.Now()
				for range calls {
					go func() {
						ctx, cancel := context.WithTimeout(t.Context(), time.Second)
						defer cancel()
						_, _ = send(ctx, unshared())
					}()
					time.Sleep(every)
				}
				after(2 * time.Second)
				seconds, hedges := time.Since(began).Seconds(), observetest.Sum(t, m.Registry(), "facet_service_hedges_total")
				made := float64(c.service.calls())
				if most := 1.1*calls + 3*(seconds+1) + hedges; made > most {
					t.Errorf("%d calls became %v attempts, more than %v", calls, made, most)
				}
				if c.breaker != (made < calls) {
					t.Errorf("%d calls became %v attempts", calls, made)
				}
				if strings.Contains(c.name, "quick") && hedges == 0 {
					t.Error("nothing was hedged")
				}
				t.Logf("%.3f attempts per call, %v of them hedges", made/calls, hedges)
			})
		})
	}
}
