package policy

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/discover"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/policy/balance"
)

// Both attempts bring an answer at the same moment. Under -race.
func TestChecksTakeTurns(t *testing.T) {
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			checks, over := 0, false
			var accepted *backend.Response
			req := get()
			req.Checker = checking(func(res *backend.Response) error {
				if checks, accepted = checks+1, res; over {
					t.Error("checked after the call returned")
				}
				return nil
			})
			asked := checked(service(attempt{late + usual, answers, false}, attempt{usual, answers, false}))
			res, err := usually(t, hedgeDefaults, metrics(), asked).send(t.Context(), req)
			if over = true; err != nil || res != accepted || checks != 1 || asked.calls() != 2 {
				t.Errorf("%v, %d checks, %d attempts", err, checks, asked.calls())
			}
		})
	}
}

// The instance whose answer came second has answered: it has not failed.
func TestComingSecondIsNoFailure(t *testing.T) {
	req := get()
	req.Checker = checking(func(*backend.Response) error { return nil })
	r := newHedge(hedgeDefaults, metrics(), nil).race(t.Context(), req)
	defer r.end()
	instances := balance.New("catalog", balance.Config{}, metrics(), discover.At("http://a", "http://b"))
	send := Balance(instances)(backend.Transport(answering{}, 1<<10, nil))
	_, first := send(r.ctx, &r.req)
	_, second := send(r.ctx, &r.req)
	if first != nil || second == nil {
		t.Fatalf("got %v and %v", first, second)
	}
	list, _ := instances.State()
	for _, s := range list {
		if s.Failures != 0 {
			t.Errorf("%+v", s)
		}
	}
}

type answering struct{}

func (answering) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, ContentLength: 2, Body: io.NopCloser(strings.NewReader("{}"))}, nil
}

// An answer that is not accepted does not keep the other from being looked at.
func TestTheOtherAnswerIsAccepted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		req := get()
		req.Checker = checking(func(res *backend.Response) error {
			if string(res.Body) == "2" {
				return errors.New("half an answer")
			}
			return nil
		})
		s := service(attempt{50 * millis, answers, false}, attempt{usual, answers, false})
		send := usually(t, hedgeDefaults, metrics(), checked(s)).send
		if res, err := send(t.Context(), req); err != nil || string(res.Body) != "1" {
			t.Errorf("got %v, %v", res, err)
		}
	})
}

// checked has its answers checked, as a transport does.
func checked(s *stub) *stub {
	c := new(stub)
	c.answer = func(ctx context.Context, n int) (*backend.Response, error) {
		c.mu.Lock()
		req := c.asked[n-1]
		c.mu.Unlock()
		res, err := s.answer(ctx, n)
		if err != nil {
			return nil, err
		}
		if err := req.Checker.Check(res); err != nil {
			return nil, &fault.Error{Kind: fault.Broken, Err: err}
		}
		return res, nil
	}
	return c
}

// paced makes calls at 400 per second, whatever each takes, and returns what they took, sorted.
func paced(t *testing.T, calls int, send backend.Sender, req func() *backend.Request) []time.Duration {
	t.Helper()
	took := make([]time.Duration, calls)
	for i := range took {
		go func() {
			began := time.Now()
			_, _ = send(t.Context(), req())
			took[i] = time.Since(began)
		}()
		time.Sleep(2500 * time.Microsecond)
	}
	after(time.Second)
	slices.Sort(took)
	return took
}

// One call in a hundred takes ten times as long as the others.
func TestTheTailIsCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const calls = 10000
		random := rand.New(rand.NewPCG(1, 2))
		var mu sync.Mutex
		s := &stub{answer: answersOrFails(func(ctx context.Context, _ int) (*backend.Response, error) {
			mu.Lock()
			takes := 4*millis + time.Duration(random.Int64N(int64(2*millis)))
			if random.IntN(100) == 0 {
				takes = 50 * millis
			}
			mu.Unlock()
			return ok(), wait(ctx, takes)
		})}
		send := newHedge(hedgeDefaults, metrics(), s.send).send
		took := paced(t, calls, send, get)
		p95, p99, p999 := took[calls*95/100], took[calls*99/100], took[calls*999/1000]
		if p95 > 6*millis || p99 > p95+6*millis || p999 > p95+7*millis {
			t.Errorf("p95 %v, p99 %v, p99.9 %v", p95, p99, p999)
		}
		if more := s.calls() - calls; more > calls*5/100 {
			t.Errorf("%d calls became %d", calls, s.calls())
		}
	})
}
