package services_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/cache"
	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/policy"
	"github.com/facet-bff/facet/shared/services"
)

// slowly is a service that answers at once, and once it has done so only when its caller gives up.
type slowly struct {
	calls atomic.Int64
	gone  atomic.Int64
}

func (s *slowly) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.calls.Add(1) > 1 {
		<-r.Context().Done()
		s.gone.Add(1)
		return nil, context.Cause(r.Context())
	}
	w := httptest.NewRecorder()
	w.Header().Set("Cache-Control", "max-age=1, stale-while-revalidate=60")
	_, _ = w.WriteString("1")
	return w.Result(), nil
}

// What is fetched anew in the background ends with the services, and before what it needs.
func TestClosingEndsWhatIsFetchedAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := &slowly{}
		running, err := services.Open(
			services.Config{
				Services: map[string]policy.Service{"catalog": {
					URL: "http://catalog", Connections: backend.Connections{MaxResponse: 100}, Timeout: policy.TimeoutConfig{Default: time.Hour}, Cache: &policy.CacheConfig{MaxEntry: 100},
				}},
				Cache: cache.Config{MaxBytes: 1 << 20},
			},
			services.Options{
				Metrics:      observe.NewMetrics("test"),
				RoundTripper: func(string, backend.Connections) http.RoundTripper { return service },
			},
		)
		if err != nil {
			t.Fatal(err)
		}
		op := backend.GET[struct{}, int](running.Calls().Get("catalog"), "count", "/count")
		for range 3 {
			if n, err := op.Call(t.Context(), struct{}{}); n != 1 || err != nil {
				t.Fatalf("%d, %v", n, err)
			}
			time.Sleep(2 * time.Second)
		}
		if service.calls.Load() != 2 || service.gone.Load() != 0 {
			t.Errorf("%d calls, of which %d ended", service.calls.Load(), service.gone.Load())
		}
		began := time.Now()
		running.Close()
		if service.gone.Load() != 1 || time.Since(began) != 0 {
			t.Errorf("it went on for %v", time.Since(began))
		}
	})
}
