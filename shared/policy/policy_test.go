package policy

import (
	"context"
	"math"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/discover"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/identity"
	"github.com/facet-bff/facet/shared/observe/observetest"
)

// catalog is a service as the defaults make it, on two instances.
func catalog() Service {
	return Service{
		Instances: discover.At("http://a", "http://b"),
		Timeout:   TimeoutConfig{Default: time.Second},
		Cache:     &CacheConfig{TTL: time.Minute, MaxEntry: 1 << 20},
		Retry:     retryDefaults,
		Breaker:   breakerDefaults,
		Limit:     LimitConfig{Concurrent: 128, MaxWait: 100 * millis},
	}
}

func TestTheOrder(t *testing.T) {
	var order []string
	place := func(name string) backend.Policy {
		return func(next backend.Sender) backend.Sender {
			return func(ctx context.Context, req *backend.Request) (*backend.Response, error) {
				order = append(order, name)
				return next(ctx, req)
			}
		}
	}
	set := Set{
		Balance: place("balance"), Hedge: place("hedge"), Timeout: place("timeout"), Limit: place("limit"), Breaker: place("breaker"),
		Measure: place("measure"), Retry: place("retry"), Fill: place("fill"), Collapse: place("collapse"),
		Deadline: place("deadline"), Cache: place("cache"), Credentials: place("credentials"),
	}
	_, _ = set.Apply((&stub{}).send)(t.Context(), get())
	want := "credentials cache deadline collapse fill retry measure breaker limit timeout hedge balance"
	if got := strings.Join(order, " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	order = nil
	if _, err := (Set{}).Apply((&stub{}).send)(t.Context(), get()); err != nil {
		t.Errorf("an empty set: %v", err)
	}
}

func TestAnOpenBreakerHidesNoAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, service := metrics(), &stub{}
		send := New("catalog", catalog(), Shared{Store: newStore(t), Metrics: m}).Apply(service.send)
		if _, err := send(t.Context(), get()); err != nil {
			t.Fatal(err)
		}
		service.answer = fails(fault.Broken).answer
		other := get()
		other.Path = "/p/2"
		for range 40 {
			_, _ = send(t.Context(), other)
		}
		if _, err := send(t.Context(), other); fault.From(err).Kind != fault.Unavailable {
			t.Fatalf("the breaker is not open: %v", err)
		}
		if res, err := send(t.Context(), get()); err != nil || string(res.Body) != "answer" {
			t.Errorf("the kept answer: %v", err)
		}
	})
}

func TestARetryTakesAnotherInstance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := &stub{}
		var dead atomic.Int32
		transport := func(ctx context.Context, req *backend.Request) (*backend.Response, error) {
			if req.Base == "http://a" {
				dead.Add(1)
				return nil, &fault.Error{Kind: fault.Unreachable}
			}
			return service.send(ctx, req)
		}
		config := catalog()
		config.Retry.MinPerSecond = 1000
		config.Breaker.MinRequests = 0
		send := New("catalog", config, Shared{Store: newStore(t), Metrics: metrics()}).Apply(transport)
		var calls []*call
		for range 50 { // at the same time, so that one's retry may fall on another's turn
			calls = append(calls, start(t.Context(), send, post()))
		}
		after(time.Second)
		for _, c := range calls {
			if c.err != nil {
				t.Error(c.err)
			}
		}
		if dead.Load() == 0 {
			t.Error("no call met the dead instance")
		}
	})
}

func TestIdenticalCallsOnAColdCache(t *testing.T) {
	for name, takes := range map[string]time.Duration{"slow": 500 * millis, "instant": 0} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var asked atomic.Int32
				transport := func(ctx context.Context, _ *backend.Request) (*backend.Response, error) {
					asked.Add(1)
					return ok(), wait(ctx, takes)
				}
				send := New("catalog", catalog(), Shared{Store: newStore(t), Metrics: metrics()}).Apply(transport)
				var failed atomic.Int32
				for range 200 {
					go func() {
						if _, err := send(t.Context(), get()); err != nil {
							failed.Add(1)
						}
					}()
				}
				after(2 * time.Second)
				if asked.Load() != 1 || failed.Load() != 0 {
					t.Errorf("%d calls, %d failures", asked.Load(), failed.Load())
				}
			})
		})
	}
}

func TestACancelledSiblingIsNotCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b *breaker
		set := New("catalog", catalog(), Shared{Store: newStore(t), Metrics: metrics()})
		set.Breaker = func(next backend.Sender) backend.Sender {
			b = newBreaker("catalog", classRead, breakerDefaults, metrics(), next)
			return b.send
		}
		send := set.Apply(takes(time.Minute).send)
		for _, req := range []*backend.Request{get(), post(), streamed()} {
			ctx, cancel := context.WithCancel(t.Context())
			c := start(ctx, send, req)
			cancel()
			synctest.Wait()
			wantKind(t, c.err, fault.Gone)
		}
		if n := b.cb.Counts(); n.TotalFailures != 0 || n.TotalSuccesses != 0 || n.TotalExclusions != 3 {
			t.Errorf("%+v", n)
		}
	})
}

// Callers whose budget is shorter than the service's timeout, and who share a flight, must
// not keep the breaker from seeing that the service hangs.
func TestAHangingServiceIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := metrics()
		send := New("catalog", catalog(), Shared{Store: newStore(t), Metrics: m}).Apply(takes(time.Hour).send)
		for range 20 {
			first, _ := within(t, 200*millis, send)
			second, _ := within(t, 200*millis, send)
			after(200 * millis)
			wantKind(t, first.err, fault.TooSlow)
			wantKind(t, second.err, fault.TooSlow)
		}
		if state := observetest.Sum(t, m.Registry(), "facet_breaker_state", "read"); state != 2 {
			t.Errorf("the breaker's state is %v", state)
		}
	})
}

func TestRetriesAmplifyLittle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const calls, seconds = 2000, 10
		config := catalog()
		config.Retry.Attempts = 5
		config.Breaker.MinRequests = 0
		service := fails(fault.Broken)
		send := New("catalog", config, Shared{Store: newStore(t), Metrics: metrics()}).Apply(service.send)
		for range calls {
			go func() { _, _ = send(t.Context(), unshared()) }()
			time.Sleep(seconds * time.Second / calls)
		}
		after(time.Second)
		most := int(math.Ceil(1.1*calls + 3*(seconds+1)))
		if n := service.calls(); n <= calls || n > most {
			t.Errorf("%d calls became %d attempts, want at most %d", calls, n, most)
		}
	})
}

// unshared is safe, and never shared: its path is its own.
var number atomic.Int64

func unshared() *backend.Request {
	req := get()
	req.Path = "/p/" + time.Duration(number.Add(1)).String()
	return req
}

func TestCallersShareNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := catalog()
		config.Credentials = "caller"
		config.Cache.Ops = only("product", time.Minute)
		transport := func(ctx context.Context, req *backend.Request) (*backend.Response, error) {
			answer := ok()
			answer.Body = []byte(req.Header.Get("Authorization"))
			return answer, wait(ctx, 500*millis)
		}
		send := New("catalog", config, Shared{Store: newStore(t), Metrics: metrics()}).Apply(transport)
		for range 2 { // from a flight, then from the cache
			got := make([]string, 20)
			for i := range got {
				go func() {
					caller := principal("https://id", "user", string(rune('a'+i%5)))
					if res, err := send(identity.NewContext(t.Context(), caller), get()); err == nil {
						got[i] = string(res.Body)
					}
				}()
			}
			after(time.Second)
			for i, answer := range got {
				if want := "Bearer " + string(rune('a'+i%5)); answer != want {
					t.Errorf("caller %d got %q, want %q", i, answer, want)
				}
			}
		}
	})
}
