package policy

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
)

// A slow service streams its answer after a while, and counts its calls.
type slow struct {
	took    time.Duration
	control string
	vary    string
	fail    bool
	calls   atomic.Int64
}

func (s *slow) send(ctx context.Context, req *backend.Request) (*backend.Response, error) {
	s.calls.Add(1)
	if err := wait(ctx, s.took); err != nil {
		return nil, err
	}
	if s.fail {
		return nil, &fault.Error{Kind: fault.Broken}
	}
	text := "for " + req.Header.Get("X-Plain") + req.Header.Get("Cookie")
	h := headers("Cache-Control", s.control)
	if s.vary != "" {
		h.Set("Vary", s.vary)
	}
	return &backend.Response{Status: http.StatusOK, Header: h, Stream: &body{Reader: strings.NewReader(text)}, Size: int64(len(text))}, nil
}

// crowd has many clients ask at once, each with its headers. It returns how long the last waited.
func crowd(t *testing.T, send backend.Sender, clients int, pairs func(i int) []string) (texts []string, failures int, took time.Duration) {
	t.Helper()
	began := time.Now()
	texts = make([]string, clients)
	var failed atomic.Int64
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() {
			req := streamed()
			req.Header = headers(pairs(i)...)
			res, err := send(t.Context(), req)
			if err != nil {
				failed.Add(1)
				return
			}
			texts[i] = read(t, res)
		})
	}
	wg.Wait()
	return texts, int(failed.Load()), time.Since(began)
}

func same(int) []string { return []string{"X-Plain", "a"} }

// A route's cold answer is fetched once, whoever asks for it meanwhile.
func TestARoutesAnswerIsFetchedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := &slow{took: time.Second, control: "max-age=60"}
		texts, failures, took := crowd(t, caching(t, cacheDefaults, metrics(), service.send), 200, same)
		for _, text := range texts {
			if text != "for a" {
				t.Fatalf("%q", text)
			}
		}
		if n := service.calls.Load(); n != 1 || failures != 0 || took != time.Second {
			t.Errorf("%d calls, %d failures, %v", n, failures, took)
		}
	})
}

func TestWhoWaitsForWhatIsNotKeptDoesSoOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := &slow{took: time.Second, control: "no-store"}
		send := caching(t, cacheDefaults, metrics(), service.send)
		for i, want := range []time.Duration{2 * time.Second, time.Second, time.Second} {
			if _, failures, took := crowd(t, send, 10, same); failures != 0 || took != want {
				t.Errorf("the crowd %d: %d failures, %v", i, failures, took)
			}
		}
		if n := service.calls.Load(); n != 30 {
			t.Errorf("%d calls", n)
		}
	})
}

func TestNobodyWaitsForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := &slow{took: time.Minute, control: "max-age=60"}
		_, failures, took := crowd(t, caching(t, cacheDefaults, metrics(), service.send), 5, same)
		if n := service.calls.Load(); n != 5 || failures != 0 || took != time.Minute+longWait {
			t.Errorf("%d calls, %d failures, %v", n, failures, took)
		}
	})
}

func TestAFailureIsSharedByThoseWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := &slow{took: time.Second, fail: true}
		_, failures, _ := crowd(t, caching(t, cacheDefaults, metrics(), service.send), 50, same)
		if n := service.calls.Load(); n != 1 || failures != 50 {
			t.Errorf("%d calls, %d failures", n, failures)
		}
	})
}

// Nobody gets another variant, or another's answer, for having waited for it.
func TestWhoWaitsGetsWhatIsHis(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, s := range map[string]*slow{
			"X-Plain": {took: time.Second, control: "max-age=60", vary: "X-Plain"},
			"Cookie":  {took: time.Second, control: "max-age=60"},
		} {
			texts, _, _ := crowd(t, caching(t, cacheDefaults, metrics(), s.send), 20, func(i int) []string {
				return []string{name, string(rune('a' + i%4))}
			})
			for i, text := range texts {
				if want := "for " + string(rune('a'+i%4)); text != want {
					t.Errorf("%s: %q, want %q", name, text, want)
				}
			}
		}
	})
}

// When the one who makes the call goes, or has no more time, another one makes it.
func TestAnotherMakesTheCallWhenItsMakerGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := &slow{took: time.Second, control: "max-age=60"}
		send := caching(t, cacheDefaults, metrics(), service.send)
		ctx, cancel := context.WithTimeout(t.Context(), 500*millis)
		defer cancel()
		hasty := make(chan error, 1)
		go func() {
			_, err := send(ctx, streamed())
			hasty <- err
		}()
		synctest.Wait()
		late := make(chan error)
		go func() { // has less time than the call takes
			_, err := send(backend.WithDeadline(t.Context(), time.Now().Add(200*millis)), streamed())
			late <- err
		}()
		wantKind(t, <-late, fault.TooSlow)
		_, failures, took := crowd(t, send, 10, func(int) []string { return nil })
		if n := service.calls.Load(); n != 2 || failures != 0 || took != 1300*millis {
			t.Errorf("%d calls, %d failures, %v", n, failures, took)
		}
		wantKind(t, <-hasty, fault.TooSlow)
	})
}
