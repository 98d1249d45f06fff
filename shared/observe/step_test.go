package observe

import (
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestServerTiming(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRequest(http.Header{})
		if got := r.ServerTiming(); got != "" {
			t.Errorf("without steps: %q", got)
		}
		time.Sleep(2 * time.Millisecond)
		_, item := r.StartStep(t.Context(), "item")
		time.Sleep(10*time.Millisecond + 250*time.Microsecond)
		item.Done()
		_, price := r.StartStep(t.Context(), "price")
		price.Cached()
		price.Cached()
		price.Done()
		_, stock := r.StartStep(t.Context(), "stock")
		stock.Shared()
		stock.Retried()
		stock.Retried()
		stock.Retried()
		stock.Hedged()
		time.Sleep(1500 * time.Millisecond)
		stock.Done()

		const want = "item;start=2;dur=10.25, price;start=12.25;dur=0;cached=2, stock;start=12.25;dur=1500;shared=1;retries=3;hedged=1"
		if got := r.ServerTiming(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}

// Under -race: policies note while steps begin and end and the header is rendered.
func TestStepsRunConcurrently(t *testing.T) {
	r := NewRequest(http.Header{})
	var steps sync.WaitGroup
	for range 8 {
		steps.Go(func() {
			ctx, s := r.StartStep(t.Context(), "s")
			var calls sync.WaitGroup
			for range 4 {
				calls.Go(func() { StepFrom(ctx).Retried() })
			}
			_ = r.ServerTiming()
			calls.Wait()
			s.Done()
		})
	}
	steps.Wait()
	for _, s := range r.steps {
		if s.retries.Load() != 4 {
			t.Errorf("%d retries are noted, want 4", s.retries.Load())
		}
	}
	if len(r.steps) != 8 {
		t.Errorf("%d steps are noted, want 8", len(r.steps))
	}
}
