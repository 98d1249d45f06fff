package e2e_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// A service that only fails is left alone, and found again when it has recovered.
func TestBreaker(t *testing.T) {
	tests := []struct {
		service, call string
		failing, open int // statuses
		degraded      string
	}{
		{"pricing", "pricing GET /prices/{product}", 200, 200, "price;reason="},
		{"catalog", "catalog GET /products/{id}", 502, 503, ""},
	}
	for _, test := range tests {
		t.Run(test.service, func(t *testing.T) {
			mobile := start(t, "bff-mobile", append(each("bff-mobile", "BREAKER__MIN_REQUESTS=10"), each("bff-mobile", "BREAKER__OPEN_FOR=2s")...)...)
			breakService(t, test.service, `{"status":500}`)
			sku := 100
			ask := func() answer {
				sku++
				return get(t, fmt.Sprintf("%s/v1/products/p%d", mobile.url, sku))
			}
			for range 20 {
				if a := ask(); a.status != test.failing && a.status != test.open {
					t.Fatalf("status %d: %s", a.status, a.body)
				}
			}
			reached := calls(t)[test.call]
			a := ask()
			if a.status != test.open || test.degraded != "" && a.degraded() != test.degraded+"unavailable" {
				t.Errorf("the breaker is open: status %d, degraded %q", a.status, a.degraded())
			}
			if after, err := strconv.Atoi(a.header.Get("Retry-After")); a.status == 503 && (err != nil || after < 1) {
				t.Errorf("Retry-After is %q", a.header.Get("Retry-After"))
			}
			if now := calls(t)[test.call]; now != reached || reached < 10 || reached > 20 {
				t.Errorf("%d calls reached the service, then %d", reached, now)
			}
			mend(t)
			eventually(t, "the service is asked again", func() bool {
				a := ask()
				return a.status == 200 && a.degraded() == ""
			})
		})
	}
}

// Refusals are answers: they open no breaker.
func TestRefusalsOpenNoBreaker(t *testing.T) {
	mobile := start(t, "bff-mobile", each("bff-mobile", "BREAKER__MIN_REQUESTS=5")...)
	for n := range 20 {
		if a := get(t, fmt.Sprintf("%s/v1/products/none%d", mobile.url, n)); a.status != 404 {
			t.Fatalf("status %d", a.status)
		}
	}
	ok(t, mobile.url+"/v1/products/p1")
}

// An operator takes a service away, and gives it back.
func TestABreakerIsForced(t *testing.T) {
	mobile := start(t, "bff-mobile")
	force := func(body string) {
		t.Helper()
		a := send(t, "PUT", mobile.management+"/services/pricing/breaker", jsonBody(body))
		if a.status != 200 {
			t.Fatalf("status %d: %s", a.status, a.body)
		}
	}
	force(`{"state":"open"}`)
	if a := get(t, mobile.url+"/v1/products/p301"); a.status != 200 || a.degraded() != "price;reason=unavailable" {
		t.Errorf("forced open: status %d, degraded %q", a.status, a.degraded())
	}
	if n := calls(t)["pricing GET /prices/{product}"]; n > 0 {
		t.Errorf("%d calls reached the service", n)
	}
	for _, want := range []string{
		`facet_breaker_state{class="read",gateway="bff-mobile",service="pricing"} 2`,
		`facet_breaker_forced{class="read",gateway="bff-mobile",service="pricing"} 1`,
	} {
		if metrics := get(t, mobile.management+"/metrics").body; !strings.Contains(metrics, want) {
			t.Errorf("no %s", want)
		}
	}
	force(`{"state":"auto"}`)
	if a := get(t, mobile.url+"/v1/products/p301"); a.degraded() != "" {
		t.Errorf("given back: degraded %q", a.degraded())
	}
}
