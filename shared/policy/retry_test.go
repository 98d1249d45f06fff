package policy

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/observe/observetest"
)

var retryDefaults = RetryConfig{Attempts: 2, Base: 25 * millis, Max: 250 * millis, BudgetRatio: 0.1, MinPerSecond: 3}

// newRetry retries after exactly the backoff, without jitter.
func newRetry(c RetryConfig, service *stub) *retry {
	return &retry{
		RetryConfig: c, budget: c.budget(), metrics: metrics(), next: service.send,
		jitter: func(d time.Duration) time.Duration { return d },
	}
}

func TestWhatIsRetried(t *testing.T) {
	upload := get()
	upload.Upload = strings.NewReader("once")
	for kind := fault.Bug; kind <= fault.Gone; kind++ {
		t.Run(kind.String(), func(t *testing.T) {
			want := map[string]int{"safe": 1, "unsafe": 1, "upload": 1}
			switch kind {
			case fault.Unreachable:
				want["safe"], want["unsafe"] = 2, 2
			case fault.Broken, fault.TooSlow, fault.Throttled:
				want["safe"] = 2
			}
			for name, req := range map[string]*backend.Request{"safe": get(), "unsafe": post(), "upload": upload} {
				synctest.Test(t, func(t *testing.T) {
					service := fails(kind)
					_, err := newRetry(retryDefaults, service).send(t.Context(), req)
					wantKind(t, err, kind)
					if service.calls() != want[name] {
						t.Errorf("%s: %d attempts, want %d", name, service.calls(), want[name])
					}
				})
			}
		})
	}
}

func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := retryDefaults
		config.Attempts, config.MinPerSecond = 7, 100
		var at []time.Duration
		begin := time.Now()
		service := &stub{answer: func(context.Context, int) (*backend.Response, error) {
			at = append(at, time.Since(begin))
			return nil, &fault.Error{Kind: fault.Broken}
		}}
		_, _ = newRetry(config, service).send(t.Context(), get())
		next := time.Duration(0)
		for i, pause := range []int{0, 25, 50, 100, 200, 250, 250} {
			if next += time.Duration(pause) * millis; at[i] != next {
				t.Errorf("attempt %d after %v, want %v", i+1, at[i], next)
			}
		}
	})
}

func TestJitterIsFull(t *testing.T) {
	least, most := time.Hour, time.Duration(0)
	for range 2000 {
		d := upTo(100)
		least, most = min(least, d), max(most, d)
	}
	if least != 0 || most != 100 {
		t.Errorf("jitter of 100ns between %v and %v", least, most)
	}
}

func TestRetriesAndTheDeadline(t *testing.T) {
	for _, c := range []struct {
		name       string
		kind       fault.Kind
		retryAfter time.Duration
		deadline   time.Duration
		attempts   int
		took       time.Duration
	}{
		{"no deadline", fault.Broken, 0, 0, 2, 25 * millis},
		{"fits", fault.Broken, 0, 26 * millis, 2, 25 * millis},
		{"no time for another attempt", fault.Broken, 0, 25 * millis, 1, 0},
		{"after Retry-After", fault.Throttled, 2 * time.Second, 3 * time.Second, 2, 2025 * millis},
		{"Retry-After does not fit", fault.Throttled, 2 * time.Second, 2 * time.Second, 1, 0},
		{"Retry-After without a deadline", fault.Throttled, time.Hour, 0, 1, 0},
		{"a broken service's Retry-After", fault.Broken, time.Second, 3 * time.Second, 2, 1025 * millis},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				service := &stub{answer: func(context.Context, int) (*backend.Response, error) {
					return nil, &fault.Error{Kind: c.kind, RetryAfter: c.retryAfter}
				}}
				ctx := t.Context()
				if c.deadline > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, c.deadline)
					defer cancel()
				}
				begin := time.Now()
				_, err := newRetry(retryDefaults, service).send(ctx, get())
				wantKind(t, err, c.kind) // the last failure, not the deadline
				if took := time.Since(begin); took != c.took || service.calls() != c.attempts {
					t.Errorf("%d attempts in %v, want %d in %v", service.calls(), took, c.attempts, c.took)
				}
			})
		})
	}
}

func TestTheCallerGoesWhileARetryWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := fails(fault.Broken)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(10*millis, cancel)
		begin := time.Now()
		_, err := newRetry(retryDefaults, service).send(ctx, get())
		wantNamed(t, err, fault.Gone)
		if took := time.Since(begin); took != 10*millis || service.calls() != 1 {
			t.Errorf("%d attempts in %v", service.calls(), took)
		}
	})
}

func TestTheSecondAttemptAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := &stub{answer: func(_ context.Context, n int) (*backend.Response, error) {
			if n == 1 {
				return nil, &fault.Error{Kind: fault.Broken}
			}
			return ok(), nil
		}}
		notes := observe.NewRequest(nil)
		ctx, step := notes.StartStep(t.Context(), "product")
		r := newRetry(retryDefaults, service)
		if _, err := r.send(ctx, get()); err != nil {
			t.Fatal(err)
		}
		step.Done()
		if timing := notes.ServerTiming(); !strings.Contains(timing, "retries=1") {
			t.Errorf("Server-Timing: %s", timing)
		}
		if n := observetest.Sum(t, r.metrics.Registry(), "facet_service_retries_total", "catalog"); n != 1 {
			t.Errorf("%v retries counted", n)
		}
	})
}

func TestTheRetryBudget(t *testing.T) {
	for _, c := range []struct {
		name        string
		config      RetryConfig
		calls       int
		every       time.Duration
		least, most int // retries
	}{
		{"a share of the traffic", RetryConfig{Attempts: 2, BudgetRatio: 0.1}, 1000, millis, 99, 100},
		{"so many per second", RetryConfig{Attempts: 2, MinPerSecond: 3}, 1000, 10 * millis, 30, 33},
		{"the larger of both, the share", RetryConfig{Attempts: 2, BudgetRatio: 0.1, MinPerSecond: 3}, 1000, 10 * millis, 99, 100},
		{"the larger of both, so many per second", RetryConfig{Attempts: 2, BudgetRatio: 0.1, MinPerSecond: 3}, 100, 100 * millis, 28, 30},
		{"more attempts do not get more", RetryConfig{Attempts: 5, BudgetRatio: 0.1, MinPerSecond: 3}, 1000, 10 * millis, 99, 100},
		{"little traffic is not limited", RetryConfig{Attempts: 2, MinPerSecond: 3}, 20, time.Second, 20, 20},
		{"none", RetryConfig{Attempts: 2}, 100, time.Second, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				service := fails(fault.Broken)
				r := newRetry(c.config, service)
				for range c.calls {
					_, _ = r.send(t.Context(), get())
					time.Sleep(c.every)
				}
				if n := service.calls() - c.calls; n < c.least || n > c.most {
					t.Errorf("%d retries, want %d to %d", n, c.least, c.most)
				}
			})
		})
	}
}

func TestAQuietHourDoesNotPayForAStorm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := fails(fault.Broken)
		r := newRetry(RetryConfig{Attempts: 2, MinPerSecond: 3}, service)
		time.Sleep(time.Hour)
		for range 100 {
			_, _ = r.send(t.Context(), get())
		}
		if n := service.calls() - 100; n != 3 {
			t.Errorf("%d retries", n)
		}
	})
}

func TestARetryThatIsOff(t *testing.T) {
	if Retry(RetryConfig{Attempts: 1}, metrics()) != nil {
		t.Error("one attempt made a retry")
	}
}
